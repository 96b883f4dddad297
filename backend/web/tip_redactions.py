"""What the API and the pages of redaction share: each act in a transaction, and the log of SQLite emptied after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from backend.tips import cuts as content_cuts, redaction
from backend.tips.cuts import Cut
from backend.tips.entries import Entry
from backend.tips.redaction import At
from backend.web import investigators
from backend.web.context import runtime

__all__ = ["At", "cut", "destroy", "read", "replace", "suggestions"]


def suggestions(tip_id: str) -> list[dict[str, Any]]:
    """Spots of every entry that has some, by field."""
    at, opener = runtime().tips, investigators.opener()
    with at.db.reading() as session:
        found = redaction.all_of(session, opener=opener, tip_id=tip_id)
    spots = [(entry, content_cuts.suggestions(entry.content or {})) for entry in found]
    return [_line(entry, by_field) for entry, by_field in spots if by_field]


def read(at: At) -> Entry:
    """One entry, opened; the look is logged."""
    tips = runtime().tips
    return tips.db.transact(redaction.read, opener=investigators.opener(), at=at, day=tips.today)


def cut(at: At, cuts: Sequence[Cut]) -> int:
    """The new edition."""
    return _done(redaction.cut, at=at, cuts=cuts, keys=runtime().tips.keys)


def replace(at: At, texts: Mapping[str, str]) -> int:
    """The new edition."""
    return _done(redaction.replace, at=at, texts=texts, keys=runtime().tips.keys)


def destroy(at: At) -> int:
    """The new edition, which holds nothing."""
    return _done(redaction.destroy, at=at)


def _done(command: Callable[..., int], **values: Any) -> int:
    tips = runtime().tips
    edition = tips.db.transact(command, opener=investigators.opener(), day=tips.today, **values)
    tips.db.empty_log()
    return edition


def _line(entry: Entry, by_field: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    spots = {field: [asdict(spot) for spot in found] for field, found in by_field.items()}
    return {"entry": entry.id, "edition": entry.edition, "kind": entry.kind, "spots": spots}
