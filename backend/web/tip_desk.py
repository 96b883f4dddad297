"""What the API and the pages of the investigators share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any, TypeVar

from flask import request

from backend.kernel.errors import Problem
from backend.lifecycles.tip import TIP
from backend.tips import cursors, desk, entries, lines, merging, resending
from backend.tips.desk import Deed, TipCard
from backend.tips.entries import Entry
from backend.tips.lines import Listed
from backend.tips.merging import Sibling
from backend.tips.unlocking import Opener
from backend.web import investigators
from backend.web.context import runtime
from backend.web.once import checked, given, posted
from backend.web.words import say

R = TypeVar("R")

#: Parts of a report that are not for investigators: what opens its proof, and whom the reporter did not trust.
HIDDEN = ("opening", "left_out")


def listing(
    *, view: str = "all", status: str | None = None, after: tuple[date, str] | None = None, limit: int
) -> dict[str, Any]:
    """A page of the list; whoever has no key yet sees none."""
    opener = investigators.open_key()
    try:
        holder = opener.id if opener else investigators.key().id
    except Problem:
        return {"items": [], "next_cursor": None, "locked": True}
    at = runtime().tips
    with at.db.reading() as session:
        found = lines.listing(
            session,
            investigator_id=holder,
            private=opener.private if opener else None,
            day=at.today,
            view=view,
            status=status,
            after=after,
            limit=limit,
        )
    items, more = found[:limit], found[limit:]
    cursor = cursors.make(items[-1].received_on, items[-1].id) if more else None
    return {"items": [line(one) for one in items], "next_cursor": cursor, "locked": opener is None}


def line(one: Listed) -> dict[str, Any]:
    return {**asdict(one), "status_label": say(TIP.label(one.status))}


def opened(tip_id: str) -> dict[str, Any]:
    """One tip with all that belongs to it; the opening is logged."""
    return _with(tip_id, investigators.opener())


def act(command: Callable[..., str], tip_id: str, /, *, opener: Opener | None = None, **arguments: Any) -> None:
    """Run a command of the desk once for this request, whoever sends it again."""
    carry_out(command, opener=opener or investigators.opener(), tip_id=tip_id, **arguments)


def carry_out(command: Callable[..., R], /, **arguments: Any) -> R:
    """The same for any command that takes ``day`` and ``log_id``; ``KeyReused`` when the key came with other words."""
    at, key = runtime().tips, given()
    if key is None:
        return at.db.transact(command, day=at.today, log_id=entries.new_id(), **arguments)
    place = f"{request.method} {request.path}|{investigators.who().id}|{checked(key)}"
    sent = resending.sent(place, posted(), day_keys=at.days.both(at.today))
    result: R = at.db.transact_once(resending.perform, command, sent=sent, day=at.today, arguments=arguments)
    return result


def history(tip_id: str) -> list[Deed]:
    """Who did what with a tip."""
    with runtime().tips.db.reading() as session:
        return desk.history(session, opener=investigators.opener(), tip_id=tip_id)


def card(one: TipCard, others: list[Sibling]) -> dict[str, Any]:
    """A tip as the office sees it; ``others``: about the same target."""
    report = {key: value for key, value in (one.report or {}).items() if key not in HIDDEN}
    return {
        **line(one.line),
        "version": one.version,
        "allowed_actions": one.allowed,
        "reachable": one.reachable,
        "report": report or None,
        "messages": [_entry(entry) for entry in one.entries],
        "same_target": [{**asdict(other), "status_label": say(TIP.label(other.status))} for other in others],
    }


def _with(tip_id: str, opener: Opener) -> dict[str, Any]:
    at = runtime().tips
    one = at.db.transact(desk.show, opener=opener, tip_id=tip_id, day=at.today)
    with at.db.reading() as session:
        others = merging.siblings(session, opener=opener, tip_id=tip_id, target_index=one.target_index)
    return card(one, others)


def _entry(entry: Entry) -> dict[str, Any]:
    """``text``: ``None`` where the words were destroyed; of evidence its name."""
    content = entry.content or {}
    text = content.get("text") or content.get("name", "")
    return {
        "id": entry.id,
        "kind": entry.kind,
        "author": entry.author,
        "day": entry.day,
        "text": None if entry.content is None else text,
        "mime": content.get("mime") if entry.kind == entries.EVIDENCE else None,
        "size": content.get("size") if entry.kind == entries.EVIDENCE else None,
        "edition": entry.edition,
    }
