"""Shapes of results."""

from __future__ import annotations

import marshmallow as ma

from backend.bookings.result_desk import WHOSE
from backend.bookings.risks import risks
from backend.schemas.base import Choice, RowId, Schema, Str

RISKS = tuple(risks())


class ResultFormSchema(Schema):
    """A re-upload replaces the whole result, letter included."""

    whose = Choice(WHOSE, required=True)
    risk = Choice(RISKS, required=True)
    #: The advice letter, PDF.
    file = ma.fields.Raw(metadata={"type": "string", "format": "binary"})


class ResultPersonSchema(Schema):
    whose = Choice(WHOSE)
    name_masked = ma.fields.String()
    #: Whether a result can be kept here; if not, it is handed over on paper.
    online = ma.fields.Boolean()
    uploaded = ma.fields.Boolean()


class ResultSheetSchema(Schema):
    """What a nurse sees: that a result is there, never what is in it."""

    booking_id = RowId()
    code = ma.fields.String()
    station = ma.fields.String()
    people = ma.fields.List(ma.fields.Nested(ResultPersonSchema))


class ResultSheetQuery(Schema):
    code = Str(max_length=16, required=True)


class ResultSchema(Schema):
    """One's own result."""

    ready = ma.fields.Boolean()
    risk = ma.fields.String(metadata={"enum": list(RISKS)})
    risk_label = ma.fields.String()
    advice = ma.fields.String()
    station = ma.fields.String()
    phone = ma.fields.String()
    ready_at = ma.fields.AwareDateTime()
    letter_url = ma.fields.String(allow_none=True)
