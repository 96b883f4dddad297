"""The statistics of the signed-in clerk's jurisdiction, for the API and the pages: as JSON, as a table to pass on."""

from __future__ import annotations

from datetime import date
from typing import Any

from backend.catalogue.queries import full_code
from backend.kernel import cells
from backend.kernel.clock import today
from backend.kernel.i18n import N_
from backend.openness import policy, statistics
from backend.openness.policy import Line
from backend.openness.statistics import Report
from backend.web.context import runtime
from backend.web.reviewers import reviewer
from backend.web.words import say

HEADINGS = (
    N_("地方代码"),
    N_("地方"),
    N_("收件"),
    N_("办结"),
    N_("一半的件几个工作日办完"),
    N_("九成的件几个工作日办完"),
    N_("按时办结百分比"),
    N_("补正过的件"),
    N_("补正两次以上的件"),
    N_("评价数"),
    N_("平均分"),
)
HIDDEN = "<5"


def report(*, region: str | None, first: date | None, last: date | None, service_item: str | None) -> Report:
    """Errors: 404 outside the jurisdiction, 422 for a period that is none."""
    at, clerk = runtime(), reviewer()
    within = statistics.period(today=today(at.clock()), first=first, last=last)
    with at.db.reading() as session:
        return statistics.report(
            session,
            level=clerk.level,
            region=clerk.region,
            below=full_code(region) if region else None,
            within=within,
            service_item=service_item,
        )


def as_json(found: Report) -> dict[str, Any]:
    return {
        "region": found.region,
        "level": found.level,
        "from": found.period.first.isoformat(),
        "to": found.period.last.isoformat(),
        "service_item": found.service_item,
        "total": _line(found, found.total),
        "places": [_line(found, line) for line in found.lines],
        "months": [
            {
                "month": one.month,
                "received": one.received,
                "decided": one.decided,
                "median_days": one.median,
                "p90_days": one.p90,
            }
            for one in found.months
        ],
    }


def _line(found: Report, line: Line) -> dict[str, Any]:
    return {
        "region": line.place,
        "name": place_name(found, line),
        "received": line.received,
        "decided": line.decided,
        "median_days": line.median,
        "p90_days": line.p90,
        "on_time_percent": line.on_time,
        "corrections": line.corrections,
        "second_corrections": line.second_corrections,
        "rated": line.rated,
        "rating": line.rating,
        "scores": {str(score): number for score, number in line.scores.items()} if line.scores else None,
    }


def place_name(found: Report, line: Line) -> str:
    """A case that was handed in at the town itself belongs to no village."""
    return found.names.get(line.place, line.place) or say(N_("直接交到镇街的"))


def as_table(found: Report) -> bytes:
    """CSV with small numbers hidden; the total only where there is more than one place to hide in."""
    lines = policy.for_outside([*found.lines])
    total = policy.for_outside([found.total]) if len(lines) > 1 else []
    return cells.as_csv([[say(one) for one in HEADINGS], *(_cells(found, line) for line in [*lines, *total])])


def _cells(found: Report, line: Line) -> list[str]:
    counted = [_number(line.received), _number(line.decided)]
    times = [_or_nothing(line.median), _or_nothing(line.p90), _or_nothing(line.on_time)]
    rest = [_number(line.corrections), _number(line.second_corrections), _number(policy.few(line.rated))]
    return [line.place, place_name(found, line), *counted, *times, *rest, _or_nothing(line.rating)]


def _number(number: int | None) -> str:
    return HIDDEN if number is None else str(number)


def _or_nothing(value: float | None) -> str:
    return "" if value is None else str(value)


def name(found: Report) -> str:
    return f"statistics-{found.region}-{found.period.first}-{found.period.last}.csv"
