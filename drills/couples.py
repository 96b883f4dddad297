"""Two hundred couples through a whole visit on MariaDB, thirty-two at a time: from the invitation to the last check.

Some change their time, some cancel and book again, some do not come. A second checkup of the same plan is refused.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from backend.accounts import partners
from backend.bookings import arrivals, codes, completion, missed
from backend.bookings.jurisdiction import Nurse
from backend.db import Database
from backend.kernel.clock import today
from backend.kernel.crypto import Vault
from backend.kernel.errors import Problem
from config.settings import load_settings
from drills.verdict import Verdict
from ops.migrate import upgrade
from tests import booking, booking_audit
from tests.booking import A
from tests.clock import MovableClock
from tests.people import COUNTY, Cast, assemble
from tests.servers import MariaDb

COUPLES, CLIENTS, DAYS = 200, 32, 14
RULES = {"hours": [[day, "08:00", "12:00"] for day in range(1, 8)], "seats_per_slot": 8, "daily_cap": 60}
#: The parts of all couples that change their time, cancel and begin again, and stay at home.
CHANGE, AGAIN, ABSENT = 0.25, 0.15, 0.05


In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class Pair:
    """A couple with a chance of its own."""

    one: int
    other: int
    chance: random.Random


def run(seed: int) -> Verdict:
    """A fortnight of visits; held: nothing oversold, nobody twice, every couple ended as it should."""
    with MariaDb() as mariadb, tempfile.TemporaryDirectory(prefix="yg-") as directory:
        url = mariadb.url("couples")
        settings = load_settings({"PROFILE": "test", "DATA_DIR": directory, "DATABASE_URL": url})
        upgrade(url)
        secrets = settings.secrets
        vault = Vault(secrets.data_keys, secrets.current_kid, secrets.index_key)
        cast = assemble(Database(url, pool_size=CLIENTS), vault, MovableClock(), item="checkup")
        booking.open_stations(cast, **RULES)
        try:
            return _drill(cast, seed)
        finally:
            cast.db.dispose()


def _drill(cast: Cast, seed: int) -> Verdict:
    pairs = _each(partial(_couple, cast, seed), range(COUPLES))
    booked = _each(partial(_book, cast), pairs)
    _audit(cast)
    for _ in range(DAYS + 2):
        cast.clock.set(cast.clock().replace(hour=0, minute=30) + timedelta(days=1))
        due = [(pair, made) for pair, made in zip(pairs, booked, strict=True) if _is_today(cast, made)]
        _each(lambda visit: _visit(cast, *visit), due)
        cast.clock.advance(timedelta(hours=12))
        cast.run(missed.close_days, now=cast.clock(), limit=500)
    _audit(cast)
    states = Counter(booking.load(cast, made).status for made in booked)
    booking.make_slots(cast)
    refused = Counter(_each(partial(_once_more, cast), pairs))
    done = states["completed"]
    held = states.keys() <= {"completed", "missed"} and refused["plan_used"] == done and done > COUPLES * 0.8
    return Verdict(held, f"{COUPLES} couples: {dict(states)}; once more: {dict(refused)}; nothing oversold")


def _each(act: Callable[[In], Out], things: Iterable[In]) -> list[Out]:
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(act, things))


def _couple(cast: Cast, seed: int, place: int) -> Pair:
    one, other = (cast.resident(f"{word}{chr(0x4E00 + place)}", 100 + 2 * place + n) for n, word in enumerate("赵钱"))
    made = cast.run(partners.invite, vault=cast.vault, resident_id=one, now=cast.clock())
    with cast.db.reading() as session:
        code = partners.invitation(session, cast.vault, resident_id=one, invitation_id=made).code
    cast.run(partners.accept, vault=cast.vault, resident_id=other, code=code, now=cast.clock())
    return Pair(one, other, random.Random(seed * COUPLES + place))


def _book(cast: Cast, pair: Pair) -> int:
    """Held by one, confirmed by the other; then perhaps another time, or all over again."""
    made = booking.confirm(cast, pair.other, _hold(cast, pair))
    if pair.chance.random() < CHANGE:
        _until_free(pair, cast, lambda slot: booking.reschedule(cast, pair.other, made, slot))
    if pair.chance.random() < AGAIN:
        booking.cancel(cast, pair.other, made)
        made = booking.confirm(cast, pair.one, _hold(cast, pair))
    return made


def _hold(cast: Cast, pair: Pair) -> int:
    return _until_free(pair, cast, lambda slot: booking.hold(cast, pair.one, slot, partner=True))


def _until_free(pair: Pair, cast: Cast, act: Callable[[int], Out]) -> Out:
    """Try one slot after the other, as people do."""
    for _ in range(200):
        day = today(cast.clock()) + timedelta(days=pair.chance.randint(1, DAYS))
        views = booking.slots(cast, day=day)
        if not views:
            continue
        try:
            return act(pair.chance.choice(views).id)
        except Problem as problem:
            if problem.code not in ("slot_full", "same_slot"):
                raise
    raise SystemExit("no seat in two hundred tries")


def _is_today(cast: Cast, made: int) -> bool:
    return booking.load(cast, made).day == today(cast.clock())


def _visit(cast: Cast, pair: Pair, made: int) -> None:
    """The code is scanned, and what was done is written down."""
    if pair.chance.random() < ABSENT:
        return
    nurse, now = Nurse(1, "county", COUNTY), cast.clock()
    with cast.db.reading() as session:
        code = codes.scanned(session, booking.load(cast, made).token, base_url="")
    cast.run(arrivals.check_in, nurse=nurse, code=code, station=A, now=now)
    cast.run(completion.complete, vault=cast.vault, nurse=nurse, booking_id=made, now=now)


def _once_more(cast: Cast, pair: Pair) -> str:
    """The same plan again: refused to whoever was checked, free for whoever did not come."""
    try:
        _hold(cast, pair)
    except Problem as problem:
        return problem.code
    return "held"


def _audit(cast: Cast) -> None:
    with cast.db.reading() as session:
        booking_audit.seats_add_up(session, now=cast.clock())
        booking_audit.nobody_twice(session)
        booking_audit.not_oversold(session)
