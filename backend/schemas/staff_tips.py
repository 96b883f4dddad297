"""Shapes of the investigators' side of the tip line."""

from __future__ import annotations

import marshmallow as ma

from backend.schemas.base import Choice, PageQuery, Schema, Str
from backend.schemas.tips import STATES, TipMessageSchema
from backend.tips.investigators import LONGEST


class UnlockSchema(Schema):
    passphrase = Str(max_length=LONGEST, raw=True, required=True)


class UnlockedSchema(Schema):
    unlocked_until = ma.fields.DateTime()


class TipListQuery(PageQuery):
    status = Choice(STATES, load_default=None)


class TipSummarySchema(Schema):
    """Null while locked."""

    category = ma.fields.String()
    kind = ma.fields.String()
    name = ma.fields.String()
    region = ma.fields.String()


class TipLineSchema(Schema):
    """One tip in the list: days and a status; ``summary`` once the key is open."""

    id = ma.fields.String()
    status = Choice(STATES)
    status_label = ma.fields.String()
    received_on = ma.fields.Date()
    acknowledge_by = ma.fields.Date(allow_none=True)
    answer_by = ma.fields.Date(allow_none=True)
    escalated_on = ma.fields.Date(allow_none=True)
    merged_into = ma.fields.String(allow_none=True)
    summary = ma.fields.Nested(TipSummarySchema, allow_none=True)


class TipListSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(TipLineSchema))
    next_cursor = ma.fields.String(allow_none=True)
    locked = ma.fields.Boolean()


class TipCardSchema(TipLineSchema):
    """One tip, opened."""

    version = ma.fields.Integer()
    allowed_actions = ma.fields.List(ma.fields.String())
    report = ma.fields.Dict(allow_none=True)
    messages = ma.fields.List(ma.fields.Nested(TipMessageSchema))
