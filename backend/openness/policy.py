"""The pure rules of counting: middle and ninth tenth, and what is hidden because it is too few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

#: Below so many, a number says something about single people.
FEW = 5
#: Parts of whoever waited, for the middle and for nine of ten.
HALF, NINE_TENTHS = Fraction(1, 2), Fraction(9, 10)
#: What of a line is a number of cases, and what is said of those.
COUNTS = ("received", "decided", "corrections", "second_corrections")


@dataclass(frozen=True, slots=True)
class Line:
    """What is counted of one place in a period; ``None``: nothing to say, or too few to say it.

    ``median``, ``p90``: working days within which half and nine tenths of the decided cases were decided.
    ``on_time``: per cent of the decided; ``corrections``: decided cases that had one or more, ``second_corrections``
    two or more; ``rating``: average of ``rated`` ratings; ``scores``: how many of each level.
    """

    place: str
    received: int | None = 0
    decided: int | None = 0
    median: int | None = None
    p90: int | None = None
    on_time: int | None = None
    corrections: int | None = 0
    second_corrections: int | None = 0
    rated: int | None = 0
    rating: float | None = None
    scores: Mapping[int, int] | None = None


def rank(days: Mapping[int, int], part: Fraction) -> int | None:
    """The number of days within which at least ``part`` of the cases were done (nearest rank).

    ``days``: number of days → number of cases.
    """
    wanted, reached = part * sum(days.values()), 0
    for value in sorted(days):
        reached += days[value]
        if days[value] and reached >= wanted:
            return value
    return None


def per_cent(part: int, whole: int) -> int | None:
    """Whole per cent, rounded half up; ``None`` of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else None


def average(scores: Mapping[int, int]) -> float | None:
    """To one decimal place; ``None`` below ``FEW`` ratings: a single one could be guessed."""
    count = sum(scores.values())
    if count < FEW:
        return None
    return float(round(Fraction(sum(score * number for score, number in scores.items()), count), 1))


def for_outside(lines: Sequence[Line]) -> list[Line]:
    """The lines as they may leave the office: numbers from 1 to 4 are hidden, and what could be reckoned from them."""
    shown = [_hide(line) for line in lines]
    for name in COUNTS:
        shown = _hide_a_second(lines, shown, name)
    return shown


def _hide(line: Line) -> Line:
    counts: dict[str, Any] = {name: few(getattr(line, name)) for name in COUNTS}
    hidden = replace(line, **counts)
    return _without_times(hidden) if hidden.decided is None or line.decided == 0 else hidden


def _without_times(line: Line) -> Line:
    return replace(
        line, median=None, p90=None, on_time=None, corrections=None, second_corrections=None, rated=None, rating=None,
        scores=None,
    )  # fmt: skip


def _hide_a_second(lines: Sequence[Line], shown: Sequence[Line], name: str) -> list[Line]:
    """Where one number alone is hidden, the total would tell it: the smallest other one is hidden too."""
    hidden = [at for at, line in enumerate(shown) if getattr(line, name) is None and getattr(lines[at], name)]
    others = [at for at, line in enumerate(shown) if getattr(line, name)]
    if len(hidden) != 1 or not others:
        return list(shown)
    smallest = min(others, key=lambda at: getattr(lines[at], name))
    return [_without(line, name) if at == smallest else line for at, line in enumerate(shown)]


def _without(line: Line, name: str) -> Line:
    nothing: dict[str, Any] = {name: None}
    hidden = replace(line, **nothing)
    return _without_times(hidden) if name == "decided" else hidden


def few(number: int | None) -> int | None:
    """The number, or ``None`` when it is from 1 to 4."""
    return None if number is not None and 0 < number < FEW else number
