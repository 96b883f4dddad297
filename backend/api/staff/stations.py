"""Rules, closures and make-up days of stations, for their nurses."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from flask import Response

from backend.bookings import closures, jurisdiction, outlook, rule_changes, rule_drafts
from backend.bookings.closures import Days
from backend.kernel.clock import today
from backend.schemas.stations import (
    ClosureSchema,
    ClosuresSchema,
    NurseStationsSchema,
    OutlookSchema,
    RulesSchema,
    StationRulesSchema,
)
from backend.web import stations as shown
from backend.web.answers import expected_version, json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.nurses import nurse
from backend.web.once import once

blp = Blueprint(
    "staff-stations", __name__, url_prefix="/staff/stations", description="Stations 服务站 for their nurses"
)


@blp.get("")
@blp.response(200, NurseStationsSchema)
def list_stations() -> Response:
    """My stations with their next seven days."""
    with runtime().db.reading() as session:
        found = jurisdiction.stations(session, nurse())
    return json(page_of([_week(row.code, row.name, row.region) for row in found], None))


@blp.get("/<string:code>/rules")
@blp.response(200, StationRulesSchema)
def read_rules(code: str) -> Response:
    """The rules, the next four weeks, and who still has a time that was withdrawn."""
    return _rules(code)


@blp.put("/<string:code>/rules")
@blp.arguments(RulesSchema)
@blp.response(200, StationRulesSchema)
def put_rules(body: dict[str, Any], code: str) -> Response:
    """Replace all rules; what is left out gets its default. Nobody is cancelled: ``hit`` are offered another time."""
    at = runtime()
    change = at.db.transact(
        rule_changes.put,
        at.calendar,
        nurse=nurse(),
        station=code,
        draft=shown.draft_of(body),
        expected_version=expected_version(),
        now=at.clock(),
    )
    at.wake()
    return _rules(code, change={name: getattr(change, name) for name in ("made", "changed", "gone", "withdrawn")})


@blp.post("/<string:code>/rules/preview")
@blp.arguments(RulesSchema)
@blp.response(200, OutlookSchema)
def preview_rules(body: dict[str, Any], code: str) -> Response:
    """What rules would come to in the next four weeks, and whom they would hit; saves nothing."""
    draft = shown.draft_of(body)
    with runtime().db.reading() as session:
        where = jurisdiction.station(session, nurse(), code)
        rule_drafts.check(draft, towns={town.code for town in rule_changes.towns(session, where.county)})
    return json(shown.outlook_body(shown.look(nurse(), code, draft=draft)[1], draft))


@blp.get("/<string:code>/closures")
@blp.response(200, ClosuresSchema)
def list_closures(code: str) -> Response:
    """Closures and make-up days from today on, and who still has a time that was withdrawn."""
    return _closures(code)


@blp.post("/<string:code>/closures")
@blp.arguments(ClosureSchema)
@blp.response(201, ClosuresSchema)
def close(body: dict[str, Any], code: str) -> Response:
    """Close days, or open some with hours of their own; an earlier entry of a day gives way."""
    days = shown.days_of(body)
    _put(code, days)
    return _closures(code, 201, days.each)


@blp.delete("/<string:code>/closures/<string:day>")
@blp.response(200, ClosuresSchema)
def take_back(code: str, day: str) -> Response:
    """The day is like its weekday again."""
    at, which = runtime(), shown.day_in_path(day)
    at.db.transact(closures.take_back, at.calendar, nurse=nurse(), station=code, day=which, now=at.clock())
    at.wake()
    return _closures(code, 200, [which])


def _put(code: str, days: Days) -> None:
    at = runtime()
    once(closures.put, calendar=at.calendar, nurse=nurse(), station=code, days=days, now=at.clock())


def _rules(code: str, **said: Any) -> Response:
    standing, found = shown.look(nurse(), code)
    body = {"station": code, "version": standing.version, "rules": shown.rules_body(standing.draft)}
    body |= shown.outlook_body(found, standing.draft) | said
    return json(body, version=standing.version)


def _closures(code: str, status: int = 200, only: Collection[date] | None = None) -> Response:
    at = runtime()
    _standing, found = shown.look(nurse(), code)
    if only is not None:
        found = outlook.of_days(found, only)
    with at.db.reading() as session:
        items = closures.coming(session, station=code, now=at.clock())
    body = {
        "items": [shown.exception_body(one) for one in items],
        "hit": [shown.hit_body(one) for one in found.hit],
        "crowded": [shown.crowded_body(one) for one in found.crowded],
    }
    return json(body, status)


def _week(code: str, name: str, region: str) -> dict[str, Any]:
    standing, found = shown.look(nurse(), code)
    last = today(runtime().clock()).toordinal() + 6
    return {
        "code": code,
        "name": name,
        "region": region,
        "rules_version": standing.version,
        "days": [shown.day_body(one) for one in found.days if one.day.toordinal() <= last],
        "waiting_to_move": len(found.hit),
    }
