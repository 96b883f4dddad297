"""What the couple is told about its booking, and when it is reminded. Never a detail of anybody's health."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.bookings import availability, codes, policy
from backend.bookings.preparing import fasting
from backend.events import outbox
from backend.kernel.clock import local, today
from backend.lifecycles.booking import BookingStatus as S
from backend.models.booking import Booking, BookingSeat
from backend.models.station import Slot, Station
from backend.notifications.wording.speaking import Value

CONFIRMED, RESCHEDULED, REMINDER = "booking_confirmed", "booking_rescheduled", "booking_reminder"
#: Topic → the state in which its sentence is still so.
ONLY_WHILE = {
    CONFIRMED: S.CONFIRMED,
    RESCHEDULED: S.CONFIRMED,
    REMINDER: S.CONFIRMED,
    "booking_cancelled": S.CANCELLED,
    "booking_closed": S.CANCELLED,
    "booking_missed": S.MISSED,
    "booking_completed": S.COMPLETED,
}
#: Those about a visit that is still to come, at the time it had when the work was left.
OF_THE_TIME = (CONFIRMED, RESCHEDULED, REMINDER)
#: Those that offer new dates.
OFFERING = ("booking_closed", "booking_missed")
OFFERED_DAYS = 3


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a message goes to, each once, and what it may mention; ``not_after``: the event it is about."""

    residents: tuple[int, ...]
    params: dict[str, Value] = field(repr=False)
    not_after: datetime | None = None


def facts(
    session: Session, *, booking_id: int, topic: str, sequence: int, phone: str, now: datetime, hours: int = 0
) -> Told | None:
    """What a message says; ``None`` when it would come too late or say what is no longer so.

    ``sequence``: of the booking when the work was left; ``hours``: of a reminder, before the visit; ``phone``: where
    the station has none.
    """
    row = session.get(Booking, booking_id)
    if row is None or not _holds(row, topic, sequence, now):
        return None
    if topic == REMINDER and (_overtaken(row, hours, now) or _withdrawn(session, row)):
        return None  # the next one is due as well; or the station does not open then, and another time is being offered
    station = session.get_one(Station, row.station)
    params = _params(row, station, phone)
    if topic in OFFERING and (days := free_days(session, row, now=now)):
        params["days"] = days
    return Told(_people(session, row, topic), params, row.starts_at if row.starts_at > now else None)


def _people(session: Session, row: Booking, topic: str) -> tuple[int, ...]:
    """Both of the couple; of a visit that is over those who were checked, whose plan it closed."""
    both = tuple(person for person in (row.resident_id, row.partner_id) if person)
    if topic != "booking_completed":
        return both
    closed = select(BookingSeat.resident_id).where(BookingSeat.booking_id == row.id, BookingSeat.plan_key.is_not(None))
    checked = set(session.scalars(closed))
    return tuple(person for person in both if person in checked)


def remind_later(session: Session, *, booking_id: int, sequence: int, now: datetime) -> int:
    """Leave the reminders of a booking's present time behind; those whose moment is over are not written."""
    row = session.get(Booking, booking_id)
    if row is None or not _holds(row, CONFIRMED, sequence, now):
        return 0
    coming = [(before, due) for before in policy.REMIND if (due := policy.remind_at(row.starts_at, before)) > now]
    for before, due in coming:
        which = f"{int(before / timedelta(hours=1))}:{sequence}"
        key = f"{REMINDER}:{row.id}:{which}"
        outbox.add(session, topic=REMINDER, subject_id=row.id, reference=which, dedupe_key=key, due_at=due, now=now)
    return len(coming)


def free_days(session: Session, row: Booking, *, now: datetime) -> tuple[date, ...]:
    """The next days with a seat for as many people at the same station, from tomorrow on."""
    found: list[date] = []
    after = today(now)
    while len(found) < OFFERED_DAYS:
        day = availability.next_free(session, station=row.station, after=after, now=now, town=row.town)
        if day is None:
            break
        slots = availability.slots(session, station=row.station, day=day, now=now, town=row.town)
        if any(view.left >= row.seats for view in slots):
            found.append(day)
        after = day
    return tuple(found)


def _holds(row: Booking, topic: str, sequence: int, now: datetime) -> bool:
    if row.status != ONLY_WHILE[topic]:
        return False
    return topic not in OF_THE_TIME or (row.sequence == sequence and row.starts_at > now)


def _overtaken(row: Booking, hours: int, now: datetime) -> bool:
    later = [before for before in policy.REMIND if before < timedelta(hours=hours)]
    return any(policy.remind_at(row.starts_at, before) <= now for before in later)


def _withdrawn(session: Session, row: Booking) -> bool:
    slot = session.get(Slot, row.slot_id)
    return slot is None or slot.withdrawn_at is not None


def _params(row: Booking, station: Station, phone: str) -> dict[str, Value]:
    begin = local(row.starts_at)
    params: dict[str, Value] = {
        "station": {"zh": station.name, "en": station.name_en or station.name},
        "phone": station.phone or phone,
        "on": begin.date(),
        "at": f"{begin:%H:%M}",
        "code": codes.spoken(row.code),
        "couple" if row.seats > 1 else "alone": True,
    }
    if station.address:
        params["address"] = station.address
    if station.marriage_certificate:
        params["marriage_certificate"] = True
    return params | _fasting(row, station)


def _fasting(row: Booking, station: Station) -> dict[str, Value]:
    hungry = fasting(row.starts_at, station.fasting_hours)
    if hungry is None:
        return {}
    return {"fasting_on": hungry.on, "fasting_at": hungry.at} if hungry.at else {"midnight_on": hungry.on}
