"""What an office sees of its work: places and months, no resident and no clerk. Grouped by index, three statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, extract, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.catalogue import queries as catalogue
from backend.kernel.errors import Invalid, NotFound
from backend.kernel.i18n import N_
from backend.models.statistics import CaseFact
from backend.openness.policy import HALF, NINE_TENTHS, Line, average, per_cent, rank

LEVELS = ("village", "town", "county")
SCORES = range(1, 6)
LONGEST = timedelta(days=3 * 366)
#: Months of the course beside the table.
MONTHS = 12
#: Years a period may lie in.
YEARS = range(2000, 2101)

Columns = dict[str, InstrumentedAttribute[str]]
PLACES: Columns = {"village": CaseFact.village, "town": CaseFact.town, "county": CaseFact.county}


@dataclass(frozen=True, slots=True)
class Period:
    """Days in China, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Month:
    """What came in and what was decided in one month, and in how many working days."""

    month: str
    received: int
    decided: int
    median: int | None
    p90: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """``level``: of the places in ``lines``; ``total``: all of them together; ``names`` by code."""

    region: str
    level: str
    period: Period
    service_item: str | None
    total: Line
    lines: list[Line]
    months: list[Month]
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Scope:
    session: Session
    above: ColumnElement[bool]
    place: InstrumentedAttribute[str]
    item: str | None

    def rows(
        self, day: Any, within: Period, by: Sequence[Any], *more: ColumnElement[bool], sums: Sequence[Any] = ()
    ) -> Any:
        """Groups, the number of cases in each, and ``sums``: one statement over an index (place, day)."""
        query = select(*by, func.count(), *sums).where(self.above, day.between(within.first, within.last), *more)
        if self.item:
            query = query.where(CaseFact.service_item == self.item)
        return self.session.execute(query.group_by(*by))


def period(*, today: date, first: date | None, last: date | None) -> Period:
    """The days asked for; without them the last twelve months up to today. ``Invalid`` when they make no period."""
    last = last or today
    if any(day.year not in YEARS for day in (first, last) if day):
        raise _wrong(N_("请填 2000 年到 2100 年之间的日子"))
    first = first or _months_back(last, MONTHS - 1)
    if first > last:
        raise _wrong(N_("开始的日子在结束的后面，请对调一下"))
    if last - first > LONGEST:
        raise _wrong(N_("一次最多看三年"))
    return Period(first, last)


def report(
    session: Session, *, level: str, region: str, below: str | None, within: Period, service_item: str | None
) -> Report:
    """The work on the cases of a jurisdiction by the places in it; ``below``: only one place of it.

    ``level``, ``region``: the office that asks. ``NotFound`` for a place outside its jurisdiction.
    """
    level, region = _narrow(level, region, below)
    part = LEVELS[max(0, LEVELS.index(level) - 1)]
    scope = _Scope(session, PLACES[level] == region, PLACES[part], service_item)
    tables = _Tables()
    tables.received(scope, within)
    tables.decided(scope, within)
    lines = [tables.line({place}, place) for place in sorted(tables.places())]
    return Report(
        region=region,
        level=part,
        period=within,
        service_item=service_item,
        total=tables.line(tables.places(), region),
        lines=lines,
        months=tables.months(_last_months(within)),
        names=catalogue.region_names(session, [region, *(line.place for line in lines if line.place)]),
    )


def _narrow(level: str, region: str, below: str | None) -> tuple[str, str]:
    """The place to look at: the office's own, or one inside."""
    if not below or below == region:
        return level, region
    inside = catalogue.ancestors(below)
    if getattr(inside, level) != region:
        raise NotFound("not_found", N_("这个地方不在您的辖区里"))
    return ("village" if inside.village else "town" if inside.town else "county"), below


@dataclass(slots=True)
class _Group:
    """The cases of one place, month and number of days: ``on_time``, ``once`` and ``twice`` corrected, by score."""

    place: str
    month: str
    days: int | None
    number: int
    on_time: int
    once: int
    twice: int
    scores: tuple[int, ...]


class _Tables:
    """Counts by place and month; every number comes from the database grouped already."""

    def __init__(self) -> None:
        self._came: dict[tuple[str, str], int] = {}
        self._groups: list[_Group] = []

    def received(self, scope: _Scope, within: Period) -> None:
        by = [scope.place, *_month(CaseFact.received_on)]
        for place, year, month, number in scope.rows(CaseFact.received_on, within, by):
            self._came[place, _name(year, month)] = number

    def decided(self, scope: _Scope, within: Period) -> None:
        """``worked_days`` stands on what an office decided only; others ended, and may have been rated."""
        by = [scope.place, *_month(CaseFact.decided_on), CaseFact.worked_days]
        for place, year, month, days, number, *sums in scope.rows(CaseFact.decided_on, within, by, sums=_sums()):
            counts = [int(one) for one in sums]
            group = _Group(place, _name(year, month), days, number, counts[0], counts[1], counts[2], tuple(counts[3:]))
            self._groups.append(group)

    def places(self) -> set[str]:
        return {place for place, _ in self._came} | {group.place for group in self._groups}

    def line(self, places: set[str], name: str) -> Line:
        """Some places together."""
        mine = [group for group in self._groups if group.place in places]
        decided = [group for group in mine if group.days is not None]
        days, count = _days(decided), sum(group.number for group in decided)
        scores = {score: sum(group.scores[score - 1] for group in mine) for score in SCORES}
        rating = average(scores)
        return Line(
            place=name,
            received=sum(number for (place, _), number in self._came.items() if place in places),
            decided=count,
            median=rank(days, HALF),
            p90=rank(days, NINE_TENTHS),
            on_time=per_cent(sum(group.on_time for group in decided), count),
            corrections=sum(group.once for group in decided),
            second_corrections=sum(group.twice for group in decided),
            rated=sum(scores.values()),
            rating=rating,
            scores=scores if rating is not None else None,
        )

    def months(self, names: Sequence[str]) -> list[Month]:
        """The course by months, all places together."""
        return [self._one(name) for name in names]

    def _one(self, name: str) -> Month:
        decided = [group for group in self._groups if group.month == name and group.days is not None]
        days, came = _days(decided), sum(number for (_, month), number in self._came.items() if month == name)
        return Month(name, came, sum(days.values()), rank(days, HALF), rank(days, NINE_TENTHS))


def _days(groups: Iterable[_Group]) -> dict[int, int]:
    """Number of days → number of cases."""
    summed: dict[int, int] = defaultdict(int)
    for group in groups:
        summed[group.days or 0] += group.number
    return summed


def _last_months(within: Period) -> list[str]:
    """The names of the months of a period, at most the last twelve."""
    day = max(_months_back(within.last, MONTHS - 1), within.first.replace(day=1))
    names = []
    while day <= within.last:
        names.append(_name(day.year, day.month))
        day = (day + timedelta(days=31)).replace(day=1)
    return names


def _name(year: int, month: int) -> str:
    return f"{year:04d}-{month:02d}"


def _months_back(day: date, months: int) -> date:
    """The first day of the month so many months earlier."""
    at = day.year * 12 + day.month - 1 - months
    return date(at // 12, at % 12 + 1, 1)


def _month(day: Any) -> list[Any]:
    return [extract("year", day), extract("month", day)]


def _sums() -> list[Any]:
    conditions = [CaseFact.on_time.is_(True), CaseFact.corrections > 0, CaseFact.corrections > 1]
    conditions += [CaseFact.score == score for score in SCORES]
    return [func.sum(case((condition, 1), else_=0)) for condition in conditions]


def _wrong(words: Any) -> Invalid:
    return Invalid("wrong_period", words, errors={"from": [words]})
