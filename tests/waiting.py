"""People who wait, and the sweeps that serve them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from backend.bookings import matching, moving, offers, taking, waitlist, waitlist_queries
from backend.bookings.waitlist import Wait
from backend.bookings.waitlist_queries import OfferCard, WaitCard
from backend.kernel.clock import today
from backend.lifecycles.booking import ACTIVE
from backend.models.booking import Booking, SeatOffer
from backend.models.station import Slot
from tests import booking
from tests.people import Cast


@dataclass(frozen=True)
class Line:
    """The wait-list of the first demo station as the tests see it."""

    cast: Cast

    def join(self, who: int, *, first: int = 1, last: int = 1, **wish: Any) -> int:
        """Wait for tomorrow, or for days counted from today."""
        on = today(self.cast.clock())
        wish.setdefault("station", booking.A)
        wanted = Wait(first=on + timedelta(days=first), last=on + timedelta(days=last), **wish)
        made: int = self.cast.run(
            waitlist.join, vault=self.cast.vault, resident_id=who, wish=wanted, now=self.cast.clock()
        )
        self.cast.clock.advance(timedelta(seconds=1))
        return made

    def leave(self, who: int, entry: int) -> None:
        self.cast.run(waitlist.leave, resident_id=who, entry_id=entry, now=self.cast.clock())

    def sweep(self) -> None:
        """What the relay does every ten seconds, in its order."""
        now, db = self.cast.clock(), self.cast.db
        with db.reading() as session:
            due = offers.due(session, now=now, limit=500)
            late, withdrawn = moving.unmoved(session, now=now), moving.due(session, now=now)
        for offer_id, how in due:
            self.cast.run(offers.end_due, offer_id=offer_id, how=how, now=now)
        for booking_id in late:
            self.cast.run(moving.close, booking_id=booking_id, now=now)
        for booking_id in withdrawn:
            self.cast.run(moving.offer, booking_id=booking_id, now=now)
        self.cast.run(waitlist.end_over, now=now, limit=100)
        while self.cast.run(matching.match, station=booking.A, now=now):
            pass
        booking.release(self.cast)

    def after(self, **span: float) -> None:
        """The clock moves, and the relay comes by."""
        self.cast.clock.advance(timedelta(**span))
        self.sweep()

    def card(self, who: int) -> WaitCard:
        """The newest entry of a person."""
        with self.cast.db.reading() as session:
            return waitlist_queries.mine(session, resident_id=who)[0]

    def open_offers(self, who: int) -> Sequence[OfferCard]:
        with self.cast.db.reading() as session:
            return waitlist_queries.open_offers(session, resident_id=who, now=self.cast.clock())

    def accept(self, who: int, offer: int) -> int:
        made: int = self.cast.run(
            taking.accept,
            vault=self.cast.vault,
            purposes=self.cast.purposes,
            issuer="yangguang",
            resident_id=who,
            offer_id=offer,
            now=self.cast.clock(),
        )
        return made

    def decline(self, who: int, offer: int) -> None:
        self.cast.run(offers.decline, resident_id=who, offer_id=offer, now=self.cast.clock())

    def fill(self, slot_id: int, serials: Sequence[int]) -> list[int]:
        """A guest books a seat for each number; the bookings."""
        return [booking.booked(self.cast, booking.guest(self.cast, serial), slot_id) for serial in serials]

    def give_back(self, made: int) -> None:
        """Whoever booked cancels."""
        booking.cancel(self.cast, booking.load(self.cast, made).resident_id or 0, made)

    def check_books(self) -> None:
        """Of every slot: what is taken is what is booked, offered or resting; nothing is sold twice, nothing lost."""
        with self.cast.db.reading() as session:
            rows = session.scalars(select(Slot)).all()
            booked = _sums(session, select(Booking.slot_id, func.sum(Booking.seats)), Booking.status.in_(ACTIVE))
            offered = _sums(session, select(SeatOffer.slot_id, func.sum(SeatOffer.seats)), SeatOffer.ended_at.is_(None))
        for row in rows:
            assert row.taken == booked.get(row.id, 0) + offered.get(row.id, 0) + row.resting, row.id
            assert row.taken <= row.capacity
            assert row.resting >= 0


def _sums(session: Any, query: Any, which: Any) -> dict[int, int]:
    column = query.selected_columns[0]
    return {slot_id: int(seats) for slot_id, seats in session.execute(query.where(which).group_by(column))}
