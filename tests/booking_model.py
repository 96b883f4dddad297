"""What bookings should be, in a few dictionaries: for the stateful test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from backend.bookings import policy
from tests.booking_audit import ACTIVE, SEATED

#: What the passing of time may do to a booking.
BY_TIME = {"held": ("cancelled",), "confirmed": ("missed", "cancelled"), "checked_in": ("completed",)}


@dataclass
class Visit:
    """One booking. ``keys``: whose only active booking it is."""

    id: int
    booker: int
    people: frozenset[int]
    keys: frozenset[int]
    seats: int
    slot: int
    plan: str
    status: str
    until: datetime | None
    begun: datetime


@dataclass
class Model:
    """Couples and singles, and everything they booked."""

    spouses: dict[int, int]
    visits: dict[int, Visit] = field(default_factory=dict)

    def keys(self, who: int, together: bool) -> frozenset[int]:
        spouse = self.spouses.get(who)
        if together and spouse:
            return frozenset({who, spouse})
        return frozenset({min(who, spouse or who)})

    def people(self, who: int, together: bool) -> frozenset[int]:
        return frozenset({who, self.spouses[who]} if together else {who})

    def active(self) -> Iterable[Visit]:
        return (visit for visit in self.visits.values() if visit.status in ACTIVE)

    def in_the_way(self, keys: frozenset[int], now: datetime) -> tuple[list[Visit], list[Visit]]:
        """Active bookings that share a key: those that stand, and holds that ran out."""
        theirs = [visit for visit in self.active() if visit.keys & keys]
        late = [visit for visit in theirs if visit.status == "held" and visit.until and visit.until <= now]
        return [visit for visit in theirs if visit not in late], late

    def used(self, people: frozenset[int], plan: str, *, but: Iterable[Visit] = ()) -> bool:
        """Somebody has, or has had, this plan's checkup."""
        kept = [visit for visit in self.visits.values() if visit.status in (*ACTIVE, "completed") and visit not in but]
        return any(visit.people & people and visit.plan == plan for visit in kept)

    def given_up(self, who: int, now: datetime) -> int:
        since = now - policy.GIVEN_UP_WINDOW
        return sum(v.booker == who and v.status == "cancelled" and v.begun > since for v in self.visits.values())

    def seats(self, slot: int) -> int:
        return sum(visit.seats for visit in self.visits.values() if visit.slot == slot and visit.status in SEATED)
