"""What edges may know of stations and bookings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from backend.bookings import policy, records
from backend.kernel.crypto import Vault
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.lifecycles.booking import BookingStatus as S
from backend.models.booking import Booking, SeatOffer
from backend.models.resident import Resident
from backend.models.station import Slot, Station


@dataclass(frozen=True, slots=True)
class StationCard:
    """A station as people see it."""

    code: str
    name: str
    name_en: str
    region: str
    county: str
    address: str
    phone: str
    directions: str
    fasting_hours: int
    marriage_certificate: bool
    residence_months: int

    def called(self, language: str) -> str:
        """Its name in a language; the Chinese one where there is no other."""
        return self.name_en if language == "en" and self.name_en else self.name


@dataclass(frozen=True, slots=True)
class BookingCard:
    """A booking as the couple sees it. ``token``: the check-in code, "" while there is none."""

    id: int
    version: int
    code: str
    station: StationCard
    slot_id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    seats: int
    with_partner: bool
    #: Whether the person who looks is the one who booked.
    by_me: bool
    companion: str = field(repr=False)
    plan: str
    status: str
    held_until: datetime | None
    sequence: int
    token: str = field(repr=False)
    #: The station withdrew the slot: another time is offered, and nothing else than moving is asked.
    withdrawn: bool
    offer_id: int | None
    ended_as: str
    updated_at: datetime

    def actions(self, now: datetime) -> list[str]:
        """What the couple may do now: confirm, reschedule, cancel; within the last hours ``cannot_come``."""
        if self.status == S.HELD and self.held_until and self.held_until > now:
            return ["confirm", "cancel"]
        if self.status != S.CONFIRMED or self.starts_at <= now:
            return []
        if self.withdrawn or self.starts_at - policy.CHANGE_BEFORE > now:
            return ["reschedule", "cancel"]
        return ["cannot_come"]


def stations(session: Session, *, region: str = "") -> list[StationCard]:
    """The open stations of the county that a region (6, 9 or 12 digits) lies in, those of the same town first."""
    query = select(Station).where(Station.active).order_by(Station.code)
    if region:
        query = query.where(Station.county == f"{region[:6]}000000")
    rows = session.scalars(query).all()
    near = region[:9] if len(region) > 6 and not region.endswith("000000") else ""
    return sorted(map(station_card, rows), key=lambda card: (bool(near) and card.region[:9] != near, card.code))


def station(session: Session, code: str) -> StationCard:
    """One open station; ``NotFound`` for any other."""
    row = session.get(Station, code)
    if row is None or not row.active:
        raise NotFound("not_found", N_("没有找到这个服务站"))
    return station_card(row)


def station_card(row: Station) -> StationCard:
    names = StationCard.__dataclass_fields__
    return StationCard(**{name: getattr(row, name) for name in names})


def mine(
    session: Session, vault: Vault, *, resident_id: int, limit: int, before: int | None = None
) -> list[BookingCard]:
    """The bookings of a person, newest first; one more than ``limit`` when there are more."""
    query = _cards().where(records.theirs(resident_id))
    if before is not None:
        query = query.where(Booking.id < before)
    rows = session.execute(query.order_by(Booking.id.desc()).limit(limit + 1))
    return [_card(vault, resident_id, *row) for row in rows]


def one(session: Session, vault: Vault, *, resident_id: int, booking_id: int) -> BookingCard:
    """One's own booking or the one made with one's partner; ``NotFound`` for anybody else's."""
    row = session.execute(_cards().where(Booking.id == booking_id, records.theirs(resident_id))).one_or_none()
    if row is None:
        raise records.not_found()
    return _card(vault, resident_id, *row)


def current(session: Session, vault: Vault, *, resident_id: int) -> BookingCard | None:
    """The booking that goes on now, if there is one."""
    cards = mine(session, vault, resident_id=resident_id, limit=10)
    return next((card for card in cards if card.status in (S.HELD, S.CONFIRMED, S.CHECKED_IN)), None)


def _cards() -> Select[Booking, Station, datetime | None, int | None, str | None]:
    offer = and_(SeatOffer.booking_id == Booking.id, SeatOffer.ended_at.is_(None))
    return (
        select(Booking, Station, Slot.withdrawn_at, SeatOffer.id, Resident.key)
        .join(Station, Station.code == Booking.station)
        .join(Slot, Slot.id == Booking.slot_id, isouter=True)
        .join(SeatOffer, offer, isouter=True)
        .join(Resident, Resident.id == Booking.resident_id, isouter=True)
    )


def _card(
    vault: Vault,
    resident_id: int,
    row: Booking,
    where: Station,
    withdrawn_at: datetime | None,
    offer_id: int | None,
    key: str | None,
) -> BookingCard:
    by_me = row.resident_id == resident_id
    return BookingCard(
        id=row.id,
        version=row.version,
        code=row.code,
        station=station_card(where),
        slot_id=row.slot_id,
        day=row.day,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        seats=row.seats,
        with_partner=row.partner_id is not None,
        by_me=by_me,
        companion=records.name(vault.person(key or "", resident_id), row) if by_me else "",
        plan=row.plan,
        status=row.status,
        held_until=row.held_until,
        sequence=row.sequence,
        token=row.token if row.status == S.CONFIRMED else "",
        withdrawn=withdrawn_at is not None,
        offer_id=offer_id,
        ended_as=row.ended_as,
        updated_at=row.updated_at,
    )


def no_code() -> NotFound:
    return NotFound("not_found", N_("现在没有签到码：预约确认以后才有，用过或取消了就没有了"))
