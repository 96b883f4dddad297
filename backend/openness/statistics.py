"""What an office sees of its work: places and months, no resident and no clerk. Grouped by index, five statements."""

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
DECIDED = ("approved", "rejected")
LONGEST = timedelta(days=3 * 366)
#: Months of the course beside the table.
MONTHS = 12

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
    tables.rated(scope, within)
    lines = [tables.line(place) for place in sorted(tables.places())]
    return Report(
        region=region,
        level=part,
        period=within,
        service_item=service_item,
        total=tables.line(None, name=region),
        lines=lines,
        months=_months(scope, _year_of(within)),
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


class _Tables:
    """Counts by place; every number comes from the database grouped already."""

    def __init__(self) -> None:
        self._received: dict[str, int] = defaultdict(int)
        self._days: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self._sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self._scores: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))

    def received(self, scope: _Scope, within: Period) -> None:
        for place, number in scope.rows(CaseFact.received_on, within, [scope.place]):
            self._received[place] += number

    def decided(self, scope: _Scope, within: Period) -> None:
        by, decided = [scope.place, CaseFact.worked_days], CaseFact.outcome.in_(DECIDED)
        for place, days, number, *sums in scope.rows(CaseFact.decided_on, within, by, decided, sums=_sums()):
            self._days[place][days or 0] += number
            self._sums[place] = [a + int(b) for a, b in zip(self._sums[place], (number, *sums), strict=True)]

    def rated(self, scope: _Scope, within: Period) -> None:
        by, rated = [scope.place, CaseFact.score], CaseFact.score.is_not(None)
        for place, score, number in scope.rows(CaseFact.decided_on, within, by, rated):
            self._scores[place][score] += number

    def places(self) -> set[str]:
        return {*self._received, *self._days, *self._scores}

    def line(self, place: str | None, *, name: str = "") -> Line:
        """One place, or all of them together (``None``)."""
        places = self.places() if place is None else {place}
        days = _together(self._days[one] for one in places)
        scores = _together(self._scores[one] for one in places)
        sums = [sum(self._sums[one][at] for one in places) for at in range(4)]
        return Line(
            place=name if place is None else place,
            received=sum(self._received[one] for one in places),
            decided=sums[0],
            median=rank(days, HALF),
            p90=rank(days, NINE_TENTHS),
            on_time=per_cent(sums[1], sums[0]),
            corrections=sums[2],
            second_corrections=sums[3],
            rated=sum(scores.values()),
            rating=average(scores),
            scores=dict(scores) if average(scores) is not None else None,
        )


def _months(scope: _Scope, within: Period) -> list[Month]:
    """The course by months, for all places together."""
    received: dict[str, int] = defaultdict(int)
    days: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for year, month, number in scope.rows(CaseFact.received_on, within, _month(CaseFact.received_on)):
        received[f"{year:04d}-{month:02d}"] += number
    by, decided = [*_month(CaseFact.decided_on), CaseFact.worked_days], CaseFact.outcome.in_(DECIDED)
    for year, month, worked, number in scope.rows(CaseFact.decided_on, within, by, decided):
        days[f"{year:04d}-{month:02d}"][worked or 0] += number
    return [
        Month(one, received[one], sum(days[one].values()), rank(days[one], HALF), rank(days[one], NINE_TENTHS))
        for one in _names(within)
    ]


def _year_of(within: Period) -> Period:
    """Whole months up to the last one of the period, at most twelve."""
    first = max(_months_back(within.last, MONTHS - 1), within.first.replace(day=1))
    return Period(first, within.last)


def _names(within: Period) -> list[str]:
    names, day = [], within.first.replace(day=1)
    while day <= within.last:
        names.append(f"{day:%Y-%m}")
        day = (day + timedelta(days=31)).replace(day=1)
    return names


def _months_back(day: date, months: int) -> date:
    """The first day of the month so many months earlier."""
    at = day.year * 12 + day.month - 1 - months
    return date(at // 12, at % 12 + 1, 1)


def _together(tables: Iterable[dict[int, int]]) -> dict[int, int]:
    summed: dict[int, int] = defaultdict(int)
    for table in tables:
        for key, number in table.items():
            summed[key] += number
    return summed


def _month(day: Any) -> list[Any]:
    return [extract("year", day), extract("month", day)]


def _sums() -> list[Any]:
    conditions = (CaseFact.on_time.is_(True), CaseFact.corrections > 0, CaseFact.corrections > 1)
    return [func.sum(case((condition, 1), else_=0)) for condition in conditions]


def _wrong(words: Any) -> Invalid:
    return Invalid("wrong_period", words, errors={"from": [words]})
