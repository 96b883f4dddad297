"""The pure rules of a booking: how long things are kept, until when something may be done, what a day is called."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from backend.kernel.clock import SHANGHAI, local

PLANS = ("first", "second", "third", "later")
#: A hold is confirmed within so long, or its seats return.
HOLD = timedelta(minutes=10)
#: Bookings that one person may begin and give up within a day: seats are not to be kept from others by turns.
#: Changing the time is none, nor is giving up what was booked on another day.
GIVEN_UP, GIVEN_UP_WINDOW = 10, timedelta(days=1)
#: Until so long before it begins a visit can be changed or called off; after that only "we cannot come".
CHANGE_BEFORE = timedelta(hours=4)
#: What a cancelled seat rests before everybody may take it, when nobody waits for it: seconds, drawn at random.
REST_SECONDS = (300, 1200)
#: A missed or cancelled booking is erased so long after its day.
KEPT = timedelta(days=30)
#: A seat from the wait-list is kept so long, but never later than the slot can be booked.
OFFER = timedelta(hours=2)
SHORTEST_OFFER = timedelta(minutes=15)
#: Nobody is to answer within the night (China).
QUIET_FROM, QUIET_TO = time(21), time(8)
#: What would remind within the night reminds now: the evening before is early enough to prepare.
EVENING = time(20, 30)
#: A day with at most this part of its seats left is called few.
FEW = 0.25
#: Reminders before the visit.
REMIND = (timedelta(hours=48), timedelta(hours=18))


def is_quiet(now: datetime) -> bool:
    """Whether it is night in China."""
    clock = local(now).time()
    return clock >= QUIET_FROM or clock < QUIET_TO


def after_quiet(moment: datetime) -> datetime:
    """The moment itself by day, else the next morning's end of the quiet hours."""
    if not is_quiet(moment):
        return moment
    here = local(moment)
    day = here.date() + timedelta(days=1) if here.time() >= QUIET_FROM else here.date()
    return datetime.combine(day, QUIET_TO, SHANGHAI)


def remind_at(starts_at: datetime, before: timedelta) -> datetime:
    """When a reminder goes out: so long before the visit, or in the evening before the night this falls into."""
    due = starts_at - before
    if not is_quiet(due):
        return due
    here = local(due)
    day = here.date() if here.time() >= QUIET_FROM else here.date() - timedelta(days=1)
    return datetime.combine(day, EVENING, SHANGHAI)


def offer_until(now: datetime, closes_at: datetime) -> datetime | None:
    """Until when an offer made now stands; ``None`` when there is no decent time left to answer it.

    Two waking hours; near the visit half of what is left, at least a quarter of an hour.
    """
    if is_quiet(now):
        return None
    night = datetime.combine(local(now).date(), QUIET_FROM, SHANGHAI)
    until = now + OFFER
    if until > night:
        until = after_quiet(night) + (until - night)
    until = min(until, max(now + (closes_at - now) / 2, now + SHORTEST_OFFER))
    return until if until <= closes_at else None


def state(seats: int, left: int, *, bookable: bool) -> str:
    """free, few, full or closed: of a slot or of a day with so many seats."""
    if not bookable:
        return "closed"
    if left <= 0:
        return "full"
    return "few" if left <= seats * FEW else "free"


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of a month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
