"""Shapes of takeovers, hand-overs, declared family, days off and the inbox of staff."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from backend.schemas.applications import ID_TYPES
from backend.schemas.base import Day, RowId, Schema, Str, listing

#: A user name is no secret, but no essay either.
NAME = 64


class TakeoverSchema(Schema):
    """``to``: the sign-in name of a colleague of the office whose turn it is; without it, back to the queue."""

    reason = Str(max_length=500, multiline=True, required=True)
    to = Str(max_length=NAME, load_default=None, allow_none=True)


class HandoverSchema(Schema):
    """``from``: whose cases; ``to``: who gets them, the queue without it."""

    giver = Str(max_length=NAME, required=True, data_key="from")
    to = Str(max_length=NAME, load_default=None, allow_none=True)


class HandedOverSchema(Schema):
    #: How many cases left those hands.
    moved = ma.fields.Integer()


class NewRelativeSchema(Schema):
    id_type = Str(max_length=16, required=True, metadata={"enum": list(ID_TYPES)}, validate=ma.validate.OneOf(ID_TYPES))
    id_number = Str(max_length=64, raw=True, required=True)


class RelativeSchema(Schema):
    """Neither name nor number is kept: a declaration is known by its day only."""

    id = RowId()
    declared_at = ma.fields.AwareDateTime()


class RelativesSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(RelativeSchema))


class AbsenceSchema(Schema):
    """Away through that day; null: at work."""

    until = Day(required=True, allow_none=True)


class StaffMessageSchema(Schema):
    id = RowId()
    kind = ma.fields.String()
    facts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Raw())
    words = ma.fields.String(allow_none=True)
    sent_at = ma.fields.AwareDateTime()
    read_at = ma.fields.AwareDateTime(allow_none=True)


StaffMessageListSchema: Any = listing(StaffMessageSchema)
