"""Rules, days and stations as the API shows them to staff, and what pages and API share."""

from __future__ import annotations

from datetime import date
from typing import Any

from backend.bookings import closures, generation, jurisdiction, outlook, rule_changes
from backend.bookings.closures import Days
from backend.bookings.jurisdiction import Nurse
from backend.bookings.outlook import Crowded, DayOutlook, HitBooking, Outlook
from backend.bookings.rule_changes import Standing
from backend.bookings.rule_drafts import Draft
from backend.bookings.rules import Stretch
from backend.bookings.stations import StationFile
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_, Text
from backend.lifecycles.booking import BOOKING
from backend.schemas.base import DAY
from backend.web.context import runtime
from backend.web.words import say

STATUSES: dict[bool, tuple[str, Text, str]] = {
    True: ("open", N_("启用"), "close"),
    False: ("closed", N_("已停用"), "reopen"),
}


def draft_of(body: dict[str, Any]) -> Draft:
    """The rules in a validated body; towns by their 12 digits."""
    hours = tuple((one["weekday"], one["begin"], one["end"]) for one in body["hours"])
    quotas = {f"{town:0<12}": seats for town, seats in body["town_quotas"].items()}
    return Draft(**body | {"hours": hours, "town_quotas": quotas})


def days_of(body: dict[str, Any]) -> Days:
    """The closure or make-up days in a validated body."""
    stretches = tuple((one["begin"], one["end"]) for one in body["hours"])
    return Days(body["first"], body.get("last") or body["first"], body["kind"], body["reason"], stretches)


def look(nurse: Nurse, code: str, *, draft: Draft | None = None, days: Days | None = None) -> tuple[Standing, Outlook]:
    """The rules of one of the nurse's stations and the next four weeks, as if ``draft`` or ``days`` were saved."""
    at = runtime()
    now = at.clock()
    with at.db.reading() as session:
        jurisdiction.station(session, nurse, code)
        planned = None
        if days is not None:
            closures.check(session, station=code, days=days, now=now)
            planned = generation.exceptions(session, code, today(now)) | days.plans()
        found = outlook.look(
            session,
            at.calendar,
            station=code,
            now=now,
            rules=draft.rules() if draft else None,
            exceptions=planned,
        )
        return rule_changes.standing(session, station=code), found


def outlook_body(found: Outlook, draft: Draft | None) -> dict[str, Any]:
    change = found.change
    return {
        "change": {
            "made": change.made,
            "changed": change.changed,
            "gone": change.gone,
            "withdrawn": change.withdrawn,
        },
        "days": [day_body(one) for one in found.days],
        "hit": [hit_body(one) for one in found.hit],
        "crowded": [crowded_body(one) for one in found.crowded],
        "warnings": [say(text) for text in draft.warnings()] if draft else [],
    }


def rules_body(draft: Draft | None) -> dict[str, Any] | None:
    if draft is None:
        return None
    values = draft.values()
    names = ("weekday", "from", "to")
    return values | {"hours": [dict(zip(names, stretch, strict=True)) for stretch in values["hours"]]}


def day_body(one: DayOutlook) -> dict[str, Any]:
    return {
        "date": one.day.isoformat(),
        "state": one.why,
        "reason": one.reason,
        "hours": _hours(one.stretches),
        "slots": one.slots,
        "seats": one.seats,
        "booked": one.booked,
        "moving": one.moving,
    }


def hit_body(one: HitBooking) -> dict[str, Any]:
    return {
        "id": ids.encode(one.id),
        "code": one.code,
        "name_masked": one.name_masked,
        "status": one.status,
        "status_label": say(BOOKING.label(one.status)),
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "seats": one.seats,
        "withdrawn_at": one.since,
    }


def crowded_body(one: Crowded) -> dict[str, Any]:
    return {
        "date": one.day.isoformat(),
        "starts_at": one.starts_at,
        "town": one.town or None,
        "booked": one.booked,
        "seats": one.seats,
    }


def exception_body(one: Days) -> dict[str, Any]:
    return {
        "date": one.first.isoformat(),
        "kind": one.kind,
        "reason": one.reason,
        "hours": _hours(one.stretches),
    }


def file_body(one: StationFile) -> dict[str, Any]:
    status, label, action = STATUSES[one.active]
    profile = {name: getattr(one.profile, name) for name in one.profile.__dataclass_fields__}
    return profile | {
        "code": one.code,
        "version": one.version,
        "status": status,
        "status_label": say(label),
        "allowed_actions": ["edit", action],
    }


def day_in_path(text: str) -> date:
    """A day as part of an address; ``NotFound`` for anything else."""
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # 2026-02-30
    raise NotFound("not_found", N_("没有这一天"))


def _hours(stretches: tuple[Stretch, ...]) -> list[dict[str, str]]:
    return [{"from": f"{begin:%H:%M}", "to": f"{end:%H:%M}"} for begin, end in stretches]
