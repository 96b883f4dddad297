"""What the form of a correction notice offers: the last day it may set, and why a second one is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from backend.applications import corrections, policy
from backend.web.context import runtime
from backend.web.words import say
from h5.cases import definition_of


@dataclass(frozen=True, slots=True)
class NoticeFields:
    """``usual``: the last day when the clerk says nothing; ``reasons``: (code, words), empty for a first notice."""

    first: date
    last: date
    usual: date
    reasons: list[tuple[str, str]]


def of(case: dict[str, Any]) -> NoticeFields:
    """For this case, today."""
    at, definition = runtime(), definition_of(case)
    now = at.clock()
    first, last = corrections.bounds(definition, at.calendar, now)
    usual = corrections.due_day(definition, at.calendar, None, now)
    reasons = [(code, say(words)) for code, words in policy.SECOND_REASONS.items()]
    return NoticeFields(first, last, usual, reasons if case["next_ordinal"] > 1 else [])
