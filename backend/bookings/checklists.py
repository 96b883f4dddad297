"""What a checklist is made from: the booking, who comes, the checks of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.bookings import completion, queries
from backend.bookings.completion import Check
from backend.bookings.queries import BookingCard
from backend.catalogue import queries as catalogue
from backend.kernel.crypto import Vault
from backend.models.booking import Booking

ME, PARTNER, COMPANION = "me", "partner", "companion"


@dataclass(frozen=True, slots=True)
class Visit:
    """``people``: (me, partner or companion; woman, man or ""), the person who asks first. ``minutes``: 0 unknown."""

    card: BookingCard
    people: tuple[tuple[str, str], ...]
    checks: tuple[Check, ...]
    minutes: int


def visit(session: Session, vault: Vault, *, resident_id: int, booking_id: int) -> Visit:
    """One's own visit or the one made with one's partner; ``NotFound`` for anybody else's."""
    card = queries.one(session, vault, resident_id=resident_id, booking_id=booking_id)
    known = completion.sexes(session, vault, session.get_one(Booking, booking_id))
    mine = "booker" if card.by_me else "partner"
    people = [(_who(whose, mine), sex) for whose, sex in known.items()]
    source = catalogue.definition(session, completion.ITEM).source["guide"]
    minutes = int(source.get("takes_minutes", 0))
    ordered = sorted(people, key=lambda person: person[0] != ME)
    return Visit(card, tuple(ordered), completion.checks(session), minutes)


def _who(whose: str, mine: str) -> str:
    """Of a seat, as the person who asks sees it."""
    if whose == mine:
        return ME
    return COMPANION if whose == COMPANION else PARTNER
