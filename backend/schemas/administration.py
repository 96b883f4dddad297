"""Administration as the API takes and shows it."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from backend.administration.people import SHOWS
from backend.kernel.i18n import N_
from backend.models.staff import LEVELS, ROLES
from backend.schemas.base import Choice, Day, Int, PageQuery, RowId, Schema, Str, listing
from backend.schemas.catalogue import KeyCursor

LONGEST_TEXT = 300_000


class StaffQuery(Schema):
    """``q``: the beginning of a name, part of a post, or the digits of a region."""

    q = Str(max_length=60, load_default="")
    show = Choice(SHOWS, load_default="all")
    limit = Int(low=1, high=100, query=True, load_default=20)
    cursor = KeyCursor(load_default="")


class StaffPostSchema(Schema):
    name = Str(max_length=60, load_default="")
    post = Str(max_length=60, required=True)
    role = Choice(tuple(ROLES), required=True)
    level = Choice(tuple(LEVELS), required=True)
    region = Str(max_length=12, raw=True, required=True)


class NewStaffSchema(StaffPostSchema):
    username = Str(max_length=64, required=True)


class ChangedStaffSchema(StaffPostSchema):
    away_until = Day(load_default=None, allow_none=True)
    #: As it was read; a change in between is refused.
    updated_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)


class StaffSchema(Schema):
    id = RowId()
    username = ma.fields.String()
    name = ma.fields.String()
    post = ma.fields.String()
    role = ma.fields.String()
    level = ma.fields.String()
    region = ma.fields.String()
    status = ma.fields.String()
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    second_factor = ma.fields.Boolean()
    password_stale = ma.fields.Boolean()
    away_until = ma.fields.Date(allow_none=True)
    updated_at = ma.fields.AwareDateTime()


class StaffWithPasswordSchema(StaffSchema):
    #: Shown with this answer only; to be changed at first use.
    temporary_password = ma.fields.String()


StaffList = listing(StaffSchema)


class OfficesQuery(Schema):
    q = Str(max_length=60, load_default="")
    limit = Int(low=1, high=100, query=True, load_default=20)
    cursor = KeyCursor(load_default="")


class PlateSchema(Schema):
    name = Str(max_length=60, required=True)
    phone = Str(max_length=32, required=True)
    address = Str(max_length=120, load_default="", allow_none=False)


class AdminOfficeSchema(PlateSchema):
    region = ma.fields.String()
    place = ma.fields.String()
    level = ma.fields.String()


AdminOfficeList = listing(AdminOfficeSchema)


class HolidaySchema(Schema):
    name = Str(max_length=40, required=True)
    first = Day(required=True)
    last = Day(required=True)


class CalendarSchema(Schema):
    """``version``: what the change began with, 0 where nobody has entered the year yet."""

    version = Int(low=0, high=10**6, required=True)
    source = Str(max_length=200, required=True)
    holidays = ma.fields.List(ma.fields.Nested(HolidaySchema), required=True)
    workdays = ma.fields.List(Day(), required=True)


class CalendarYearSchema(CalendarSchema):
    year = ma.fields.Integer()
    updated_at = ma.fields.AwareDateTime(allow_none=True)


class CalendarsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(CalendarYearSchema))


class ItemTextSchema(Schema):
    """The text of a TOML file."""

    text = Str(max_length=LONGEST_TEXT, raw=True, required=True)


class PublishSchema(ItemTextSchema):
    """``base_version``: the version it was compared with, 0 for a new item."""

    base_version = Int(low=0, high=10**6, required=True)


class RollbackSchema(Schema):
    version = Int(low=1, high=10**6, required=True)
    base_version = Int(low=1, high=10**6, required=True)


class ItemChangeSchema(Schema):
    path = ma.fields.String()
    before = ma.fields.Raw(allow_none=True)
    after = ma.fields.Raw(allow_none=True)


class DifferenceSchema(Schema):
    code = ma.fields.String()
    name = ma.fields.String()
    base_version = ma.fields.Integer()
    changes = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.List(ma.fields.Nested(ItemChangeSchema)))


class PublishedSchema(Schema):
    code = ma.fields.String()
    version = ma.fields.Integer()


class VersionSchema(Schema):
    version = ma.fields.Integer()
    published_at = ma.fields.AwareDateTime()
    current = ma.fields.Boolean()


class VersionsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(VersionSchema))


class JournalQuery(PageQuery):
    group = Choice(("staff", "office", "calendar", "item", "work", "account"), load_default=None, allow_none=True)


class JournalLineSchema(Schema):
    sequence = ma.fields.Integer()
    at = ma.fields.AwareDateTime()
    post = ma.fields.String()
    act = ma.fields.String()
    subject = ma.fields.String()
    changes = ma.fields.Dict(allow_none=True)


JournalList = listing(JournalLineSchema)


class FindingSchema(Schema):
    code = ma.fields.String()
    level = ma.fields.String()
    title = ma.fields.String()
    advice = ma.fields.String()


class HealthSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(FindingSchema))


class DeadSchema(Schema):
    """``id`` counts up; rows hold ids only, never what the work is about."""

    id = ma.fields.Integer()
    topic = ma.fields.String()
    attempts = ma.fields.Integer()
    due_at = ma.fields.AwareDateTime()
    error = ma.fields.String()


DeadList = listing(DeadSchema)


class ReplaySchema(Schema):
    """One row, or every dead row of a topic."""

    id = Int(low=1, high=2**62, load_default=None, allow_none=True)
    topic = Str(max_length=64, load_default=None, allow_none=True)

    @ma.validates_schema
    def one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if (data["id"] is None) == (data["topic"] is None):
            raise ma.ValidationError([N_("id 和 topic 写一个")])


class ReplayedSchema(Schema):
    count = ma.fields.Integer()


class MonthCostSchema(Schema):
    """Totals of one month (``2026-11``), codes too; ``exhausted_at``: when its budget was first used up."""

    month = ma.fields.String()
    messages = ma.fields.Integer()
    parts = ma.fields.Integer()
    cost = ma.fields.String()
    exhausted_at = ma.fields.AwareDateTime(allow_none=True)


class MessageCostsSchema(Schema):
    """Money in yuan: ``price`` of a part, ``budget`` a month and what is ``left`` of it (``null``: none)."""

    price = ma.fields.String()
    budget = ma.fields.Integer(allow_none=True)
    left = ma.fields.String(allow_none=True)
    items = ma.fields.List(ma.fields.Nested(MonthCostSchema))
