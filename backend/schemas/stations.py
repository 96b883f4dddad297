"""Rules, closures and stations as staff write and read them."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

import marshmallow as ma

from backend.bookings.closures import CLOSED, KINDS
from backend.bookings.rule_drafts import HORIZON_DAYS, LEAD_MINUTES, LIMITS, RELEASE
from backend.kernel.i18n import N_
from backend.schemas.base import MISSING, Choice, Day, Entries, Flag, Int, RowId, Schema, Str
from backend.schemas.bookings import region_field

CLOCK = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", re.ASCII)
MOST_STRETCHES = 42
USUAL_REASON = "临时停诊"
#: Numbers are looked at by ``bookings.rule_drafts``, which says why; here they only have to be numbers.
ANY = 10**6


class ClockTime(ma.fields.String):
    """``08:00``, China."""

    default_error_messages: Any = {"invalid": [N_("时间要写成 08:00 这样")]}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"pattern": CLOCK.pattern}, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return f"{value:%H:%M}" if isinstance(value, time) else value

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str) or not CLOCK.fullmatch(value):
            raise self.make_error("invalid")
        return time.fromisoformat(value)


class Limited(Int):
    """The document names the limits; ``bookings.rule_drafts`` refuses in words that say why."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(low=0, high=ANY, **kwargs)
        self.metadata = {**self.metadata, **dict(zip(("minimum", "maximum"), LIMITS[name], strict=True))}


class StretchSchema(Schema):
    begin = ClockTime(required=True, data_key="from")
    end = ClockTime(required=True, data_key="to")


class WeekdayStretchSchema(StretchSchema):
    """``weekday`` 1–7, Monday is 1; several stretches of one weekday are several entries."""

    weekday = Int(low=1, high=7, required=True)


class RulesSchema(Schema):
    """All rules of a station; what is left out has its default."""

    hours = ma.fields.List(ma.fields.Nested(WeekdayStretchSchema), required=True, validate=Entries(0, MOST_STRETCHES))
    slot_minutes = Limited("slot_minutes", required=True)
    seats_per_slot = Limited("seats_per_slot", required=True)
    daily_cap = Limited("daily_cap", required=True)
    #: Seats a day for a town at most, by its 9 or 12 digits; a town that is not named has no limit of its own.
    town_quotas = ma.fields.Dict(keys=region_field(), values=Int(low=0, high=ANY), load_default=dict)
    lead_minutes = Limited("lead_minutes", load_default=LEAD_MINUTES)
    horizon_days = Limited("horizon_days", load_default=HORIZON_DAYS)
    release_time = ClockTime(load_default=RELEASE)


class DayOutlookSchema(Schema):
    """``state``: open, made_up, weekday, holiday, closed; ``seats`` after the cap of the day."""

    date = ma.fields.Date()
    state = ma.fields.String(metadata={"enum": ["open", "made_up", "weekday", "holiday", "closed"]})
    reason = ma.fields.String()
    hours = ma.fields.List(ma.fields.Nested(StretchSchema))
    slots = ma.fields.Integer()
    seats = ma.fields.Integer()
    booked = ma.fields.Integer()
    #: Seats at times the station no longer has.
    moving = ma.fields.Integer()


class HitBookingSchema(Schema):
    """A booking at a time the station no longer has; nobody is cancelled, another time is offered."""

    id = RowId()
    code = ma.fields.String()
    name_masked = ma.fields.String()
    status = ma.fields.String(metadata={"enum": ["held", "confirmed"]})
    status_label = ma.fields.String()
    starts_at = ma.fields.AwareDateTime()
    ends_at = ma.fields.AwareDateTime()
    seats = ma.fields.Integer()
    #: Since when its time is withdrawn; null in a preview.
    withdrawn_at = ma.fields.AwareDateTime(allow_none=True)


class CrowdedSchema(Schema):
    """More is booked than there is room now: at one time, on a day, or of a town. Everybody keeps the seat."""

    date = ma.fields.Date()
    starts_at = ma.fields.AwareDateTime(allow_none=True)
    town = ma.fields.String(allow_none=True)
    booked = ma.fields.Integer()
    seats = ma.fields.Integer()


class SlotChangeSchema(Schema):
    """How many times are new, changed, gone (nobody had them), withdrawn (somebody has)."""

    made = ma.fields.Integer()
    changed = ma.fields.Integer()
    gone = ma.fields.Integer()
    withdrawn = ma.fields.Integer()


class OutlookSchema(Schema):
    change = ma.fields.Nested(SlotChangeSchema)
    days = ma.fields.List(ma.fields.Nested(DayOutlookSchema))
    hit = ma.fields.List(ma.fields.Nested(HitBookingSchema))
    crowded = ma.fields.List(ma.fields.Nested(CrowdedSchema))
    warnings = ma.fields.List(ma.fields.String())


class StationRulesSchema(OutlookSchema):
    """``version`` 0 and ``rules`` null: none yet."""

    station = ma.fields.String()
    version = ma.fields.Integer()
    rules = ma.fields.Nested(RulesSchema, allow_none=True)


class ClosureSchema(Schema):
    """``kind`` closed (the usual one), or open: a make-up day with ``hours`` of its own.

    ``from`` and perhaps ``to``, or a single ``date``. Who closes without a ``reason`` tells people the usual one.
    """

    first = Day(data_key="from")
    last = Day(data_key="to")
    day = Day(data_key="date")
    kind = Choice(KINDS, load_default=KINDS[0])
    reason = Str(max_length=100, blank=True)
    hours = ma.fields.List(ma.fields.Nested(StretchSchema), load_default=list, validate=Entries(0, 6))

    @ma.validates_schema
    def _one_of_both(self, data: dict[str, Any], **_: object) -> None:
        if ("first" in data) == ("day" in data):
            raise ma.ValidationError({"from": [MISSING]})

    @ma.post_load
    def _complete(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        first = data.pop("day", None) or data["first"]
        usual = USUAL_REASON if data["kind"] == CLOSED else ""
        return {"reason": usual} | data | {"first": first}


class ExceptionSchema(Schema):
    date = ma.fields.Date()
    kind = ma.fields.String(metadata={"enum": list(KINDS)})
    reason = ma.fields.String()
    hours = ma.fields.List(ma.fields.Nested(StretchSchema))


class ClosuresSchema(Schema):
    """Single days from today on; after a change also whom it hits on its days."""

    items = ma.fields.List(ma.fields.Nested(ExceptionSchema))
    hit = ma.fields.List(ma.fields.Nested(HitBookingSchema))
    crowded = ma.fields.List(ma.fields.Nested(CrowdedSchema))


class NurseStationSchema(Schema):
    """A station with its next seven days."""

    code = ma.fields.String()
    name = ma.fields.String()
    region = ma.fields.String()
    rules_version = ma.fields.Integer()
    days = ma.fields.List(ma.fields.Nested(DayOutlookSchema))
    #: Coming bookings whose time was withdrawn and who have no other yet.
    waiting_to_move = ma.fields.Integer()


class NurseStationsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(NurseStationSchema))
    next_cursor = ma.fields.String(allow_none=True)


class StationProfileSchema(Schema):
    """``fasting_hours``, ``residence_months``: 0 for none needed and nobody asked."""

    name = Str(max_length=60, required=True)
    name_en = Str(max_length=60, load_default="", blank=True)
    region = Str(max_length=12, raw=True, required=True)
    address = Str(max_length=120, load_default="", blank=True)
    phone = Str(max_length=32, required=True)
    directions = Str(max_length=200, load_default="", blank=True)
    fasting_hours = Int(low=0, high=24, load_default=8)
    marriage_certificate = Flag(load_default=False)
    residence_months = Int(low=0, high=60, load_default=6)


class NewStationSchema(StationProfileSchema):
    code = Str(max_length=63, required=True)


class AdminStationSchema(StationProfileSchema):
    code = ma.fields.String()
    version = ma.fields.Integer()
    status = ma.fields.String(metadata={"enum": ["open", "closed"]})
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())


class AdminStationsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(AdminStationSchema))
    next_cursor = ma.fields.String(allow_none=True)
