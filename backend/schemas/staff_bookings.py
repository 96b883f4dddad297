"""Shapes of a station's day: the day sheet, check-in, completion, walk-ins."""

from __future__ import annotations

import marshmallow as ma

from backend.kernel.i18n import N_
from backend.models.booking import WHOSE
from backend.schemas.base import Choice, Day, Entries, Int, RowId, Schema, Str

STATUSES = ["confirmed", "checked_in", "completed"]


class DayQuery(Schema):
    """``date``: today if none is given. Past days have nothing to list."""

    station = Str(max_length=64, raw=True, required=True)
    date = Day()


class VisitorSchema(Schema):
    whose = ma.fields.String(metadata={"enum": WHOSE})
    name_masked = ma.fields.String()


class DayVisitSchema(Schema):
    id = RowId()
    code = ma.fields.String()
    station = ma.fields.String()
    starts_at = ma.fields.AwareDateTime()
    ends_at = ma.fields.AwareDateTime()
    seats = ma.fields.Integer()
    people = ma.fields.List(ma.fields.Nested(VisitorSchema))
    status = ma.fields.String(metadata={"enum": STATUSES})
    status_label = ma.fields.String()
    #: The station withdrew this time: they are offered another one.
    withdrawn = ma.fields.Boolean()
    allowed_actions = ma.fields.List(ma.fields.String())


class DaySheetSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(DayVisitSchema))


class CheckInSchema(Schema):
    """What was scanned (``token``), or the eight letters (``code``); ``station``: where the nurse sits."""

    token = Str(max_length=1024, raw=True)
    code = Str(max_length=24, raw=True)
    station = Str(max_length=64, raw=True, load_default="")

    @ma.validates_schema
    def _one_of_both(self, data: dict[str, str], **_: object) -> None:
        if bool(data.get("token")) == bool(data.get("code")):
            raise ma.ValidationError({"token": [N_("请扫码，或者填 8 位码，两样选一样")]})


class CheckedSchema(Schema):
    whose = Choice(tuple(WHOSE), required=True)
    items = ma.fields.List(Str(max_length=32, raw=True), required=True, validate=Entries(max=40))


class CompletionSchema(Schema):
    """Without ``people`` everything that applies to each of them was done."""

    people = ma.fields.List(ma.fields.Nested(CheckedSchema), validate=Entries(min=1, max=2))


class WalkInSchema(Schema):
    station = Str(max_length=64, raw=True, required=True)
    slot_id = RowId()
    seats = Int(low=1, high=2, load_default=1)
    name = Str(max_length=50, load_default="", blank=True)
