"""What the calendar shows of ten stations for a month, and the slots of a hundred stations, beside the bare driver."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial

from sqlalchemy.orm import Session

from backend.bookings import availability, generation
from backend.kernel.clock import today
from bench import bookings, county
from bench.context import Context
from bench.harness import Figure, compare
from bench.statements import Statement, connect, rehearse
from config.settings import Settings
from tests.people import Cast

READS, MONTH = 20, timedelta(days=30)
#: A month's slots of ten stations are read, those of a hundred are made.
SHOWN, MADE = 10, 100
ROUNDS = 5


def run(context: Context) -> list[Figure]:
    """Months read a second, and seconds until every slot of thirty days is there."""
    settings, _ = context.installation("bench_calendar")
    cast = county.populated(settings)
    cast.db.transact(bookings.stations, cast, MADE)
    codes = [f"bench-{place:03d}" for place in range(MADE)]
    made = compare(
        "slots_generated",
        floor=lambda: _insert(settings, _rows(cast, settings, codes)),
        ours=lambda: _make(cast, settings, codes),
        goal="≤ 4",
        unit="s for 100 stations × 30 days",
        rounds=ROUNDS,
    )
    shown = codes[:SHOWN]
    months = compare(
        "calendar_month",
        floor=lambda: _bare(cast, settings, shown),
        ours=lambda: _ours(cast, shown),
        goal="≥ 0.6",
        unit="months of ten stations/s",
        rounds=ROUNDS,
    )
    cast.db.dispose()
    return [months, made]


def _make(cast: Cast, settings: Settings, codes: Sequence[str]) -> float:
    """As the job does: a transaction a station."""
    bookings.clear(settings, slots_too=True)
    started = time.perf_counter()
    for turn in enumerate(codes):
        cast.db.transact(_generate, cast, *turn)
    return time.perf_counter() - started


def _generate(session: Session, cast: Cast, place: int, code: str) -> object:
    """Ids are made of the moment: each station has its own."""
    now = cast.clock() + timedelta(milliseconds=place)
    return generation.make(session, calendar=cast.calendar, station=code, now=now)


def _rows(cast: Cast, settings: Settings, codes: Sequence[str]) -> list[Statement]:
    """The INSERT of each station, rehearsed."""
    bookings.clear(settings, slots_too=True)
    scripts = [rehearse(cast.db, partial(_generate, cast=cast, place=n, code=code)) for n, code in enumerate(codes)]
    return [found for script in scripts for found in script if found.sql.startswith("INSERT INTO slot")]


def _insert(settings: Settings, inserts: Sequence[Statement]) -> float:
    """The same rows by the driver's executemany, and as many commits."""
    with closing(connect(settings.database_url)) as connection, connection.cursor() as cursor:
        started = time.perf_counter()
        for statement in inserts:
            cursor.executemany(statement.sql, statement.values)
            connection.commit()
        return time.perf_counter() - started


def _month(session: Session, cast: Cast, codes: Sequence[str]) -> object:
    first = today(cast.clock())
    return availability.days(session, stations=codes, first=first, last=first + MONTH, now=cast.clock())


def _ours(cast: Cast, codes: Sequence[str]) -> float:
    started = time.perf_counter()
    for _ in range(READS):
        with cast.db.reading() as session:
            _month(session, cast, codes)
    return READS / (time.perf_counter() - started)


def _bare(cast: Cast, settings: Settings, codes: Sequence[str]) -> float:
    script = rehearse(cast.db, partial(_month, cast=cast, codes=codes))
    with closing(connect(settings.database_url, autocommit=True)) as connection, connection.cursor() as cursor:
        started = time.perf_counter()
        for _ in range(READS):
            for statement in script:
                cursor.execute(statement.sql, statement.values)
                cursor.fetchall()
        return READS / (time.perf_counter() - started)
