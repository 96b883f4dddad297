"""What of an entry can be cut out or put in other words, and how it reads then; pure."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_
from backend.tips import proofs
from backend.tips.third_parties import detector
from backend.tips.third_parties.detector import Spot

#: What stands where words were.
GONE = "〔已隐去〕"
#: What an entry holds beside the words of a person.
_FIXED = frozenset({"category", "happened_month", "target.kind", "target.region", "mime"})

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cut:
    """From ``start`` to before ``end`` in ``field`` (``text``, ``target.name``), in code points."""

    field: str
    start: int
    end: int


def fields(content: Content) -> dict[str, str]:
    """What a person wrote into an entry, by field."""
    return {field: text for field, text in detector.written(content).items() if field not in _FIXED and text}


def suggestions(content: Content) -> dict[str, list[Spot]]:
    """Where the detector sees a woman, by field; fields without a spot are left out."""
    own = detector.OFFENDERS_OWN
    found = {
        field: detector.spots(text, allowed=own if field.startswith(detector.CONTACTS) else ())
        for field, text in fields(content).items()
    }
    return {field: spots for field, spots in found.items() if spots}


def cut(content: Content, cuts: Iterable[Cut]) -> dict[str, str]:
    """The fields with ``GONE`` in place of each cut; ``Invalid`` for places that are not there or overlap."""
    by_field: dict[str, list[Cut]] = {}
    for one in cuts:
        by_field.setdefault(one.field, []).append(one)
    texts = fields(content)
    if not by_field or set(by_field) - set(texts):
        raise nowhere()
    return {field: _cut(texts[field], found) for field, found in by_field.items()}


def _cut(text: str, cuts: Iterable[Cut]) -> str:
    """From the last to the first, so that places stay right."""
    end = len(text)
    for one in sorted(cuts, key=lambda one: one.start, reverse=True):
        if not 0 <= one.start < one.end <= end:
            raise nowhere()
        text, end = text[: one.start] + GONE + text[one.end :], one.start
    return text


def renewed(content: Content, texts: Mapping[str, str]) -> dict[str, Any]:
    """The content with other words in these fields, and without what the proof's opening tells of them."""
    if not texts or set(texts) - set(fields(content)):
        raise nowhere()
    after = copy.deepcopy(dict(content))
    for field, text in texts.items():
        _put(after, field, text)
    if after.get("opening"):
        for part in sorted({"target" if field.startswith("target.") else "rest" for field in texts}):
            after["opening"] = proofs.without(after["opening"], part)
    return after


def _put(content: Any, field: str, text: str) -> None:
    *path, last = [int(part) if part.isdecimal() else part for part in field.split(".")]
    for part in path:
        content = content[part]
    content[last] = text


def nowhere() -> Invalid:
    words = N_("要隐去的位置和现在的文字对不上，请重新打开再标一遍")
    return Invalid("invalid_input", words, errors={"spots": [words]})
