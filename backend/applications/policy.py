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
#: A draft that nobody has touched for so long is spoken of, once.
DRAFT_IDLE = timedelta(days=3)
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


#: Digits of a region code that name a level's place.
DIGITS = {"village": 12, "town": 9, "county": 6}


def covers(reviewer: Reviewer, region: str) -> bool:
    """Whether an office lies in the reviewer's jurisdiction, their own included."""
    digits = DIGITS[reviewer.level]
    return region[:digits] == reviewer.region[:digits]


def end_of_day(day: date) -> datetime:
    """The first moment after a day in China, aware."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Promised and legal last day, and when the clerk is warned first."""

    due_on: date
    legal_due_on: date
    due_at: datetime
    warn_at: datetime


def deadlines(definition: ItemDefinition, calendar: Calendar, start: date) -> Deadlines:
    """Counted in working days from the day after ``start`` (行政许可法 §82: working days, the first not counted)."""
    due, legal = calendar.add(start, definition.promised_days), calendar.add(start, definition.legal_days)
    return _deadlines(due, legal, calendar, definition.promised_days)


def prolonged(
    calendar: Calendar, *, due_on: date, legal_due_on: date, promised_days: int, paused_on: date, today: date
) -> Deadlines:
    """The deadlines after a pause: the working days of the pause do not count (an open correction)."""
    due, legal = (_moved(calendar, last, paused_on, today) for last in (due_on, legal_due_on))
    return _deadlines(due, legal, calendar, promised_days)


def _moved(calendar: Calendar, last: date, paused_on: date, today: date) -> date:
    moved = calendar.add(last, calendar.between(paused_on, today))
    # In time when the clock stopped is in time when it goes on, also when that happens on a day off.
    return calendar.add(today, 1) if paused_on <= last and moved < today else moved


def _deadlines(due: date, legal: date, calendar: Calendar, promised_days: int) -> Deadlines:
    return Deadlines(due, legal, end_of_day(due), warnings(calendar, due, promised_days)[0].at)


@dataclass(frozen=True, slots=True)
class Alert:
    """A moment before the last day at which the office hears of it; ``kind`` of its notice."""

    kind: str
    at: datetime


SOON_NOTICE, NEAR_NOTICE, PASSED_NOTICE = "deadline_soon", "deadline_near", "deadline_passed"


def warnings(calendar: Calendar, due_on: date, promised_days: int) -> list[Alert]:
    """At 8:00 of the day on which 60 % of the promised working days are used up, and of the day before the last.

    Counted back from the last day, so that pauses have moved them already. Of short promises both are one.
    """
    left = promised_days - (promised_days * 3 + 4) // 5
    near = Alert(NEAR_NOTICE, _at_eight(calendar.add(due_on, -1)))
    return [Alert(SOON_NOTICE, _at_eight(calendar.add(due_on, -left))), near] if left > 1 else [near]


def _at_eight(day: date) -> datetime:
    return datetime.combine(day, time(8), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Projection:
    """The promised last day of a case whose clock stands still, if it went on today or on the answer's last day."""

    if_today: date
    if_last_day: date | None


def projected(calendar: Calendar, *, due_on: date, paused_on: date, today: date, answer_by: date | None) -> Projection:
    """When a paused case will be done at the latest; the working days of the pause do not count."""

    last = _moved(calendar, due_on, paused_on, max(answer_by, today)) if answer_by else None
    return Projection(_moved(calendar, due_on, paused_on, today), last)


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
