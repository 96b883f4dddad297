"""Shapes of applications and their review."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from backend.applications.people import RELATIONS
from backend.applications.policy import LEVELS
from backend.applications.queue import VIEWS
from backend.applications.review import DECISIONS
from backend.lifecycles.application import ApplicationStatus
from backend.schemas.base import Choice, Day, Entries, Int, PageQuery, RowId, Schema, Str, listing
from backend.schemas.corrections import (
    ClosedCorrectionSchema,
    CorrectionSchema,
    DefectSchema,
    NoteSchema,
    ProposalSchema,
    QuestionSchema,
    SecondSchema,
    TouchedSchema,
)

STATUSES = tuple(status.value for status in ApplicationStatus)
ID_TYPES = ("resident_id", "hmt_permit", "foreign_pr", "passport", "other")


class BeginSchema(Schema):
    service_item = Str(max_length=64, required=True)
    region = Str(max_length=12, required=True)


class AnswersSchema(Schema):
    #: Checked question by question against the item's form.
    answers = ma.fields.Dict(keys=Str(max_length=64), values=ma.fields.Raw(allow_none=True), required=True)


class MandateSchema(Schema):
    relation = Choice(RELATIONS, required=True)
    name = Str(max_length=50, required=True)
    id_type = Choice(ID_TYPES, required=True)
    id_number = Str(max_length=30, required=True)
    mobile = Str(max_length=20, load_default=None, allow_none=True)


class ApplicationsQuery(PageQuery):
    status = Choice(STATUSES, load_default=None)


class ProgressSchema(Schema):
    number = Str(max_length=24, required=True)
    mobile_last4 = Str(max_length=4, required=True)


class DecisionSchema(SecondSchema):
    decision = Choice(DECISIONS, required=True)
    note = Str(max_length=2000, multiline=True, blank=True, load_default="")
    items = ma.fields.List(ma.fields.Nested(DefectSchema), load_default=list, validate=Entries(max=50))
    due_on = Day(load_default=None, allow_none=True)
    fence = Int(low=0, high=2**31 - 1, required=True)


class ReopeningSchema(Schema):
    reason = Str(max_length=2000, multiline=True, required=True)


class QueueQuery(PageQuery):
    status = Choice(STATUSES, load_default=None)
    region = ma.fields.String(load_default=None, validate=ma.validate.Regexp(r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$"))
    service_item = ma.fields.String(load_default=None, validate=ma.validate.Length(min=1, max=64))
    owner = Choice(("me", "none"), load_default=None)
    due = Choice(("overdue", "soon"), load_default=None)
    sort = Choice(("due",), load_default="due")
    turn = Choice(("mine",), load_default=None)
    view = Choice(tuple(VIEWS), load_default=None)
    level = Choice((*LEVELS, "any"), load_default=None)
    older_than_days = Int(low=1, high=3650, query=True, load_default=None)


class OwnerSchema(Schema):
    """An office and a post, never a clerk's name."""

    office = ma.fields.String()
    post = ma.fields.String()


class MaterialSchema(Schema):
    id = RowId()
    material = ma.fields.String()
    label = ma.fields.String()
    name = ma.fields.String(allow_none=True)
    type = ma.fields.String()
    size = ma.fields.Integer()
    created_at = ma.fields.AwareDateTime()


class ApplicationCardSchema(Schema):
    id = RowId()
    number = ma.fields.String(allow_none=True)
    service_item = ma.fields.String()
    service_item_version = ma.fields.Integer()
    service_name = ma.fields.String()
    region = ma.fields.String()
    status = ma.fields.String(metadata={"enum": list(STATUSES)})
    status_label = ma.fields.String()
    ended_as = ma.fields.String(allow_none=True)
    version = ma.fields.Integer()
    created_at = ma.fields.AwareDateTime()
    submitted_at = ma.fields.AwareDateTime(allow_none=True)
    updated_at = ma.fields.AwareDateTime()
    due_on = ma.fields.Date(allow_none=True)
    expires_at = ma.fields.AwareDateTime(allow_none=True)
    allowed_actions = ma.fields.List(ma.fields.String())


class EventSchema(Schema):
    at = ma.fields.AwareDateTime()
    event = ma.fields.String()
    label = ma.fields.String()
    status = ma.fields.String()
    by = ma.fields.String(allow_none=True)
    note = ma.fields.String(allow_none=True)


class StepSchema(Schema):
    level = ma.fields.String()
    label = ma.fields.String()
    office = ma.fields.String(allow_none=True)
    state = ma.fields.String(metadata={"enum": ["done", "now", "next"]})
    #: Of a notice that stands: its last day.
    until = ma.fields.Date()


class ApplicationSchema(ApplicationCardSchema):
    answers = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Raw())
    #: What the account knows for questions that are not answered yet.
    suggested = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Raw())
    materials = ma.fields.List(ma.fields.Nested(MaterialSchema))
    owner = ma.fields.Nested(OwnerSchema)
    phone = ma.fields.String()
    next_step = ma.fields.String()
    legal_due_on = ma.fields.Date(allow_none=True)
    timeline = ma.fields.List(ma.fields.Nested(EventSchema))
    steps = ma.fields.List(ma.fields.Nested(StepSchema))
    correction = ma.fields.Nested(CorrectionSchema, allow_none=True)
    questions = ma.fields.List(ma.fields.Nested(QuestionSchema))
    #: The newest public notice: {id, number, level, opens_on, closes_on, extended_days, ended_as, objections}.
    notice = ma.fields.Dict(allow_none=True)
    #: Of a paused case: the last day if it went on today, or on the last day of its correction.
    projected = ma.fields.Dict(allow_none=True)
    mandate = ma.fields.Dict(allow_none=True)
    cosignature = ma.fields.Dict(allow_none=True)
    missing = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.List(ma.fields.String()))
    receipt = ma.fields.Dict(allow_none=True)


class ReceiptLinksSchema(Schema):
    number = ma.fields.String()
    url = ma.fields.Url()
    qr_svg_url = ma.fields.String()
    pdf_url = ma.fields.String()


class SubmittedSchema(Schema):
    id = RowId()
    number = ma.fields.String()
    status = ma.fields.String(metadata={"enum": ["submitted"]})
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    due_on = ma.fields.Date()
    receipt = ma.fields.Nested(ReceiptLinksSchema)


class InvitationCodeSchema(Schema):
    code = ma.fields.String()
    url = ma.fields.Url()
    expires_at = ma.fields.AwareDateTime()


class LookSchema(Schema):
    at = ma.fields.AwareDateTime()
    office = ma.fields.String()
    post = ma.fields.String()
    act = ma.fields.String()
    what = ma.fields.String()


class LooksSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(LookSchema))


class ProgressAnswerSchema(Schema):
    number = ma.fields.String()
    service_name = ma.fields.String()
    status = ma.fields.String()
    status_label = ma.fields.String()
    ended_as = ma.fields.String(allow_none=True)
    submitted_at = ma.fields.AwareDateTime()
    due_on = ma.fields.Date(allow_none=True)
    decided_at = ma.fields.AwareDateTime(allow_none=True)
    owner = ma.fields.Nested(OwnerSchema, allow_none=True)
    phone = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())


class QueueLineSchema(Schema):
    number = ma.fields.String()
    version = ma.fields.Integer()
    service_item = ma.fields.String()
    service_name = ma.fields.String()
    holder_masked = ma.fields.String()
    region = ma.fields.String()
    status = ma.fields.String()
    status_label = ma.fields.String()
    level = ma.fields.String(allow_none=True)
    level_label = ma.fields.String(allow_none=True)
    submitted_at = ma.fields.AwareDateTime()
    age_days = ma.fields.Integer()
    answer_due_on = ma.fields.Date(allow_none=True)
    opened = ma.fields.Boolean()
    news = ma.fields.List(ma.fields.Dict())
    due_on = ma.fields.Date()
    due = ma.fields.String(metadata={"enum": ["overdue", "soon", "in_time", "stopped"]})
    revision = ma.fields.Integer()
    claim = ma.fields.Dict(allow_none=True)
    #: Why this clerk must not act on it: own_case, own_family, acted_before; null: they may.
    barred = ma.fields.String(allow_none=True)
    barred_label = ma.fields.String(allow_none=True)
    allowed_actions = ma.fields.List(ma.fields.String())


class StaffCaseSchema(QueueLineSchema):
    id = RowId()
    service_item_version = ma.fields.Integer()
    answers = ma.fields.List(ma.fields.Dict())
    holder = ma.fields.Dict()
    materials = ma.fields.List(ma.fields.Nested(MaterialSchema))
    timeline = ma.fields.List(ma.fields.Nested(EventSchema))
    steps = ma.fields.List(ma.fields.Nested(StepSchema))
    correction = ma.fields.Nested(CorrectionSchema, allow_none=True)
    proposal = ma.fields.Nested(ProposalSchema, allow_none=True)
    corrections = ma.fields.List(ma.fields.Nested(ClosedCorrectionSchema))
    next_ordinal = ma.fields.Integer()
    touched = ma.fields.Nested(TouchedSchema, allow_none=True)
    questions = ma.fields.List(ma.fields.Nested(QuestionSchema))
    notes = ma.fields.List(ma.fields.Nested(NoteSchema))
    more_notes = ma.fields.Boolean()
    mandate = ma.fields.Dict(allow_none=True)
    cosignature = ma.fields.Dict(allow_none=True)
    changes = ma.fields.List(ma.fields.Dict())
    legal_due_on = ma.fields.Date()
    projected = ma.fields.Dict(allow_none=True)
    #: To whom the case may go when it is taken over: username and post.
    colleagues = ma.fields.List(ma.fields.Dict())
    fence = ma.fields.Integer(allow_none=True)
    #: The same with ``list``, the objections; and the working days of notice that an approval would bring.
    notice = ma.fields.Dict(allow_none=True)
    notice_days = ma.fields.Integer()
    targets = ma.fields.List(ma.fields.Dict())
    earlier_materials = ma.fields.List(ma.fields.Nested(MaterialSchema))
    ways = ma.fields.Dict(allow_none=True)
    #: Whether this item offers visits at home.
    visits = ma.fields.Boolean()
    #: {since}: the last messages about the case came through on no channel; null: they did.
    unreachable = ma.fields.Dict(allow_none=True)


class LeaseSchema(Schema):
    lease_expires_at = ma.fields.AwareDateTime()
    fence = ma.fields.Integer()


class AuditLineSchema(Schema):
    at = ma.fields.AwareDateTime()
    actor = ma.fields.String()
    post = ma.fields.String(allow_none=True)
    act = ma.fields.String()
    sequence = ma.fields.Integer()
    hash = ma.fields.String()


class AuditSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(AuditLineSchema))


ApplicationListSchema: Any = listing(ApplicationCardSchema)
QueueSchema: Any = listing(QueueLineSchema)
