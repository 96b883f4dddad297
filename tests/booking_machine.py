"""Random holds, confirmations, changes, closures, waits, crashes and clock moves against ``booking_model``.

Seats that rest or are offered are read from the database; everything that somebody did is told by the model alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.bookings import (
    arrivals,
    changes,
    completion,
    generation,
    holds,
    matching,
    missed,
    moving,
    offers,
    returns,
    taking,
    waitlist,
)
from backend.bookings.holds import Wish
from backend.bookings.jurisdiction import Nurse
from backend.bookings.residence import Residence
from backend.bookings.waitlist import Wait
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.errors import Problem
from backend.models.booking import Booking, BookingSeat, SeatOffer, WaitlistEntry
from backend.models.station import Slot, SlotReturn, StationDay, StationException, StationRules, TownDay
from tests import booking, booking_audit
from tests.booking import A
from tests.booking_acts import NEXT, RULES, TOWNS
from tests.booking_foretold import MAYBE, Foretold
from tests.booking_model import BY_TIME, Model, Visit
from tests.people import COUNTY, Cast


class Crash(Exception):
    """The process dies before its COMMIT."""


class World:
    """A cast with three couples and two others, and how to begin anew."""

    def __init__(self, renew: Callable[[], Cast], dispose: Callable[[Cast], None] = lambda cast: None) -> None:
        self.renew, self.dispose = renew, dispose


def populate(cast: Cast) -> None:
    """Three couples and two people without a linked spouse; the nurse is the county's."""
    booking.couple(cast, "赵甲", "钱乙", (11, 12))
    booking.couple(cast, "孙丙", "李丁", (13, 14))
    booking.couple(cast, "周戊", "吴己", (15, 16))
    for serial in (20, 21):
        booking.guest(cast, serial)


class Bookings(Foretold, RuleBasedStateMachine):
    """``world`` is set by the test."""

    world: World

    @initialize(cap=st.sampled_from((20, 5)), quota=st.sampled_from((None, 3)))
    def begin(self, cap: int, quota: int | None) -> None:
        self.cast = self.world.renew()
        people = list(self.cast.residents.values())
        pairs = [(people[n], people[n + 1]) for n in (0, 2, 4)]
        self.people = people
        self.model = Model({**dict(pairs), **{b: a for a, b in pairs}})
        self.nurse = Nurse(1, "county", COUNTY)
        self.quotas = {TOWNS[0]: quota} if quota else {}
        booking.open_stations(self.cast, **RULES | {"daily_cap": cap, "town_quotas": self.quotas})

    def teardown(self) -> None:
        if hasattr(self, "cast"):
            self.world.dispose(self.cast)

    @rule(act=NEXT)
    def happens(self, act: tuple[str, dict[str, Any]]) -> None:
        name, values = act
        getattr(self, name)(**values)

    # -- what people do

    def hold(self, who: int, slot: int, together: str, plan: str) -> None:
        person, wish = self._wish(who, slot, together, plan)
        expected = self._expect_hold(person, wish)
        made = self._do(holds.hold, expected, vault=self.cast.vault, resident_id=person, wish=wish)
        if made:
            self._note_hold(made, person, wish)

    def hold_and_crash(self, who: int, slot: int, together: str, plan: str) -> None:
        person, wish = self._wish(who, slot, together, plan)
        self._crash(holds.hold, vault=self.cast.vault, resident_id=person, wish=wish, now=self.now)

    def confirm(self, which: int, other: bool) -> None:
        visit, person = self._visit(which, other)
        if visit is None:
            return
        for _ in range(2):  # a lost answer, and the same again
            made = self._do(changes.confirm, self._expect_confirm(visit), **self._by(person, visit), **self._signing())
            if made:
                visit.status = "confirmed"

    def cancel(self, which: int, other: bool) -> None:
        visit, person = self._visit(which, other)
        if visit is None:
            return
        self._crash(changes.cancel, **self._by(person, visit), now=self.now)
        for _ in range(2):
            if self._do(changes.cancel, self._expect_cancel(visit), **self._by(person, visit)):
                visit.status = "cancelled"

    def reschedule(self, which: int, slot: int, crash: bool) -> None:
        visit, person = self._visit(which, False)
        if visit is None:
            return
        target = self._slot(slot)
        values = {**self._by(person, visit), "vault": self.cast.vault, "issuer": "yangguang", "slot_id": target.id}
        if crash:
            self._crash(changes.reschedule, **values, now=self.now)
        elif self._do(changes.reschedule, self._expect_reschedule(visit, target), **values):
            visit.slot = target.id

    def wait(self, who: int, together: bool, town: str) -> None:
        person = self.people[who % len(self.people)]
        first = today(self.now)
        wish = Wait(A, first, first + timedelta(days=2), partner=together, residence=Residence("registered", town))
        self._try(waitlist.join, vault=self.cast.vault, resident_id=person, wish=wish)

    def answer(self, which: int, accept: bool, other: bool) -> None:
        offer = self._nth(select(SeatOffer).where(SeatOffer.ended_at.is_(None)).order_by(SeatOffer.id), which)
        if offer is None:
            return
        person = offer.partner_id if other and offer.partner_id else offer.resident_id
        by = {"resident_id": person, "offer_id": offer.id}
        if not accept:
            self._try(offers.decline, **by)
        elif made := self._try(taking.accept, **by, **self._signing()):
            self._note_accepted(made, offer)

    def come(self, which: int) -> None:
        """Checked in and completed, by a nurse, on the day."""
        visit, _ = self._visit(which, False)
        if visit is None or visit.status != "confirmed":
            return
        by = {"nurse": self.nurse, "booking_id": visit.id}
        if self._try(arrivals.check_in_listed, **by):
            visit.status = "checked_in"
            if self._try(completion.complete, vault=self.cast.vault, **by):
                visit.status = "completed"

    # -- what the office and time do

    def pass_time(self, minutes: int, awake: bool) -> None:
        self.cast.clock.advance(timedelta(minutes=minutes))
        if awake:
            self.sweep()

    def sweep(self) -> None:
        """What the relay does; on each command once."""
        with self.cast.db.reading() as session:
            ended = offers.due(session, now=self.now, limit=50)
            late, due = moving.unmoved(session, now=self.now), moving.due(session, now=self.now)
            back = returns.due(session, now=self.now)
        run = partial(self.cast.run, now=self.now)
        for offer_id, how in ended:
            run(offers.end_due, offer_id=offer_id, how=how)
        for row in late:
            run(moving.close, booking_id=row)
        for row in due:
            run(moving.offer, booking_id=row)
        run(holds.expire_due, limit=50)
        run(waitlist.end_over, limit=50)
        while run(matching.match, station=A):
            pass
        for row in back:
            run(returns.release, return_id=row)
        run(missed.close_days, limit=50)
        self._make()
        self._absorb()

    def change_rules(self, seats: int, cap: int, minutes: int) -> None:
        def write(session: Session) -> None:
            row = session.get_one(StationRules, A)
            row.seats_per_slot, row.daily_cap, row.slot_minutes = seats, cap, minutes

        self.cast.run(write)
        self._make()

    def close_a_day(self, ahead: int) -> None:
        self._except(today(self.now) + timedelta(days=ahead), closed=True)

    def open_it_again(self, ahead: int) -> None:
        self._except(today(self.now) + timedelta(days=ahead), closed=False)

    # -- what must hold

    @invariant()
    @precondition(lambda self: hasattr(self, "cast"))
    def seats_add_up(self) -> None:
        with self.cast.db.reading() as session:
            booking_audit.seats_add_up(session, now=self.now)
            rows = session.scalars(select(Slot).where(Slot.starts_at > self.now)).all()
        assert all(row.taken >= self.model.seats(row.id) for row in rows)
        self._check_capacity(rows)

    @invariant()
    @precondition(lambda self: hasattr(self, "cast"))
    def nobody_twice_and_no_half_couple(self) -> None:
        with self.cast.db.reading() as session:
            booking_audit.nobody_twice(session)
            rows = session.scalars(select(Booking)).all()
            claimed = set(session.scalars(select(BookingSeat.active_key).where(BookingSeat.active_key.is_not(None))))
        told = {visit.id: (visit.status, visit.slot) for visit in self.model.visits.values()}
        assert {row.id: (row.status, row.slot_id) for row in rows} == told
        keys = [key for visit in self.model.active() for key in visit.keys]
        assert sorted(claimed) == sorted(keys)
        done = [(p, v.plan) for v in self.model.visits.values() if v.status == "completed" for p in v.people]
        assert len(done) == len(set(done))

    # -- doing

    def _do(self, command: Any, expected: str | None, **values: Any) -> int | None:
        """Run a command that the model foretells; its result, or ``None`` where it was refused as foretold."""
        made, said = self._run(command, **values)
        assert said == expected or (expected == MAYBE and said in (None, "slot_full")), (said, expected)
        return made

    def _try(self, command: Any, **values: Any) -> int | None:
        """Run a command that may be refused, in words."""
        return self._run(command, **values)[0]

    def _run(self, command: Any, **values: Any) -> tuple[int | None, str | None]:
        """The result, and the code of a refusal; anything else than a refusal in words ends the test."""
        try:
            return self.cast.run(command, now=self.now, **values), None
        except Problem as problem:
            if problem.status >= 500:
                raise
            return None, problem.code

    def _crash(self, command: Any, **values: Any) -> None:
        """Whatever it did is gone; the invariants look."""

        def run(session: Session) -> None:
            command(session, **values)
            session.flush()
            raise Crash

        with suppress(Crash, Problem):
            self.cast.db.transact(run)

    def _make(self) -> None:
        self.cast.clock.advance(timedelta(milliseconds=1))
        self.cast.run(generation.make, calendar=self.cast.calendar, station=A, now=self.now)

    def _except(self, day: date, *, closed: bool) -> None:
        def write(session: Session) -> None:
            session.execute(delete(StationException).where(StationException.station == A, StationException.day == day))
            if closed:
                session.add(
                    StationException(
                        id=ids.new_id(self.now), station=A, day=day, kind="closed", hours=[], reason="检修"
                    )
                )

        self.cast.clock.advance(timedelta(milliseconds=1))
        self.cast.run(write)
        self._make()

    # -- noting

    def _note_hold(self, made: int, person: int, wish: Wish) -> None:
        _, late = self.model.in_the_way(self.model.keys(person, wish.partner), self.now)
        for visit in late:
            visit.status = "cancelled"
        self.model.visits[made] = Visit(
            id=made,
            booker=person,
            people=self.model.people(person, wish.partner),
            keys=self.model.keys(person, wish.partner),
            seats=wish.seats,
            slot=wish.slot_id,
            plan=wish.plan,
            status="held",
            until=self.now + timedelta(minutes=10),
            begun=self.now,
        )

    def _note_accepted(self, made: int, offer: SeatOffer) -> None:
        row = self._booking(made)
        assert row.slot_id == offer.slot_id
        if made in self.model.visits:
            self.model.visits[made].slot = row.slot_id
            return
        together = row.partner_id is not None
        wish = Wish(row.slot_id, row.plan, together, "名" if row.companion else "")
        assert row.resident_id is not None
        self._note_hold(made, row.resident_id, wish)
        self.model.visits[made].status = "confirmed"

    def _absorb(self) -> None:
        """Time may end a hold and a day; nothing else may have changed."""
        for visit in self.model.visits.values():
            row = self._booking(visit.id)
            if row.status == visit.status:
                continue
            assert row.status in BY_TIME[visit.status]
            if visit.status == "held":
                assert (visit.until or self.now) <= self.now
            elif row.status == "cancelled":
                assert row.ended_as == "station"
                assert row.starts_at <= self.now
            else:
                assert row.ends_at <= self.now
            visit.status = row.status

    def _check_capacity(self, rows: Any) -> None:
        """A slot has more only after its capacity was lowered; then nobody new gets in."""
        for slot in rows:
            before = getattr(self, "_over", {}).get(slot.id, 0)
            over = max(slot.taken - slot.capacity, 0)
            assert over <= before or slot.capacity < self._capacities.get(slot.id, 0), "oversold"
        self._over = {slot.id: max(slot.taken - slot.capacity, 0) for slot in rows}
        self._capacities = {slot.id: slot.capacity for slot in rows}

    _over: dict[int, int] = {}
    _capacities: dict[int, int] = {}

    # -- finding

    def _wish(self, who: int, slot: int, together: str, plan: str) -> tuple[int, Wish]:
        person = self.people[who % len(self.people)]
        declared = Residence("registered", TOWNS[who % 2])
        name = "周某" if together == "name" else ""
        return person, Wish(self._slot(slot).id, plan, together == "partner", name, declared)

    def _slot(self, which: int) -> Slot:
        found = self._nth(
            select(Slot).where(Slot.station == A, Slot.ends_at > self.now).order_by(Slot.starts_at), which
        )
        assert found is not None
        return found

    def _visit(self, which: int, other: bool) -> tuple[Visit | None, int]:
        """One of the latest bookings, and who acts: the booker, or the partner who comes along."""
        visits = list(self.model.visits.values())[-6:]
        if not visits:
            return None, 0
        visit = visits[which % len(visits)]
        partner = next((person for person in visit.people if person != visit.booker), visit.booker)
        return visit, partner if other else visit.booker

    def _by(self, person: int, visit: Visit) -> dict[str, int]:
        return {"resident_id": person, "booking_id": visit.id}

    def _signing(self) -> dict[str, Any]:
        return {"vault": self.cast.vault, "purposes": self.cast.purposes, "issuer": "yangguang"}

    def _nth(self, query: Any, which: int) -> Any:
        with self.cast.db.reading() as session:
            rows = session.scalars(query).all()
        return rows[which % len(rows)] if rows else None


def clear(session: Session) -> None:
    """Everything of bookings gone; people and their consents stay."""
    for table in (BookingSeat, Booking, SeatOffer, WaitlistEntry, SlotReturn, Slot, StationDay, TownDay):
        session.execute(delete(table))
    session.execute(delete(StationException))
