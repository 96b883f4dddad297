"""Shapes of stations, slots and bookings (CONTRACT §3)."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from backend.bookings.policy import PLANS
from backend.bookings.residence import KINDS
from backend.kernel.i18n import N_
from backend.schemas.base import Choice, Day, Flag, PageQuery, RowId, Schema, Str, listing

REGION = r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$"
STATION_CODE = {"maxLength": 64}


def region_field(**options: Any) -> ma.fields.String:
    """6, 9 or 12 digits."""
    check = ma.validate.Regexp(REGION, error=str(N_("地区代码是 6、9 或 12 位数字")))
    return ma.fields.String(validate=check, **options)


class StationsQuery(Schema):
    region = region_field(load_default="")


class StationSchema(Schema):
    code = ma.fields.String()
    name = ma.fields.String()
    region = ma.fields.String()
    address = ma.fields.String()
    phone = ma.fields.String()
    directions = ma.fields.String()
    fasting_hours = ma.fields.Integer()
    residence_months = ma.fields.Integer()


class StationsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(StationSchema))
    next_cursor = ma.fields.String(allow_none=True)


class DaysQuery(Schema):
    """At most 62 days; ``town``: whose share of the days counts."""

    first = Day(required=True, data_key="from")
    last = Day(required=True, data_key="to")
    town = region_field(load_default="")


class DaySchema(Schema):
    date = ma.fields.Date()
    state = ma.fields.String(metadata={"enum": ["free", "few", "full", "closed"]})
    available = ma.fields.Integer()
    #: Of a closure 停诊.
    reason = ma.fields.String(allow_none=True)


class DaysSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(DaySchema))
    #: The first day from tomorrow on with a free seat, within the horizon.
    next_free = ma.fields.Date(allow_none=True)


class SlotsQuery(Schema):
    date = Day(required=True)
    town = region_field(load_default="")


class SlotSchema(Schema):
    id = RowId()
    starts_at = ma.fields.AwareDateTime()
    ends_at = ma.fields.AwareDateTime()
    available = ma.fields.Integer()


class SlotsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(SlotSchema))


class ResidenceSchema(Schema):
    """Where the couple is registered 户籍 or lives 居住; ``since``: of living."""

    kind = Choice(KINDS, required=True)
    region = ma.fields.String(required=True, validate=ma.validate.Regexp(r"^[0-9]{12}$"))
    since = Day()


class HoldSchema(Schema):
    slot_id = RowId(required=True)
    plan = Choice(PLANS, required=True)
    partner = Flag(load_default=False)
    #: The name of a spouse without an account.
    companion = Str(max_length=50, load_default="", blank=True)
    residence = ma.fields.Nested(ResidenceSchema)


class RescheduleSchema(Schema):
    slot_id = RowId(required=True)


class BookingSchema(Schema):
    id = RowId()
    status = ma.fields.String(
        metadata={"enum": ["held", "confirmed", "checked_in", "completed", "cancelled", "missed"]}
    )
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    version = ma.fields.Integer()
    held_until = ma.fields.AwareDateTime(allow_none=True)
    station = ma.fields.Nested(StationSchema)
    slot_id = RowId()
    starts_at = ma.fields.AwareDateTime()
    ends_at = ma.fields.AwareDateTime()
    plan = Choice(PLANS)
    seats = ma.fields.Integer()
    partner = ma.fields.Boolean()
    #: What is read out at the station, and the signed text of the QR code; "" until it is confirmed.
    code = ma.fields.String()
    token = ma.fields.String()
    qr_svg_url = ma.fields.String(allow_none=True)
    ics_url = ma.fields.String()
    #: The station withdrew this time.
    withdrawn = ma.fields.Boolean()
    offer_id = RowId(allow_none=True)


class BookingsQuery(PageQuery):
    pass


BookingListSchema = listing(BookingSchema)
