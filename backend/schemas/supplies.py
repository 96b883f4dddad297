"""Shapes of collections and visits at home."""

from __future__ import annotations

import marshmallow as ma

from backend.schemas.base import RowId, Schema, Str


class HandOverSchema(Schema):
    """What was scanned, or the number and the printed code."""

    token = Str(max_length=1024)
    number = Str(max_length=24)
    code = Str(max_length=16)


class CollectedSchema(Schema):
    number = ma.fields.String()
    status = ma.fields.String(metadata={"enum": ["collected"]})
    status_label = ma.fields.String()


class FactSchema(Schema):
    label = ma.fields.String()
    value = ma.fields.String()


class ParcelSchema(Schema):
    id = RowId()
    number = ma.fields.String()
    asked_at = ma.fields.AwareDateTime()
    done_at = ma.fields.AwareDateTime(allow_none=True)
    status = ma.fields.String(metadata={"enum": ["waiting", "posted"]})
    status_label = ma.fields.String()
    #: Whom it goes to; on the parcel's own page only.
    lines = ma.fields.List(ma.fields.Nested(FactSchema))
    allowed_actions = ma.fields.List(ma.fields.String())


class ParcelListSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(ParcelSchema))
    next_cursor = ma.fields.String(allow_none=True)


class OfferSchema(Schema):
    starts_at = ma.fields.AwareDateTime(required=True, format="iso")


class VisitSchema(Schema):
    id = RowId()
    number = ma.fields.String()
    starts_at = ma.fields.AwareDateTime()
    ends_at = ma.fields.AwareDateTime()
    status = ma.fields.String(metadata={"enum": ["offered", "agreed", "made", "cancelled"]})
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())


class VisitsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(VisitSchema))
