"""Calendars: holidays and make-up workdays of a year."""

from __future__ import annotations

from typing import Any

from backend.administration import calendars
from backend.administration.calendars import YearCard
from backend.kernel.holidays import Holiday, YearPlan
from backend.schemas.administration import CalendarSchema, CalendarsSchema, CalendarYearSchema
from backend.web.admins import administrator
from backend.web.blueprint import Blueprint
from backend.web.context import runtime

blp = Blueprint("admin-calendars", __name__, url_prefix="/admin/calendars", description="Administration 管理")


@blp.get("")
@blp.response(200, CalendarsSchema)
def list_calendars() -> dict[str, Any]:
    """Every year that is known, the latest first; version 0 is the file nobody has changed."""
    return {"items": [shown(card) for card in _cards()]}


@blp.put("/<int:year>")
@blp.arguments(CalendarSchema)
@blp.response(200, CalendarYearSchema)
def put_calendar(body: dict[str, Any], year: int) -> dict[str, Any]:
    """Enter or change a year; every process counts by it within half a minute."""
    at = runtime()
    holidays = tuple(Holiday(**one) for one in body["holidays"])
    plan = YearPlan(year, body["source"], holidays, tuple(body["workdays"]))
    at.db.transact(calendars.put, admin=administrator(), plan=plan, version=body["version"], now=at.clock())
    at.calendars.look_again()
    at.wake()
    return next(shown(card) for card in _cards() if card.plan.year == year)


def shown(card: YearCard) -> dict[str, Any]:
    """A year as JSON."""
    plan = card.plan
    return {
        "year": plan.year,
        "version": card.version,
        "source": plan.source,
        "holidays": list(plan.holidays),
        "workdays": list(plan.workdays),
        "updated_at": card.updated_at,
    }


def _cards() -> list[YearCard]:
    at = runtime()
    with at.db.reading() as session:
        return calendars.years(session, at.calendars.files)
