"""Calendars 日历: what an administrator enters for a year wins over the file of that year, everywhere and soon."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from backend.administration.policy import Administrator, check_whole
from backend.events import journal, outbox
from backend.kernel.errors import Conflict, Invalid, Unavailable
from backend.kernel.holidays import Holiday, YearPlan, faults, joined
from backend.kernel.i18n import N_
from backend.kernel.workdays import Calendar
from backend.models.administration import CalendarYear

#: Seconds in which a process may still count by the calendar it knows.
FRESH_SECONDS = 30.0
RETRY_SECONDS = 3.0
FIRST, LAST = 2024, 2100
#: What follows a change: open cases are counted again (workers/calendars.py).
CHANGED = "calendar_changed"

Reading = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class YearCard:
    """One year as administrators see it; ``version`` is 0 for a file nobody has changed yet."""

    plan: YearPlan
    version: int
    updated_at: datetime | None


@dataclass(slots=True)
class CalendarBook:
    """The calendar of this process: the files it was built with, and the rows, looked at every half minute."""

    files: tuple[YearPlan, ...]
    reading: Reading = field(repr=False)
    _calendar: Calendar = field(init=False, repr=False)
    _seen: dict[int, int] = field(default_factory=dict, init=False, repr=False)
    _look_at: float = field(default=float("-inf"), init=False, repr=False)
    _known: bool = field(default=False, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self._calendar = joined(self.files)

    @property
    def current(self) -> Calendar:
        """What counts now; while the database is away, what counted last."""
        # One thread looks, the others go on with what is known; before the first look they wait for it.
        if time.monotonic() >= self._look_at and self._lock.acquire(blocking=not self._known):
            try:
                self._look()
            except Unavailable:  # what is known is right but for the last edit: no request fails for it
                self._look_at = time.monotonic() + RETRY_SECONDS
            finally:
                self._lock.release()
        return self._calendar

    def look_again(self) -> None:
        """Read the rows at the next use: this process has just changed one, or works on a change."""
        self._look_at = float("-inf")

    def _look(self) -> None:
        if time.monotonic() < self._look_at:
            return
        with self.reading() as session:
            seen = dict(session.execute(select(CalendarYear.year, CalendarYear.version)).all())
            if seen != self._seen:
                self._calendar = joined(_merged(self.files, session.scalars(select(CalendarYear))).values())
                self._seen = seen
        self._known, self._look_at = True, time.monotonic() + FRESH_SECONDS


def put(session: Session, *, admin: Administrator, plan: YearPlan, version: int, now: datetime) -> int:
    """Enter or change a year. ``version``: what the form began with (0: no row yet). The new version.

    ``Invalid`` with a sentence per field; ``Conflict`` changed_meanwhile when somebody was faster.
    """
    check_whole(admin)
    _check(plan)
    row = session.get(CalendarYear, plan.year)
    if (row.version if row else 0) != version:
        raise changed_meanwhile()
    before = _written(_plan(row)) if row else None
    after = _written(plan)
    if row is None:
        row = CalendarYear(year=plan.year, version=1, updated_at=now, **after)
        _insert(session, row)
    else:
        row.holidays, row.workdays, row.source = after["holidays"], after["workdays"], after["source"]
        row.updated_at = now
        _flush(session)
    changes = {name: [before[name] if before else None, after[name]] for name in after}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    journal.write(session, actor=admin.actor, act="calendar.put", subject=str(plan.year), changes=changes, now=now)
    key = f"{CHANGED}:{plan.year}:{row.version}"
    outbox.add(session, topic=CHANGED, subject_id=plan.year, dedupe_key=key, now=now)
    return row.version


def years(session: Session, files: Iterable[YearPlan]) -> list[YearCard]:
    """Every year that is known, the latest first."""
    rows = {row.year: row for row in session.scalars(select(CalendarYear))}
    cards = {plan.year: YearCard(plan, 0, None) for plan in files}
    cards |= {year: YearCard(_plan(row), row.version, row.updated_at) for year, row in rows.items()}
    return [cards[year] for year in sorted(cards, reverse=True)]


def changed_meanwhile() -> Conflict:
    """Two administrators at once: the second looks again before writing."""
    return Conflict("changed_meanwhile", N_("刚才有人改过了，请先看看新的内容，再决定要不要改"))


def _check(plan: YearPlan) -> None:
    errors = {name: [text] for name, text in faults(plan).items()}
    if not FIRST <= plan.year <= LAST:
        errors["year"] = [N_("年份要在 %(first)s 到 %(last)s 之间", first=FIRST, last=LAST)]
    if not plan.source.strip():
        errors["source"] = [N_("请写依据哪个通知，如：国办发明电〔2026〕7 号")]
    if errors:
        raise Invalid("invalid_input", N_("有 %(n)s 处要改", n=len(errors)), errors=errors)


def _insert(session: Session, row: CalendarYear) -> None:
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as race:
        raise changed_meanwhile() from race


def _flush(session: Session) -> None:
    try:
        session.flush()
    except StaleDataError as race:
        raise changed_meanwhile() from race


def _merged(files: Iterable[YearPlan], rows: Iterable[CalendarYear]) -> dict[int, YearPlan]:
    return {plan.year: plan for plan in files} | {row.year: _plan(row) for row in rows}


def _plan(row: CalendarYear) -> YearPlan:
    day = date.fromisoformat
    holidays = tuple(Holiday(one["name"], day(one["first"]), day(one["last"])) for one in row.holidays)
    return YearPlan(row.year, row.source, holidays, tuple(day(one) for one in row.workdays))


def _written(plan: YearPlan) -> dict[str, Any]:
    """The columns of a plan."""
    return {
        "holidays": [
            {"name": one.name, "first": one.first.isoformat(), "last": one.last.isoformat()} for one in plan.holidays
        ],
        "workdays": [day.isoformat() for day in plan.workdays],
        "source": plan.source,
    }
