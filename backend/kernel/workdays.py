"""Chinese working days 工作日: weekends, public holidays and make-up workdays 调休, as pure arithmetic.

Days are counted, not walked: the number of working days up to a day is weekdays minus holidays
that fall on weekdays plus make-up workdays on weekends, so a deadline costs a binary search.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date

SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """What is known about each year; a year outside ``years`` falls back to Monday to Friday.

    ``holidays``: days off by the State Council's notice; ``workdays``: weekend days worked instead.
    """

    holidays: frozenset[date]
    workdays: frozenset[date]
    years: frozenset[int]
    _lost: tuple[int, ...] = field(init=False, repr=False)
    _gained: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        lost = sorted(d.toordinal() for d in self.holidays if d.weekday() < SATURDAY)
        gained = sorted(d.toordinal() for d in self.workdays if d.weekday() >= SATURDAY)
        object.__setattr__(self, "_lost", tuple(lost))
        object.__setattr__(self, "_gained", tuple(gained))

    def is_workday(self, day: date) -> bool:
        """Whether offices work on that day."""
        return self._upto(day.toordinal()) > self._upto(day.toordinal() - 1)

    def add(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day`` (before it when negative); ``day`` itself when 0."""
        if count == 0:
            return day
        ordinal = day.toordinal()
        rank = self._upto(ordinal) + count if count > 0 else self._upto(ordinal - 1) + 1 + count
        found = bisect_left(range(1, date.max.toordinal() + 1), rank, key=self._upto)
        return date.fromordinal(found + 1)

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when ``end`` is earlier."""
        return self._upto(end.toordinal()) - self._upto(start.toordinal())

    def knows(self, year: int) -> bool:
        """Whether the holidays of that year are known; if not, operators should be warned."""
        return year in self.years

    def _upto(self, ordinal: int) -> int:
        """Working days from 0001-01-01 (a Monday) up to and including that day."""
        weekdays = ordinal // 7 * 5 + min(ordinal % 7, 5)
        return weekdays - bisect_right(self._lost, ordinal) + bisect_right(self._gained, ordinal)
