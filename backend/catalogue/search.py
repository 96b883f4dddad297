"""Finding a service item by what people call it: names, aliases, summaries and the questions of the FAQ."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from backend.catalogue.definition import ItemDefinition


def find(
    items: Iterable[ItemDefinition], *, words: str | None = None, region: str | None = None
) -> list[ItemDefinition]:
    """The items offered in a region (12 digits) whose texts contain every word, literally, whatever its case."""
    wanted = _fold(words or "").split()
    return [
        item
        for item in items
        if (region is None or item.offered_in(region)) and all(word in _texts(item) for word in wanted)
    ]


def _texts(item: ItemDefinition) -> str:
    questions = (entry["question"] for entry in item.source["guide"].get("faq", []))
    return _fold("\n".join((item.name, item.name_en, item.summary, item.summary_en, *item.aliases, *questions)))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
