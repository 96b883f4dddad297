"""Words that tell who a woman is, marked where they stand, so that a person can take them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.kernel.errors import Problem
from backend.tips.third_parties import detector
from backend.tips.third_parties.detector import Piece, Spot
from backend.web.words import say

Spots = Mapping[str, list[dict[str, Any]]]


def spots(found: Problem | None) -> Spots:
    """Path of a text → its spots, of a refusal that names some."""
    named: Any = found.extra.get("spots", {}) if found and found.code == "third_party" else {}
    return named if isinstance(named, dict) else {}


def cut(text: str, places: list[dict[str, Any]]) -> list[Piece]:
    """The text in pieces. ``places``: counted in this very text."""
    return detector.marked(text, [Spot(one["start"], one["end"], one["kind"]) for one in places])


def of_text(text: str, found: Problem | None) -> list[Piece]:
    """Of a form with one text, as it was read."""
    return [piece for places in spots(found).values() for piece in cut(text, places)]


def first(found: Problem) -> str:
    """What is wrong, in one sentence: the first about a field, else the refusal's own."""
    return next((say(text) for texts in found.errors.values() for text in texts), say(found.title))
