"""The pure rules of a booking: how long things are kept, until when something may be done, what a day is called."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from backend.kernel.clock import SHANGHAI, local
from backend.kernel.quiet import NIGHT

PLANS = ("first", "second", "third", "later")
#: A hold is confirmed within so long, or its seats return.
HOLD = timedelta(minutes=10)
#: Bookings that one person may begin and give up within a day: seats are not to be kept from others by turns.
#: Changing the time is none, nor is giving up what was booked on another day.
GIVEN_UP, GIVEN_UP_WINDOW = 30, timedelta(days=1)
#: Until so long before it begins a visit can be changed or called off; after that only "we cannot come".
CHANGE_BEFORE = timedelta(hours=4)
#: What a cancelled seat rests before everybody may take it, when nobody waits for it: seconds, drawn at random.
REST_SECONDS = (300, 1200)
#: A missed or cancelled booking is erased so long after its day.
KEPT = timedelta(days=30)
#: A seat from the wait-list is kept so long, but never later than the slot can be booked.
OFFER = timedelta(hours=2)
SHORTEST_OFFER = timedelta(minutes=15)
#: So many offers in a row that nobody answers end the waiting: the seats stood empty for others meanwhile.
UNANSWERED = 3
#: Days that one may wait for, counted with the first, and how far beyond the days that can be booked they begin.
WAIT_DAYS, WAIT_AHEAD = 60, 30
#: Another time in place of a withdrawn one is kept so long, and so many are offered before people choose themselves.
MOVE_OFFER, MOVES = timedelta(days=1), 3
#: Visits so soon after the night are called off by night.
EARLY = timedelta(hours=3)
#: What would remind within the night reminds now: the evening before is early enough to prepare.
EVENING = time(20, 30)
#: A day with at most this part of its seats left is called few.
FEW = 0.25
#: Reminders before the visit.
REMIND = (timedelta(hours=48), timedelta(hours=18))


def remind_at(starts_at: datetime, before: timedelta) -> datetime:
    """When a reminder goes out: so long before the visit, or in the evening before the night this falls into."""
    due = starts_at - before
    if not NIGHT.holds(due):
        return due
    here = local(due)
    day = here.date() if here.time() >= NIGHT.start else here.date() - timedelta(days=1)
    return datetime.combine(day, EVENING, SHANGHAI)


def waking(start: datetime, end: datetime) -> timedelta:
    """How much of the time between two moments is not night."""
    parts = itertools.takewhile(lambda part: part[0] < end, _days(start))
    return sum((min(over, end) - begin for begin, over in parts), timedelta())


def after_waking(start: datetime, span: timedelta) -> datetime:
    """The moment at which so much waking time has passed."""
    for begin, over in _days(start):
        if span <= over - begin:
            return begin + span
        span -= over - begin
    raise AssertionError("unreachable")


def offer_until(now: datetime, closes_at: datetime) -> datetime | None:
    """Until when an offer made now stands; ``None`` by night, or when there is no decent time left to answer it.

    Two waking hours; near the visit half of what is left awake, at least a quarter of an hour.
    """
    left = waking(now, closes_at)
    wanted = min(OFFER, max(left / 2, SHORTEST_OFFER))
    return None if NIGHT.holds(now) or wanted > left else after_waking(now, wanted)


def move_until(now: datetime, *, visit: datetime, closes_at: datetime) -> datetime | None:
    """Until when another time is kept for a ``visit`` whose slot was withdrawn; ``None`` when none is left.

    A day; what would end by night ends in the morning; never later than the visit itself or than the new slot closes.
    """
    until = min(NIGHT.after(now + MOVE_OFFER), visit, closes_at)
    return until if until > now else None


def may_tell(now: datetime, visit: datetime) -> bool:
    """By night nobody is told anything, but that a visit of the early morning does not take place."""
    return not NIGHT.holds(now) or visit <= NIGHT.after(now) + EARLY


def _days(start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of waking time from a moment on."""
    begin = NIGHT.after(start)
    while True:
        day = local(begin).date()
        yield begin, datetime.combine(day, NIGHT.start, SHANGHAI)
        begin = datetime.combine(day + timedelta(days=1), NIGHT.end, SHANGHAI)


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
