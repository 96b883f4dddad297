"""Thirty-two clients on the last seats of one slot and of fifty, against the three bare statements of a hold."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Any

from backend.kernel.errors import Conflict
from bench import bookings, county
from bench.bookings import Attempt, Script
from bench.context import Context
from bench.county import CLIENTS
from bench.harness import Figure, compare
from bench.statements import connect
from config.settings import Settings
from tests import booking
from tests.people import Cast

ROUNDS, EACH, SPREAD = 7, 16, 50
ATTEMPTS = CLIENTS * EACH
#: Half of the attempts are couples; of the seats they want together, so many are there.
SEATS = ATTEMPTS * 3 // 2 * 9 // 10


def run(context: Context) -> list[Figure]:
    """Attempts a second; about one in ten finds no room and is told where there is some."""
    settings, _ = context.installation("bench_book")
    cast = county.populated(settings)
    cast.db.transact(bookings.stations, cast, 1)
    couples = booking.crowd(cast, ATTEMPTS)
    found = []
    for name, number in (("book_hot", 1), ("book_spread", SPREAD)):
        made = cast.db.transact(bookings.slots, cast, number, SEATS // number)
        attempts = [Attempt(one, made[n % number], n // number % 2 == 0, n) for n, (one, _) in enumerate(couples)]
        found.append(_figure(name, cast, settings, attempts))
        bookings.clear(settings, slots_too=True)
    cast.db.dispose()
    return found


def _figure(name: str, cast: Cast, settings: Settings, attempts: Sequence[Attempt]) -> Figure:
    scripts = bookings.scripts(cast, attempts)
    return compare(
        name,
        floor=lambda: _bare(settings, scripts),
        ours=lambda: _ours(cast, settings, attempts),
        goal="≥ 0.6",
        unit="attempts/s",
        rounds=ROUNDS,
    )


def _bare(settings: Settings, scripts: Sequence[Script]) -> float:
    def work(mine: Iterable[Script], start: threading.Barrier) -> None:
        with closing(connect(settings.database_url)) as connection:
            start.wait()
            for script in mine:
                bookings.run_bare(connection, script)

    bookings.clear(settings)
    return _rate(work, scripts)


def _ours(cast: Cast, settings: Settings, attempts: Sequence[Attempt]) -> float:
    """Any refusal but a full slot is an error of the bench; so is one seat too many."""
    refused: list[Attempt] = []
    broken: list[Exception] = []

    def work(mine: Iterable[Attempt], start: threading.Barrier) -> None:
        start.wait()
        for attempt in mine:
            try:
                cast.db.transact(bookings.hold, cast, attempt)
            except Conflict:
                refused.append(attempt)
            except Exception as error:  # noqa: BLE001 - what users would see; told below
                broken.append(error)

    bookings.clear(settings)
    rate = _rate(work, attempts)
    if broken:
        raise SystemExit(f"{len(broken)} errors, the first: {broken[0]!r}")
    with cast.db.reading() as session:
        bookings.check(session, refused)
    return rate


def _rate(work: Callable[[Iterable[Any], threading.Barrier], None], items: Sequence[Any]) -> float:
    """Items a second by as many threads as there are clients, each with its share."""
    start = threading.Barrier(CLIENTS + 1)
    threads = [threading.Thread(target=work, args=(items[place::CLIENTS], start)) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    start.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return len(items) / (time.perf_counter() - started)
