"""What a couple may know of its waiting and of what is offered to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from backend.bookings import offers, queries, waitlist
from backend.bookings.queries import StationCard
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.models.booking import SeatOffer, WaitlistEntry
from backend.models.station import Slot, Station

#: Beyond so many nobody is counted: "more than a hundred before you" is enough to know.
COUNTED = 100
WAITING, OFFERED = "waiting", "offered"
LABELS = {
    WAITING: N_("正在候补"),
    OFFERED: N_("有号，等您决定"),
    "taken": N_("候补到了"),
    "left": N_("已退出"),
    "over": N_("没有等到"),
    "booked": N_("已另外约好"),
}
REASONS = {
    "none": N_("这些天里没有人退号。"),
    "single": N_("退回来的都是单个的号，两个人一起要同一时间的两个号。"),
    "declined": N_("给您留过 %(n)s 次，时间都不合适。"),
    "silent": N_("给您留过 %(n)s 次，有 %(silent)s 次到时间没有答复，号给了下一位。"),
}


@dataclass(frozen=True, slots=True)
class OfferCard:
    """Seats that are kept for a couple. ``status``: open, accepted, declined, expired, withdrawn."""

    id: int
    kind: str
    entry_id: int | None
    booking_id: int | None
    station: StationCard
    slot_id: int
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime
    seats: int
    status: str

    def actions(self, now: datetime) -> list[str]:
        return ["accept", "decline"] if self.status == "open" and self.expires_at > now else []


@dataclass(frozen=True, slots=True)
class WaitCard:
    """A place in the line. ``position``: 1 is next, ``COUNTED`` + 1 stands for all beyond; ``None`` once it is over."""

    id: int
    status: str
    position: int | None
    station: StationCard
    first: date
    last: date
    seats: int
    plan: str
    with_partner: bool
    offers: int
    silent: int
    reason: str
    offer: OfferCard | None

    def actions(self, now: datetime) -> list[str]:
        """What the couple may do: leave, and with an open offer accept or decline it."""
        if self.status not in (WAITING, OFFERED):
            return []
        return [*(self.offer.actions(now) if self.offer else []), "leave"]


def mine(session: Session, *, resident_id: int, limit: int = 20, before: int | None = None) -> list[WaitCard]:
    """The entries of a person and of both, newest first; one more than ``limit`` when there are more."""
    query = _entries(waitlist.theirs(resident_id))
    if before is not None:
        query = query.where(WaitlistEntry.id < before)
    rows = session.execute(query.order_by(WaitlistEntry.id.desc()).limit(limit + 1))
    return [_card(session, *row) for row in rows]


def one(session: Session, *, resident_id: int, entry_id: int) -> WaitCard:
    """One's own entry; ``NotFound`` for anybody else's."""
    mine_ = (WaitlistEntry.id == entry_id, waitlist.theirs(resident_id))
    row = session.execute(_entries(*mine_)).one_or_none()
    if row is None:
        raise NotFound("not_found", N_("没有找到这次候补"))
    return _card(session, *row)


def offer(session: Session, *, resident_id: int, offer_id: int) -> OfferCard:
    """One's own offer; ``NotFound`` for anybody else's."""
    row = session.execute(_offers(SeatOffer.id == offer_id, offers.theirs(resident_id))).one_or_none()
    if row is None:
        raise NotFound("not_found", N_("没有找到留给您的这个时间"))
    return _offer(*row)


def open_offers(session: Session, *, resident_id: int, now: datetime) -> Sequence[OfferCard]:
    """What waits for an answer of this person."""
    standing = (SeatOffer.ended_at.is_(None), SeatOffer.expires_at > now)
    found = session.execute(_offers(offers.theirs(resident_id), *standing).order_by(SeatOffer.expires_at))
    return [_offer(*row) for row in found]


def position(session: Session, entry: WaitlistEntry) -> int:
    """1 for the next: how many stand before in the same line for some of the same days, and one."""
    before = or_(
        WaitlistEntry.silent < entry.silent,
        and_(WaitlistEntry.silent == entry.silent, WaitlistEntry.id < entry.id),
    )
    line = (WaitlistEntry.station == entry.station, WaitlistEntry.ended_at.is_(None))
    same = (WaitlistEntry.first_day <= entry.last_day, WaitlistEntry.last_day >= entry.first_day)
    some = select(literal(1)).where(*line, *same, before).limit(COUNTED).subquery()
    return 1 + (session.scalar(select(func.count()).select_from(some)) or 0)


def _entries(*which: ColumnElement[bool]) -> Select[WaitlistEntry, Station]:
    return select(WaitlistEntry, Station).join(Station, Station.code == WaitlistEntry.station).where(*which)


def _offers(*which: ColumnElement[bool]) -> Select[SeatOffer, Slot, Station]:
    joined = select(SeatOffer, Slot, Station).join(Slot, Slot.id == SeatOffer.slot_id)
    return joined.join(Station, Station.code == SeatOffer.station).where(*which)


def _card(session: Session, entry: WaitlistEntry, station: Station) -> WaitCard:
    standing = entry.ended_at is None
    row = session.execute(_offers(SeatOffer.open_key == entry.id)).one_or_none() if standing else None
    found = _offer(*row) if row else None
    return WaitCard(
        id=entry.id,
        status=entry.ended_as or (OFFERED if found else WAITING),
        position=position(session, entry) if standing else None,
        station=queries.station_card(station),
        first=entry.first_day,
        last=entry.last_day,
        seats=entry.seats,
        plan=entry.plan,
        with_partner=entry.partner_id is not None,
        offers=entry.offers,
        silent=entry.silent,
        reason=waitlist.reason(entry) if entry.ended_as == "over" else "",
        offer=found,
    )


def _offer(row: SeatOffer, slot: Slot, station: Station) -> OfferCard:
    return OfferCard(
        id=row.id,
        kind=row.kind,
        entry_id=row.entry_id,
        booking_id=row.booking_id,
        station=queries.station_card(station),
        slot_id=row.slot_id,
        starts_at=row.starts_at,
        ends_at=slot.ends_at,
        expires_at=row.expires_at,
        seats=row.seats,
        status=row.ended_as or "open",
    )
