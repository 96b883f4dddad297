"""Measuring ours against a floor: interleaved rounds, medians, one line per figure.

Two machines are never equally fast, and one machine is not equally fast from one minute to the next. So every
figure is a ratio to a floor (the least that any solution would have to do) measured in the same run.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results.json"
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """``ratio`` is compared with ``goal`` (``≥ 0.9``, ``≤ 1.5``); absolute goals put their number there."""

    name: str
    floor: float
    ours: float
    ratio: float
    goal: str
    unit: str

    @property
    def reached(self) -> bool:
        sign, number = self.goal.split()[:2]
        return self.ratio >= float(number) if sign == "≥" else self.ratio <= float(number)


def compare(
    name: str,
    *,
    floor: Callable[[], float],
    ours: Callable[[], float],
    goal: str,
    unit: str,
    rounds: int = ROUNDS,
) -> Figure:
    """Take turns at both; the ratio is the median of each round's own, so that noise hits both sides alike."""
    pairs = [(floor(), ours()) for _ in range(rounds)]
    ratio = statistics.median(mine / theirs for theirs, mine in pairs)
    floors, mines = zip(*pairs, strict=True)
    return Figure(name, statistics.median(floors), statistics.median(mines), ratio, goal, unit)


def absolute(name: str, value: float, *, goal: str, unit: str, floor: float = 0.0) -> Figure:
    """A figure whose goal is a number of its own (bytes, seconds, megabytes)."""
    return Figure(name, floor, value, value, goal, unit)


def table(figures: Iterable[Figure]) -> str:
    """``what floor ours ratio goal``, a line each; ✗ marks what is not reached."""
    lines = [f"  {'what':<34}{'floor':>12}{'ours':>12}{'ratio':>9}  goal"]
    for f in figures:
        mark = " " if f.reached else "✗"
        lines.append(f"{mark} {f.name:<34}{f.floor:>12.4g}{f.ours:>12.4g}{f.ratio:>9.3g}  {f.goal} ({f.unit})")
    return "\n".join(lines)


def write(figures: Iterable[Figure], path: Path = RESULTS) -> None:
    """Merge into the results, so that a run of some figures keeps the others."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for figure in figures:
        values = asdict(figure)
        name = values.pop("name")
        kept[name] = {key: _short(value) for key, value in values.items()}
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _short(value: object) -> object:
    """Four significant digits: more would be noise in every diff."""
    return float(f"{value:.4g}") if isinstance(value, float) else value
