"""Follow-ups as both edges handle them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.bookings import followups
from backend.bookings.followups import Card
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once


def mine() -> list[Card]:
    """What the caller asked to be asked."""
    at = runtime()
    with at.db.reading() as session:
        return followups.mine(session, at.vault, resident_id=caller().id, now=at.clock())


def one(follow_up_id: int) -> Card:
    """One that is open."""
    at = runtime()
    with at.db.reading() as session:
        return followups.one(session, at.vault, resident_id=caller().id, follow_up_id=follow_up_id, now=at.clock())


def put(booking_id: int, days: Mapping[str, date]) -> None:
    """Ask exactly these on these days."""
    at = runtime()
    once(
        followups.put,
        vault=at.vault,
        purposes=at.purposes,
        resident_id=caller().id,
        booking_id=booking_id,
        days=days,
        now=at.clock(),
    )


def answer(follow_up_id: int, answers: Mapping[str, Any], name: str, contact: str) -> None:
    """Send the answers to the station."""
    at = runtime()
    once(
        followups.answer,
        vault=at.vault,
        purposes=at.purposes,
        resident_id=caller().id,
        follow_up_id=follow_up_id,
        answers=answers,
        name=name,
        contact=contact,
        now=at.clock(),
    )


def stop_all() -> None:
    """End everything the caller is asked."""
    at = runtime()
    at.db.transact(followups.stop_all, at.vault, resident_id=caller().id)


def stop(word: str) -> None:
    """End everything that the person of this word is asked; nobody learns whether there was anything."""
    at = runtime()
    at.db.transact(followups.stop, at.vault, word=word)
