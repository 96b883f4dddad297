"""Statistics 统计 of an office: totals, places, months, as pictures and as tables; nobody's name, no clerk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from marshmallow import ValidationError

from backend.applications import ratings
from backend.catalogue import queries as catalogue, stored
from backend.kernel.clock import today
from backend.kernel.errors import Invalid, Problem
from backend.openness.policy import Line
from backend.openness.statistics import Report
from backend.schemas.statistics import StatisticsQuery
from backend.web import reports
from backend.web.context import runtime
from backend.web.files import SANDBOX, download
from backend.web.words import say
from h5.shell import in_language
from h5.staff import console

blp = Blueprint("h5_staff_statistics", __name__, url_prefix="/staff/statistics")
#: Wide tables need room: a page shows at most so many places, the CSV file all.
PLACES = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One place as people read it: an empty cell where there is nothing to say."""

    name: str
    href: str
    cells: tuple[str, ...]


@blp.get("")
def show() -> str | tuple[str, int]:
    """The report for the period, place and item in the address."""
    try:
        found, problem = _report(), None
    except Problem as refused:
        found, problem = reports.report(region=None, first=None, last=None, service_item=None), refused
    page = console.page(
        "statistics.html",
        report=found,
        problem=problem,
        spans=_spans(found),
        total=_row(found, found.total),
        rows=[_row(found, line) for line in found.lines[:PLACES]],
        more=len(found.lines) > PLACES,
        months=[_month(one) for one in found.months],
        scores=_scores(found.total),
        rating=found.total.rating,
        items=_items(),
        regions=_regions(),
        chosen=request.args,
        files=_files(found),
        waiting=_waiting(),
    )
    return (page, problem.status) if problem else page


@blp.get("/places.svg")
def places() -> Response:
    """What came in and what was decided, by place."""
    found = _report()
    lines = found.lines[:PLACES]
    names = [reports.place_name(found, line) for line in lines]
    series = [(_("收件"), [line.received for line in lines]), (_("办结"), [line.decided for line in lines])]
    return _picture(_charts().bars(names, series))


@blp.get("/months.svg")
def months() -> Response:
    """In how many working days half and nine tenths were decided, by month."""
    found = _report().months
    half, most = [one.median for one in found], [one.p90 for one in found]
    names = [f"{int(one.month[5:])}" for one in found]
    return _picture(_charts().lines(names, [(_("一半的件"), half), (_("九成的件"), most)]))


@blp.get("/table.csv")
def table() -> Response:
    """The places to pass on, numbers below five hidden."""
    found = _report()
    return download(reports.as_table(found), mime="text/csv", name=reports.name(found))


def _report() -> Report:
    """What the address asks for; ``Invalid`` for what is none."""
    console.clerk()
    asked = {name: value for name, value in request.args.items() if value and name in ("region", "from", "to")}
    item = request.args.get("item")
    try:
        query: dict[str, Any] = StatisticsQuery().load(asked | ({"service_item": item} if item else {}))
    except ValidationError as wrong:
        raise Invalid("wrong_period", _first(wrong)) from wrong
    return reports.report(**query)


def _first(wrong: ValidationError) -> Any:
    return next(iter(wrong.messages_dict.values()))[0]


def _charts() -> Any:
    return import_module("h5.staff.charts")


def _picture(content: bytes) -> Response:
    response = Response(content, mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def _row(found: Report, line: Line) -> Row:
    inside = found.level != "village" and line.place not in ("", found.region)
    href = _address(found, region=line.place) if inside else ""
    cells = (
        _text(line.received),
        _text(line.decided),
        _text(line.median),
        _text(line.p90),
        _("%(n)s%%", n=line.on_time) if line.on_time is not None else "",
        _text(line.corrections),
        _text(line.second_corrections),
        _("%(average)s（%(n)s 人）", average=line.rating, n=line.rated) if line.rating is not None else "",
    )
    return Row(reports.place_name(found, line), href, cells)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _month(one: Any) -> Row:
    cells = (_text(one.received), _text(one.decided), _text(one.median), _text(one.p90))
    return Row(_("%(year)s 年 %(month)s 月", year=one.month[:4], month=int(one.month[5:])), "", cells)


def _scores(total: Line) -> list[tuple[str, int]]:
    """How many of each level, best first; nothing while there are fewer than five ratings."""
    return (
        [(say(label), (total.scores or {}).get(score, 0)) for score, label in ratings.SCORES.items()]
        if total.scores
        else []
    )


def _spans(found: Report) -> list[tuple[str, str, bool]]:
    """Periods one tap away: words, address, whether it is this one."""
    now = today(runtime().clock())
    firsts = {
        _("本月"): now.replace(day=1),
        _("近三个月"): (now.replace(day=1) - timedelta(days=59)).replace(day=1),
        _("近一年"): None,
    }
    return [
        (words, _address(found, first=first, last=now if first else None), _is_now(found, first, now))
        for words, first in firsts.items()
    ]


def _is_now(found: Report, first: date | None, now: date) -> bool:
    whole_year = first is None and not request.args.get("from")
    return found.period.last == now and (whole_year or found.period.first == first)


def _address(found: Report, **changes: Any) -> str:
    """This page with something changed."""
    kept = {name: request.args.get(name) for name in ("region", "from", "to", "item")}
    if "first" in changes:
        kept |= {"from": _iso(changes["first"]), "to": _iso(changes["last"])}
    if "region" in changes:
        kept["region"] = changes["region"]
    query: dict[str, Any] = {name: value for name, value in kept.items() if value}
    return url_for("h5_staff_statistics.show", **query)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _files(found: Report) -> dict[str, str]:
    """The pictures and the table of the report that is shown."""
    query: dict[str, Any] = {
        "from": found.period.first.isoformat(),
        "to": found.period.last.isoformat(),
        "item": found.service_item,
    }
    query |= {"region": found.region}
    return {name: url_for(f"h5_staff_statistics.{name}", **query) for name in ("places", "months", "table")}


def _items() -> list[tuple[str, str]]:
    at = runtime()
    return [(item.code, in_language(item, "name")) for item in stored.items(at.db, at.db.reading) if item.levels]


def _regions() -> list[tuple[str, str]]:
    clerk = console.clerk()
    if clerk.level == "village":
        return []
    with runtime().db.reading() as session:
        return [(place.code, place.name) for place in catalogue.regions(session, parent=clerk.region)]


def _waiting() -> int:
    """How many bad ratings wait for an answer, up to twenty."""
    at = runtime()
    with at.db.reading() as session:
        return len(ratings.waiting(session, at.vault, reviewer=console.clerk(), limit=20).items)
