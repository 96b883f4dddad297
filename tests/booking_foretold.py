"""What the model foretells of a hold, a confirmation, a cancellation and a change: the code of the refusal, or none."""

from __future__ import annotations

from datetime import datetime

from backend.bookings import policy
from backend.bookings.holds import Wish
from backend.models.booking import Booking
from backend.models.station import Slot, StationDay, TownDay
from tests import booking
from tests.booking_model import Model, Visit
from tests.people import Cast

#: Refused or not: it depends on counters of days.
MAYBE = "maybe"


class Foretold:
    """The part of the machine that knows the rules; slots are read, people and their bookings come from the model."""

    cast: Cast
    model: Model

    @property
    def now(self) -> datetime:
        return self.cast.clock()

    def _expect_hold(self, person: int, wish: Wish) -> str | None:
        slot, model = self._row(wish.slot_id), self.model
        if wish.partner and person not in model.spouses:
            return "no_partner"
        if model.given_up(person, self.now) >= policy.GIVEN_UP:
            return "too_many_holds"
        if slot.withdrawn_at or not slot.opens_at <= self.now < slot.closes_at:
            return "slot_closed"
        if slot.taken + wish.seats > slot.capacity:
            return "slot_full"
        keys, people = model.keys(person, wish.partner), model.people(person, wish.partner)
        stands, late = model.in_the_way(keys, self.now)
        if stands:
            return "already_booked"
        if model.used(people, wish.plan, but=late):
            return "plan_used"
        town = wish.residence.region if wish.residence and slot.shared else ""
        return None if self._fits(slot, wish.seats, town, freed=late) else "slot_full"

    def _fits(self, slot: Slot, seats: int, town: str, *, freed: list[Visit]) -> bool:
        """Under the cap of the day and the share of the town; seats of expired holds leave the share at once."""
        with self.cast.db.reading() as session:
            day = session.get(StationDay, (slot.station, slot.day)) if slot.capped else None
            share = session.get(TownDay, (slot.station, slot.day, town)) if town else None
            back = sum(
                v.seats for v in freed if (r := session.get_one(Booking, v.id)).town == town and r.day == slot.day
            )
        return (day is None or day.taken + seats <= day.cap) and (
            share is None or share.taken - back + seats <= share.cap
        )

    def _expect_confirm(self, visit: Visit) -> str | None:
        if visit.status == "confirmed":
            return None
        row = self._booking(visit.id)
        if row.ended_as == "expired" or (visit.status == "held" and visit.until and visit.until <= self.now):
            return "hold_expired"
        if visit.status != "held":
            return "not_allowed_now"
        slot = self._row(visit.slot)
        return "slot_closed" if slot.withdrawn_at or slot.starts_at <= self.now else None

    def _expect_cancel(self, visit: Visit) -> str | None:
        if visit.status == "cancelled":
            return None
        if visit.status in ("held", "confirmed"):
            return "too_late" if self._booking(visit.id).starts_at <= self.now else None
        return "not_allowed_now"

    def _expect_reschedule(self, visit: Visit, target: Slot) -> str | None:
        if visit.status != "confirmed":
            return "not_allowed_now"
        old = self._row(visit.slot)
        if old.withdrawn_at is None and old.starts_at - policy.CHANGE_BEFORE <= self.now:
            return "too_late"
        if target.id == old.id:
            return "same_slot"
        if target.withdrawn_at or not target.opens_at <= self.now < target.closes_at:
            return "slot_closed"
        return "slot_full" if target.taken + visit.seats > target.capacity else MAYBE

    def _row(self, slot_id: int) -> Slot:
        return booking.slot(self.cast, slot_id)

    def _booking(self, booking_id: int) -> Booking:
        return booking.load(self.cast, booking_id)
