"""Shapes of what people prepare for a visit."""

from __future__ import annotations

import marshmallow as ma

from backend.schemas.base import RowId, Schema


class HintSchema(Schema):
    code = ma.fields.String()
    text = ma.fields.String()


class CheckGroupSchema(Schema):
    title = ma.fields.String()
    checks = ma.fields.List(ma.fields.String())


class ChecklistSchema(Schema):
    who = ma.fields.String(metadata={"enum": ["me", "partner", "companion"]})
    title = ma.fields.String()
    before = ma.fields.List(ma.fields.Nested(HintSchema))
    bring = ma.fields.List(ma.fields.Nested(HintSchema))
    #: How many checks are done at the visit; 0 where nobody knows whether it is a woman or a man.
    count = ma.fields.Integer()
    groups = ma.fields.List(ma.fields.Nested(CheckGroupSchema))


class PreparationSchema(Schema):
    booking_id = RowId()
    starts_at = ma.fields.AwareDateTime()
    station = ma.fields.String()
    address = ma.fields.String()
    directions = ma.fields.String()
    phone = ma.fields.String()
    #: About how long it takes; 0 where nobody said.
    minutes = ma.fields.Integer()
    #: The same in words.
    takes = ma.fields.String()
    people = ma.fields.List(ma.fields.Nested(ChecklistSchema))
