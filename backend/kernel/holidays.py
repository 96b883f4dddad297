"""The holiday notice of one year 放假安排: named holidays and make-up workdays 调休, checked and joined; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from backend.kernel.i18n import N_, Text
from backend.kernel.workdays import SATURDAY, Calendar

#: The longest holiday ever announced had nine days; a slip in the month would give thirty.
LONGEST = 15
MOST = 20


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days off from ``first`` to ``last``."""

    name: str
    first: date
    last: date

    def days(self) -> Iterator[date]:
        for step in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=step)


@dataclass(frozen=True, slots=True)
class YearPlan:
    """One year; ``workdays``: weekend days worked instead; ``source``: the notice it follows."""

    year: int
    source: str
    holidays: tuple[Holiday, ...]
    workdays: tuple[date, ...]

    def days_off(self) -> frozenset[date]:
        return frozenset(day for holiday in self.holidays for day in holiday.days())


def faults(plan: YearPlan) -> dict[str, Text]:
    """What a mistyped notice breaks, by field (``holidays``, ``holidays.0``, ``workdays``, ``workdays.0``)."""
    found = dict(_holidays(plan))
    if not found:
        found = dict(_workdays(plan))
    return found


def _holidays(plan: YearPlan) -> Iterator[tuple[str, Text]]:
    if not 0 < len(plan.holidays) <= MOST:
        yield "holidays", N_("至少写一个假期，最多 %(most)s 个", most=MOST)
    taken: dict[date, str] = {}
    for place, holiday in enumerate(plan.holidays):
        fault = _holiday(plan.year, holiday, taken)
        if fault is not None:
            yield f"holidays.{place}", fault
            continue
        taken |= dict.fromkeys(holiday.days(), holiday.name)


def _holiday(year: int, holiday: Holiday, taken: Mapping[date, str]) -> Text | None:
    if holiday.first.year != year or holiday.last.year != year:
        return N_("日期都要在 %(year)s 年里；跨年的假，另一年的那几天写在另一年", year=year)
    if holiday.last < holiday.first:
        return N_("最后一天不能早于第一天")
    if (holiday.last - holiday.first).days >= LONGEST:
        return N_("一个假期最多 %(most)s 天，请看看月份有没有写错", most=LONGEST)
    again = next((day for day in holiday.days() if day in taken), None)
    if again is not None:
        return N_("%(day)s 已经在“%(name)s”里了", day=again.isoformat(), name=taken[again])
    return None


def _workdays(plan: YearPlan) -> Iterator[tuple[str, Text]]:
    if len(plan.workdays) > MOST:
        yield "workdays", N_("补班最多 %(most)s 天", most=MOST)
    off = plan.days_off()
    for place, day in enumerate(plan.workdays):
        if day.year != plan.year:
            yield f"workdays.{place}", N_("日期都要在 %(year)s 年里", year=plan.year)
        elif day.weekday() < SATURDAY:
            yield f"workdays.{place}", N_("%(day)s 不是周末，本来就上班，不用写", day=day.isoformat())
        elif day in off:
            yield f"workdays.{place}", N_("%(day)s 又放假又补班，只能留一个", day=day.isoformat())
        elif day in plan.workdays[:place]:
            yield f"workdays.{place}", N_("%(day)s 写了两次", day=day.isoformat())


def joined(plans: Iterable[YearPlan]) -> Calendar:
    """The plans of several years as one calendar."""
    known = list(plans)
    return Calendar(
        frozenset(day for plan in known for day in plan.days_off()),
        frozenset(day for plan in known for day in plan.workdays),
        frozenset(plan.year for plan in known),
    )
