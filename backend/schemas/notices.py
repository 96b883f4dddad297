"""Shapes of public notices and objections."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from backend.applications.notice_queries import OUTCOMES
from backend.applications.objections import LONGEST
from backend.schemas.base import Flag, PageQuery, RowId, Schema, Str, listing

CODE = {"pattern": "^[2-9A-HJ-NP-TV-Z]{12}$"}


class NoticesQuery(PageQuery):
    #: A county, town or village: 6, 9 or 12 digits.
    region = ma.fields.String(required=True, validate=ma.validate.Regexp(r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$"))


class AmountSchema(Schema):
    """Whole yuan per ``period``: year, month, once."""

    yuan = ma.fields.Integer()
    period = ma.fields.String(metadata={"enum": ["year", "month", "once"]})


class NoticeLineSchema(Schema):
    label = ma.fields.String()
    value = ma.fields.String()


class PublicNoticeSchema(Schema):
    """``null`` is what the item does not show, or what few people in one place must not show."""

    id = RowId()
    number = ma.fields.String()
    title = ma.fields.String()
    town = ma.fields.String()
    region = ma.fields.String(metadata={"description": "the town's code"})
    village = ma.fields.String(allow_none=True)
    holder_masked = ma.fields.String(allow_none=True)
    amount = ma.fields.Nested(AmountSchema, allow_none=True)
    lines = ma.fields.List(ma.fields.Nested(NoticeLineSchema))
    opens_on = ma.fields.Date()
    closes_on = ma.fields.Date()
    extended_days = ma.fields.Integer()
    status = ma.fields.String(metadata={"enum": ["open"]})
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())


class ObjectionSchema(Schema):
    text = Str(max_length=LONGEST, multiline=True, required=True)
    name = Str(max_length=50, load_default=None, allow_none=True)
    contact = Str(max_length=100, load_default=None, allow_none=True)


class ObjectionCodeSchema(Schema):
    """The only way to the answer; it is told once."""

    code = ma.fields.String(metadata=CODE)


class ObjectionQuery(Schema):
    code = Str(max_length=40, required=True)


class ObjectionProgressSchema(Schema):
    notice_number = ma.fields.String()
    made_on = ma.fields.Date()
    status = ma.fields.String(metadata={"enum": list(OUTCOMES)})
    status_label = ma.fields.String()
    answer = ma.fields.String(allow_none=True)
    answered_on = ma.fields.Date(allow_none=True)
    post = ma.fields.String(allow_none=True)
    allowed_actions = ma.fields.List(ma.fields.String())


class AnswerSchema(Schema):
    upheld = Flag(required=True)
    answer = Str(max_length=LONGEST, multiline=True, required=True)


class StaffNoticeSchema(Schema):
    id = RowId()
    number = ma.fields.String()
    notice_number = ma.fields.String()
    service_name = ma.fields.String()
    holder_masked = ma.fields.String()
    region = ma.fields.String()
    opens_on = ma.fields.Date()
    closes_on = ma.fields.Date()
    announced = ma.fields.Boolean()
    extended_days = ma.fields.Integer()


class StaffObjectionLineSchema(Schema):
    id = RowId()
    number = ma.fields.String()
    service_name = ma.fields.String()
    holder_masked = ma.fields.String()
    region = ma.fields.String()
    made_on = ma.fields.Date()
    named = ma.fields.Boolean()
    upheld = ma.fields.Boolean(allow_none=True)
    answered_at = ma.fields.AwareDateTime(allow_none=True)
    post = ma.fields.String(allow_none=True)


class StaffNoticesSchema(Schema):
    #: Open objections of the jurisdiction, oldest first; on the first page only.
    objections = ma.fields.List(ma.fields.Nested(StaffObjectionLineSchema))
    items = ma.fields.List(ma.fields.Nested(StaffNoticeSchema))
    next_cursor = ma.fields.String(allow_none=True)


class StaffObjectionSchema(StaffObjectionLineSchema):
    text = ma.fields.String()
    name = ma.fields.String(allow_none=True)
    contact = ma.fields.String(allow_none=True)
    answer = ma.fields.String(allow_none=True)
    notice_number = ma.fields.String()
    opens_on = ma.fields.Date()
    closes_on = ma.fields.Date()
    ended_as = ma.fields.String(allow_none=True)
    allowed_actions = ma.fields.List(ma.fields.String())


PublicNoticesSchema: Any = listing(PublicNoticeSchema)
