"""Exclusive offers of seats: from the wait-list, or in place of a slot that was withdrawn.

Order of locks: the entry or booking, then its offer, then slots.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from backend.bookings import policy, seats
from backend.events import outbox
from backend.kernel import ids
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.i18n import N_
from backend.models.booking import Booking, BookingSeat, SeatOffer, WaitlistEntry
from backend.models.station import Slot

WAIT, MOVE = "wait", "move"
WAIT_OFFER, MOVE_OFFER, OVER = "waitlist_offer", "booking_move_offer", "waitlist_over"
Parent = WaitlistEntry | Booking


def make(
    session: Session,
    *,
    parent: Parent,
    where: seats.Place,
    starts_at: datetime,
    expires_at: datetime,
    now: datetime,
) -> SeatOffer:
    """Offer seats that are taken already; whoever it is for is told."""
    waits = isinstance(parent, WaitlistEntry)
    offer = SeatOffer(
        id=ids.new_id(now),
        kind=WAIT if waits else MOVE,
        entry_id=parent.id if waits else None,
        booking_id=None if waits else parent.id,
        resident_id=parent.resident_id or 0,
        partner_id=parent.partner_id,
        station=where.station,
        slot_id=where.slot_id,
        starts_at=starts_at,
        seats=parent.seats,
        town=parent.town,
        open_key=parent.id,
        made_at=now,
        expires_at=expires_at,
    )
    session.add(offer)
    topic = WAIT_OFFER if waits else MOVE_OFFER
    outbox.add(session, topic=topic, subject_id=offer.id, dedupe_key=f"{topic}:{offer.id}", now=now)
    return offer


def theirs(resident_id: int) -> ColumnElement[bool]:
    """The offers of a person: both of a couple may answer."""
    return or_(SeatOffer.resident_id == resident_id, SeatOffer.partner_id == resident_id)


def locked(session: Session, *, resident_id: int, offer_id: int) -> tuple[SeatOffer, Parent]:
    """One's own offer with what it belongs to, both locked; ``NotFound`` for anybody else's."""
    mine = select(SeatOffer).where(SeatOffer.id == offer_id, theirs(resident_id))
    found = session.scalars(mine).one_or_none()
    parent = lock_parent(session, found) if found is not None else None
    if found is None or parent is None:
        raise NotFound("not_found", N_("没有找到留给您的这个时间"))
    return lock(session, offer_id), parent


def lock_parent(session: Session, offer: SeatOffer) -> Parent | None:
    """The entry or the booking of an offer, locked; ``None`` when it was erased."""
    again = {"populate_existing": True}
    if offer.kind == WAIT:
        waiting = select(WaitlistEntry).where(WaitlistEntry.id == offer.entry_id).with_for_update()
        return session.scalars(waiting.execution_options(**again)).one_or_none()
    booked = select(Booking).where(Booking.id == offer.booking_id).with_for_update()
    return session.scalars(booked.execution_options(**again)).one_or_none()


def lock(session: Session, offer_id: int) -> SeatOffer:
    """The offer as it stands now."""
    query = select(SeatOffer).where(SeatOffer.id == offer_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def check_open(offer: SeatOffer, now: datetime) -> None:
    """``Conflict`` ``offer_expired`` in the words that fit how it ended."""
    if offer.ended_at is None and offer.expires_at > now:
        return
    if offer.ended_as == "declined":
        words = N_("您已经说过不要这个时间，号给了别人；有新的空位会再告诉您")
    elif offer.ended_as == "withdrawn":
        words = N_("这个时间已经撤下了，没给您留着；请看看“我的候补”和“我的预约”")
    else:
        words = N_("给您留的时间过了，号已经给了下一位；没关系，有新的空位会再告诉您，也可以自己选时间")
    raise Conflict("offer_expired", words)


def decline(session: Session, *, resident_id: int, offer_id: int, now: datetime) -> int:
    """Not this one: the seats go to the next at once, and nothing else follows from it. Twice is once."""
    offer, parent = locked(session, resident_id=resident_id, offer_id=offer_id)
    if offer.ended_as == "accepted":
        raise Conflict("offer_accepted", N_("这个时间已经要了，在“我的预约”里；来不了可以在那里改期或取消"))
    if offer.ended_at is None:
        end(session, offer, "declined", now=now)
        if isinstance(parent, WaitlistEntry):
            parent.silent = 0
    return offer.id


def end_waiting(session: Session, *, booking: Booking, now: datetime) -> None:
    """Whoever has booked waits no longer: their entries end, and offers made to them go to the next."""
    keys = set(session.scalars(select(BookingSeat.active_key).where(BookingSeat.booking_id == booking.id)))
    keys = {key for key in (*keys, booking.resident_id, booking.partner_id) if key}
    query = select(WaitlistEntry).where(WaitlistEntry.active_key.in_(keys)).order_by(WaitlistEntry.id)
    for entry in session.scalars(query.with_for_update()):
        end_entry(session, entry, "booked", now=now)


def end_entry(session: Session, entry: WaitlistEntry, how: str, *, now: datetime) -> None:
    """The waiting is over: taken, left, over, booked. An offer that is still open goes to the next."""
    entry.active_key, entry.ended_at, entry.ended_as = None, now, how
    session.flush()
    for offer in _open(session, SeatOffer.entry_id == entry.id):
        end(session, offer, "withdrawn", now=now)


def end_over(session: Session, entry: WaitlistEntry, *, now: datetime) -> None:
    """Nothing came of the waiting: the couple is told why."""
    end_entry(session, entry, "over", now=now)
    outbox.add(session, topic=OVER, subject_id=entry.id, dedupe_key=f"{OVER}:{entry.id}", now=now)


def withdraw_moves(session: Session, *, booking_id: int, slots: Collection[int] = (), now: datetime) -> None:
    """The booking needs its offer of another slot no more. ``slots``: those that the caller is going to change."""
    found = _open(session, SeatOffer.booking_id == booking_id)
    if found:
        seats.lock(session, {*slots, *(offer.slot_id for offer in found)})
    for offer in found:
        end(session, offer, "withdrawn", now=now)


def end(session: Session, offer: SeatOffer, how: str, *, now: datetime) -> None:
    """An offer is over (declined, expired, withdrawn): its seats go on to the next."""
    offer.open_key, offer.ended_at, offer.ended_as = None, now, how
    session.flush()
    slot = session.get_one(Slot, offer.slot_id)
    seats.rest(session, seats.place(slot, offer.town), offer.seats, now=now, at_once=True)


def accepted(session: Session, offer: SeatOffer, *, now: datetime) -> None:
    """The seats stay with whoever took them."""
    offer.open_key, offer.ended_at, offer.ended_as = None, now, "accepted"
    session.flush()


def due(session: Session, *, now: datetime, limit: int) -> list[tuple[int, str]]:
    """Open offers that end now, and how: run out, or no longer what they were made for."""
    old = aliased(Slot)
    obsolete = or_(Slot.withdrawn_at.is_not(None), and_(SeatOffer.kind == MOVE, old.withdrawn_at.is_(None)))
    query = (
        select(SeatOffer.id, SeatOffer.expires_at)
        .join(Slot, Slot.id == SeatOffer.slot_id)
        .join(Booking, and_(SeatOffer.kind == MOVE, Booking.id == SeatOffer.booking_id), isouter=True)
        .join(old, old.id == Booking.slot_id, isouter=True)
        .where(SeatOffer.ended_at.is_(None), or_(SeatOffer.expires_at <= now, obsolete))
        .order_by(SeatOffer.id)
    )
    found = session.execute(query.limit(limit))
    return [(offer_id, "expired" if expires_at <= now else "withdrawn") for offer_id, expires_at in found]


def end_due(session: Session, *, offer_id: int, how: str, now: datetime) -> int:
    """End one offer that is due; 1, or 0 when somebody was faster."""
    found = session.get(SeatOffer, offer_id)
    parent = lock_parent(session, found) if found else None
    if found is None or (offer := lock(session, offer_id)).ended_at is not None:
        return 0
    end(session, offer, how, now=now)
    if isinstance(parent, WaitlistEntry) and how == "expired":
        parent.silent += 1
        if parent.silent >= policy.UNANSWERED:
            end_over(session, parent, now=now)
    return 1


def _open(session: Session, which: ColumnElement[bool]) -> list[SeatOffer]:
    query = select(SeatOffer).where(SeatOffer.ended_at.is_(None), which)
    return list(session.scalars(query.order_by(SeatOffer.slot_id).with_for_update()))
