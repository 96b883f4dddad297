"""Shapes of the clerk's tools: search, counts, bulk acts, reply templates."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from backend.applications.bulk_checks import KINDS, MOST
from backend.applications.templates import DECISIONS
from backend.schemas.applications import ID_TYPES, QueueLineSchema
from backend.schemas.base import Choice, Entries, Flag, Int, RowId, Schema, Str
from backend.schemas.corrections import DefectSchema

NUMBER = 24


class SearchSchema(Schema):
    """One of the three: a number, an exact name, an exact document."""

    number = Str(max_length=NUMBER, load_default=None)
    name = Str(max_length=100, load_default=None)
    id_type = Choice(ID_TYPES, load_default=None)
    id_number = Str(max_length=40, load_default=None)


class FoundSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(QueueLineSchema))
    more = ma.fields.Boolean()


class CountsSchema(Schema):
    #: Per view, at most ``capped_at``, which means that many or more.
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    capped_at = ma.fields.Integer()


class PickSchema(Schema):
    number = Str(max_length=NUMBER, required=True)
    version = Int(low=0, high=2**31 - 1, load_default=None, allow_none=True)


class BulkDecisionSchema(Schema):
    decision = Choice(KINDS, required=True)
    numbers = ma.fields.List(Str(max_length=NUMBER), load_default=list, validate=Entries(max=MOST))
    cases = ma.fields.List(ma.fields.Nested(PickSchema), load_default=list, validate=Entries(max=MOST))
    note = Str(max_length=2000, multiline=True, load_default="")
    items = ma.fields.List(ma.fields.Nested(DefectSchema), load_default=list, validate=Entries(max=50))
    template = RowId(load_default=None)
    #: The name with which the colleague signs in.
    to = Str(max_length=64, load_default=None)
    dry_run = Flag(load_default=False)


class BulkLineSchema(Schema):
    number = ma.fields.String()
    outcome = ma.fields.String(allow_none=True)
    title = ma.fields.String()
    service_name = ma.fields.String(allow_none=True)


class BulkActSchema(Schema):
    #: None of a dry run.
    id = RowId(allow_none=True)
    decision = ma.fields.String(metadata={"enum": list(KINDS)})
    status = ma.fields.String(metadata={"enum": ["dry_run", "running", "finished", "stopped"]})
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    total = ma.fields.Integer()
    done = ma.fields.Integer()
    succeeded = ma.fields.Integer()
    begun_at = ma.fields.AwareDateTime(allow_none=True)
    items = ma.fields.List(ma.fields.Nested(BulkLineSchema))


class ColleagueSchema(Schema):
    username = ma.fields.String()
    post = ma.fields.String()


class TemplateSchema(Schema):
    decision = Choice(DECISIONS, required=True)
    title = Str(max_length=60, required=True)
    note = Str(max_length=2000, multiline=True, load_default="")
    service_item = Str(max_length=64, load_default=None, allow_none=True)
    items = ma.fields.List(ma.fields.Nested(DefectSchema), load_default=list, validate=Entries(max=50))


class TemplatesQuery(Schema):
    decision = Choice(DECISIONS, load_default=None)
    service_item = Str(max_length=64, load_default=None)


class TemplateCardSchema(TemplateSchema):
    id = RowId()
    note = Str(max_length=2000, multiline=True, blank=True)
    version = ma.fields.Integer()
    region = ma.fields.String()
    own = ma.fields.Boolean()
    allowed_actions = ma.fields.List(ma.fields.String())


class TemplateListSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(TemplateCardSchema))
    next_cursor: Any = ma.fields.String(allow_none=True)


class ColleagueListSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(ColleagueSchema))
    next_cursor: Any = ma.fields.String(allow_none=True)
