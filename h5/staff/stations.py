"""The stations of a nurse: the coming days at a glance, and the rules, looked at before they are saved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.bookings import closures, jurisdiction, queries, rule_changes, rule_drafts
from backend.bookings.closures import Days
from backend.bookings.outlook import DayOutlook, Outlook
from backend.bookings.queries import StationCard
from backend.bookings.rule_changes import Standing
from backend.bookings.rule_drafts import Draft
from backend.catalogue import queries as catalogue
from backend.kernel.errors import Conflict, Invalid, Problem, Stale
from backend.kernel.text import small_number
from backend.web.context import runtime
from backend.web.nurses import nurse
from backend.web.stations import look
from backend.web.words import field_errors
from h5.paths import with_word
from h5.staff import console, rule_form
from h5.staff.rule_form import RuleForm

blp = Blueprint("h5_staff_stations", __name__, url_prefix="/staff/stations")
#: Single days that the list names for each station.
NEXT = 3


@dataclass(frozen=True, slots=True)
class Week:
    """One station in the list."""

    card: StationCard
    days: list[DayOutlook]
    exceptions: list[Days]
    waiting: int
    has_rules: bool


@blp.get("")
def show() -> str:
    """My stations: the next seven days, the next closures."""
    with runtime().db.reading() as session:
        cards = [queries.station_card(row) for row in jurisdiction.stations(session, nurse())]
    return console.page("stations/list.html", weeks=[_week(card) for card in cards], why=_why())


@blp.get("/<string:code>")
def one(code: str) -> str:
    """One station: whom a change has hit, and the next four weeks."""
    standing, found = look(nurse(), code)
    values = {"card": card(code), "standing": standing, "found": found}
    return console.page("stations/one.html", **values, **words(found))


@blp.get("/<string:code>/rules")
def rules(code: str) -> str:
    """The rules as a form."""
    standing, _found = look(nurse(), code)
    return _page(code, standing, rule_form.of_draft(standing.draft), standing.version)


@blp.post("/<string:code>/rules")
def put(code: str) -> str | Response:
    """Look at the next four weeks first; save what was looked at."""
    form, version = rule_form.typed(request.form), small_number(request.form.get("version", "")) or 0
    standing, now_there = look(nurse(), code)
    try:
        draft = _checked(code, rule_form.read(form))
        if request.form.get("seen") != rule_form.fingerprint(draft) or request.form.get("act") != "save":
            _same, found = look(nurse(), code, draft=draft)
            return _page(code, standing, form, version, draft=draft, found=found, before=now_there)
        _save(code, draft, version)
    except (Invalid, Conflict, Stale) as problem:
        form = replace(form, errors=rule_form.beside(form, field_errors(problem)))
        version = standing.version if isinstance(problem, Stale) else version
        return make_response(_page(code, standing, form, version, problem=problem), problem.status)
    return redirect(with_word(url_for(".one", code=code), "saved"), 303)


def words(found: Outlook) -> dict[str, Any]:
    """What lists of days and of hit bookings say: labels and the names of towns."""
    towns = [one.town for one in found.crowded if one.town]
    with runtime().db.reading() as session:
        names = catalogue.region_names(session, towns) if towns else {}
    return {"why": _why(), "towns": names, "changed": set[Any]()}


def card(code: str) -> StationCard:
    """One of the nurse's stations."""
    with runtime().db.reading() as session:
        return queries.station_card(jurisdiction.station(session, nurse(), code))


def _checked(code: str, draft: Draft) -> Draft:
    with runtime().db.reading() as session:
        where = jurisdiction.station(session, nurse(), code)
        rule_drafts.check(draft, towns={town.code for town in rule_changes.towns(session, where.county)})
    return draft


def _save(code: str, draft: Draft, version: int) -> None:
    at = runtime()
    at.db.transact(
        rule_changes.put,
        at.calendar,
        nurse=nurse(),
        station=code,
        draft=draft,
        expected_version=version,
        now=at.clock(),
    )
    at.wake()


def _page(
    code: str,
    standing: Standing,
    form: RuleForm,
    version: int,
    *,
    draft: Draft | None = None,
    found: Outlook | None = None,
    before: Outlook | None = None,
    problem: Problem | None = None,
) -> str:
    where = card(code)
    with runtime().db.reading() as session:
        places = rule_changes.towns(session, where.county)
    return console.page(
        "stations/rules.html",
        card=where,
        standing=standing,
        form=form,
        version=version,
        weekdays=rule_form.weekdays(),
        places=places,
        warnings=draft.warnings() if draft else [],
        seen=rule_form.fingerprint(draft) if draft else "",
        found=found,
        problem=problem,
        targets=[(f"#{name if name.startswith('day-') else f'f-{name}'}", said) for name, said in form.errors.items()],
        **(words(found) if found else {}) | {"changed": _changed(before, found)},
    )


def _changed(before: Outlook | None, found: Outlook | None) -> set[Any]:
    """The days that would not be as they are now."""
    if before is None or found is None:
        return set()
    return {new.day for old, new in zip(before.days, found.days, strict=True) if old != new}


def _week(card: StationCard) -> Week:
    standing, found = look(nurse(), card.code)
    at = runtime()
    with at.db.reading() as session:
        exceptions = closures.coming(session, station=card.code, now=at.clock())[:NEXT]
    return Week(card, found.days[:7], exceptions, len(found.hit), standing.draft is not None)


def _why() -> dict[str, str]:
    """Why a day has no times."""
    return {"weekday": _("不开门"), "holiday": _("放假"), "closed": _("停诊"), "made_up": _("补开"), "open": ""}
