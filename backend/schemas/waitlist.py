"""Shapes of the wait-list, its offers, and the public log of releases."""

from __future__ import annotations

import marshmallow as ma

from backend.bookings.policy import PLANS
from backend.schemas.base import Choice, Day, Flag, RowId, Schema, Str
from backend.schemas.bookings import ResidenceSchema, StationSchema

STATES = ["waiting", "offered", "taken", "left", "over", "booked"]
OFFER_STATES = ["open", "accepted", "declined", "expired", "withdrawn"]


class WaitSchema(Schema):
    """At most 60 days from ``from`` to ``to``; without a ``plan`` the first one not used."""

    station = Str(max_length=64, required=True)
    first = Day(required=True, data_key="from")
    last = Day(required=True, data_key="to")
    partner = Flag(load_default=False)
    #: The name of a spouse without an account.
    companion = Str(max_length=50, load_default="", blank=True)
    plan = Choice(PLANS, load_default="")
    residence = ma.fields.Nested(ResidenceSchema)


class SeatOfferSchema(Schema):
    """Seats kept for one couple until ``expires_at``."""

    id = RowId()
    kind = ma.fields.String(metadata={"enum": ["wait", "move"]})
    status = ma.fields.String(metadata={"enum": OFFER_STATES})
    allowed_actions = ma.fields.List(ma.fields.String())
    station = ma.fields.Nested(StationSchema)
    slot_id = RowId()
    starts_at = ma.fields.AwareDateTime()
    ends_at = ma.fields.AwareDateTime()
    expires_at = ma.fields.AwareDateTime()
    seats = ma.fields.Integer()
    #: The booking to be moved, or the one that the offer became.
    booking_id = RowId(allow_none=True)


class WaitingSchema(Schema):
    id = RowId()
    status = ma.fields.String(metadata={"enum": STATES})
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    #: 1 is next; 101: more than a hundred stand before; null once it is over.
    position = ma.fields.Integer(allow_none=True)
    station = ma.fields.Nested(StationSchema)
    first = ma.fields.Date(data_key="from")
    last = ma.fields.Date(data_key="to")
    seats = ma.fields.Integer()
    plan = Choice(PLANS)
    partner = ma.fields.Boolean()
    #: Why nothing came of it, when it is over.
    reason = ma.fields.String(allow_none=True)
    offer = ma.fields.Nested(SeatOfferSchema, allow_none=True)


class WaitingListSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(WaitingSchema))
    next_cursor = ma.fields.String(allow_none=True)


class ReleaseSchema(Schema):
    """Seats of a slot that came back, and where they went."""

    at = ma.fields.AwareDateTime()
    starts_at = ma.fields.AwareDateTime()
    seats = ma.fields.Integer()
    to_waitlist = ma.fields.Integer()
    to_everybody = ma.fields.Integer()


class ReleasesSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(ReleaseSchema))
