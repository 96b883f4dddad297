"""What a couple is told about its waiting and about another time for a withdrawn one. Never a detail of health."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.bookings import moving, offers, waitlist
from backend.bookings.messages import Told
from backend.kernel.clock import local
from backend.lifecycles.booking import BookingStatus as S
from backend.models.booking import Booking, SeatOffer, WaitlistEntry
from backend.models.station import Station
from backend.notifications.wording.speaking import Value


def facts(session: Session, *, topic: str, subject_id: int, phone: str, now: datetime) -> Told | None:
    """What a message says; ``None`` when it would say what is no longer so. ``phone``: where the station has none."""
    if topic == offers.OVER:
        return _over(session, subject_id, phone)
    if topic == moving.CHOOSE:
        return _choose(session, subject_id, phone, now)
    return _offer(session, subject_id, phone, now)


def _offer(session: Session, offer_id: int, phone: str, now: datetime) -> Told | None:
    row = session.get(SeatOffer, offer_id)
    if row is None or row.ended_at is not None or row.expires_at <= now:
        return None
    params = _where(session, row.station, phone) | _when(row.starts_at)
    until = local(row.expires_at)
    params |= {"until_on": until.date(), "until_at": f"{until:%H:%M}", "seats": str(row.seats)}
    booking = session.get(Booking, row.booking_id) if row.booking_id else None
    if booking is not None:
        old = _when(booking.starts_at)
        params |= {"old_on": old["on"], "old_at": old["at"]}
    return Told(_both(row), params, row.expires_at)


def _over(session: Session, entry_id: int, phone: str) -> Told | None:
    row = session.get(WaitlistEntry, entry_id)
    if row is None or row.ended_as != "over":
        return None
    params: dict[str, Value] = {"first": row.first_day, "last": row.last_day, "offers": str(row.offers)}
    return Told(_both(row), params | _where(session, row.station, phone) | {waitlist.reason(row): True})


def _choose(session: Session, booking_id: int, phone: str, now: datetime) -> Told | None:
    row = session.get(Booking, booking_id)
    if row is None or row.status != S.CONFIRMED or row.choosing_since is None or row.starts_at <= now:
        return None
    return Told(_both(row), _where(session, row.station, phone) | _when(row.starts_at), row.starts_at)


def _both(row: SeatOffer | WaitlistEntry | Booking) -> tuple[int, ...]:
    return tuple(person for person in (row.resident_id, row.partner_id) if person)


def _where(session: Session, code: str, phone: str) -> dict[str, Value]:
    station = session.get_one(Station, code)
    return {"station": {"zh": station.name, "en": station.name_en or station.name}, "phone": station.phone or phone}


def _when(moment: datetime) -> dict[str, Value]:
    begin = local(moment)
    return {"on": begin.date(), "at": f"{begin:%H:%M}"}
