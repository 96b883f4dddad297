"""The pure rules of an application: who may see and act, what is missing, until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from backend.catalogue.definition import ItemDefinition
from backend.kernel.clock import SHANGHAI
from backend.kernel.i18n import N_, Text
from backend.kernel.workdays import Calendar

LEVELS = ("village", "town", "county")
#: A claim holds a case so long without activity.
LEASE = timedelta(minutes=30)
#: Activity renews a claim at most so often: each renewal is a row of the chain.
RENEWED = timedelta(minutes=5)
#: A draft's last warning before it is deleted.
DRAFT_WARNING = timedelta(days=14)
#: What a clerk may give for a correction, in working days; without a wish it is the item's own number.
CORRECTION_DAYS = (3, 30)
#: So many working days before its end an open correction is called to mind.
CORRECTION_REMINDER = 3
#: Why the one complete notice was not the last: a second one must say it.
OTHER_REASON = "other"
SECOND_REASONS = {
    "new_fact": N_("出现了上次不知道的新情况"),
    "answer_incomplete": N_("上次要求的没有补全"),
    "law_changed": N_("规定变了"),
    OTHER_REASON: N_("其他原因，写在下面"),
}


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A member of staff who acts on cases: ``region`` is the 12-digit code of the office."""

    id: int
    level: str
    region: str
    post: str
    #: Blind index of the clerk's own document, to keep them off their own case.
    person_index: str | None = None


def rank(level: str) -> int:
    """0 village, 1 town, 2 county."""
    return LEVELS.index(level)


def sees(reviewer: Reviewer, *, village: str, town: str, county: str) -> bool:
    """Whether a case lies in the reviewer's jurisdiction."""
    return {"village": village, "town": town, "county": county}[reviewer.level] == reviewer.region


def end_of_day(day: date) -> datetime:
    """The first moment after a day in China, aware."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Promised and legal last day, and when the clerk is warned (one working day before)."""

    due_on: date
    legal_due_on: date
    due_at: datetime
    warn_at: datetime


def deadlines(definition: ItemDefinition, calendar: Calendar, start: date) -> Deadlines:
    """Counted in working days from the day after ``start`` (行政许可法 §82: working days, the first not counted)."""
    due = calendar.add(start, definition.promised_days)
    return _deadlines(due, calendar.add(start, definition.legal_days), calendar)


def prolonged(calendar: Calendar, *, due_on: date, legal_due_on: date, paused_on: date, today: date) -> Deadlines:
    """The deadlines after a pause: the working days of the pause do not count (an open correction)."""
    days = calendar.between(paused_on, today)
    return _deadlines(calendar.add(due_on, days), calendar.add(legal_due_on, days), calendar)


def _deadlines(due: date, legal: date, calendar: Calendar) -> Deadlines:
    warn = datetime.combine(calendar.add(due, -1), time(8), SHANGHAI)
    return Deadlines(due, legal, end_of_day(due), warn)


@dataclass(frozen=True, slots=True)
class Office:
    """One step of the way up: an office and whether anyone works there."""

    level: str
    region: str
    name: str
    phone: str
    staffed: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is: ``level`` of the workflow, ``office`` that really handles it."""

    level: str
    office: Office


def turn(levels: Sequence[str], start: int, offices: Mapping[str, Office]) -> Turn:
    """The first level from ``start`` on whose office has staff; an empty office falls to the one above.

    When nobody works anywhere, the highest office gets the case: it is never in no queue.
    """
    for level in levels[start:]:
        if level in offices and offices[level].staffed:
            return Turn(level, offices[level])
    last = levels[-1]
    above = [offices[level] for level in LEVELS[rank(last) :] if level in offices]
    handler = next((office for office in above if office.staffed), None)
    return Turn(last, handler or list(offices.values())[-1])


def turn_below(levels: Sequence[str], current: str, offices: Mapping[str, Office]) -> Turn | None:
    """The nearest staffed level below, for a return; ``None`` when there is none."""
    for level in reversed(levels[: list(levels).index(current)]):
        if level in offices and offices[level].staffed:
            return Turn(level, offices[level])
    return None


def missing_people(*, cosign: str, signed: bool, identity: bool) -> dict[str, Text]:
    """What the people still owe before an application can be submitted."""
    missing: dict[str, Text] = {}
    if not identity:
        missing["identity"] = N_("请先填写姓名和证件号")
    if cosign == "required" and not signed:
        missing["cosignature"] = N_("请先请您的爱人签名")
    return missing
