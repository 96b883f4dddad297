"""What a drill found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """``held``: whether every promise was kept; ``words``: what was counted, for a person."""

    held: bool
    words: str
