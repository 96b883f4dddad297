"""What the API and the pages of the investigators share."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from backend.kernel.errors import Problem
from backend.lifecycles.tip import TIP
from backend.tips import cursors, desk
from backend.tips.desk import TipCard, TipLine
from backend.web import investigators
from backend.web.context import runtime
from backend.web.words import say

#: Parts of a report that are not for investigators: what opens its proof, and whom the reporter did not trust.
HIDDEN = ("opening", "left_out")


def listing(*, status: str | None, after: tuple[date, str] | None, limit: int) -> dict[str, Any]:
    """A page of the list; whoever has no key yet sees none."""
    opener = investigators.open_key()
    try:
        holder = opener.id if opener else investigators.key().id
    except Problem:
        return {"items": [], "next_cursor": None, "locked": True}
    with runtime().tips.db.reading() as session:
        found = desk.listing(
            session,
            investigator_id=holder,
            private=opener.private if opener else None,
            statuses=[status] if status else [],
            after=after,
            limit=limit,
        )
    items, more = found[:limit], found[limit:]
    cursor = cursors.make(items[-1].received_on, items[-1].id) if more else None
    return {"items": [line(one) for one in items], "next_cursor": cursor, "locked": opener is None}


def line(one: TipLine) -> dict[str, Any]:
    return {**asdict(one), "status_label": say(TIP.label(one.status))}


def card(one: TipCard) -> dict[str, Any]:
    report = {key: value for key, value in (one.report or {}).items() if key not in HIDDEN}
    return {
        **line(one.line),
        "version": one.version,
        "allowed_actions": one.allowed,
        "report": report or None,
        "messages": [
            {
                "id": entry.id,
                "kind": entry.kind,
                "author": entry.author,
                "day": entry.day,
                "text": entry.content and (entry.content.get("text") or entry.content.get("name", "")),
            }
            for entry in one.entries
        ],
    }
