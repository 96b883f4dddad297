"""Due reminders into the outbox, against the bare statements that any solution needs, and whether a million cost more.

Floor: ``INSERT … SELECT`` and the UPDATE of the same range in batches of 10,000, by the bare driver with the bounds
known beforehand. Both sides take turns at the rows of one table, 100,000 each time; the small table of the growth is
emptied and filled between its rounds, which are not measured. Rows lie in the order in which they are due: this
measures statements, not how much of the table the memory of a throw-away server holds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from pymysql.connections import Connection

from backend.db import Database
from backend.reminders import fanout
from backend.reminders.fanout import BATCH, Place
from bench.context import Context
from bench.harness import Figure, absolute, compare
from bench.statements import connect

SLICE, MILLION, ROUNDS = 100_000, 1_000_000, 5
#: A Wednesday; the reminders were due at the thirteen hours of the day before.
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
FIRST = datetime(2026, 11, 24, 0, 0)  # noqa: DTZ001 - as it stands in the table
#: As long as a sealed row of the product.
CONTENT = "v1|k1|" + "x" * 520
FILL = (
    "INSERT INTO reminder (id, version, person, content, due_at, round, stop_index)"
    " SELECT seq * 4194304 + crc32(seq) %% 4194304, 1, sha2(seq, 256), %s, %s + INTERVAL seq * 13 DIV {number} HOUR,"
    " seq %% 9,"
    " sha2(concat('s', seq), 256) FROM seq_{first}_to_{last}"
)
END = (
    "SELECT due_at, id FROM reminder"
    " WHERE due_at <= %(now)s AND (due_at > %(due)s OR (due_at = %(due)s AND id > %(id)s))"
    " ORDER BY due_at, id LIMIT 1 OFFSET 9999"
)
WORK = (
    "INSERT IGNORE INTO outbox (topic, subject_id, reference, dedupe_key, status, due_at, created_at, attempts)"
    " SELECT 'own_date', id, round, concat('own_date:', id, ':', round, ':261125'), 'due', %(now)s, %(now)s, 0"
    " FROM reminder WHERE {range}"
)
MOVE = "UPDATE reminder SET due_at = %(now)s + INTERVAL 1 DAY WHERE {range}"
RANGE = (
    "(due_at > %(due)s OR (due_at = %(due)s AND id > %(id)s))"
    " AND (due_at < %(last_due)s OR (due_at = %(last_due)s AND id <= %(last_id)s))"
)


@dataclass(slots=True)
class Table:
    """Reminders in a database of their own, and how far both sides have come."""

    database: Database
    connection: Connection
    place: Place | None = None

    def fill(self, number: int) -> None:
        """So many people, all due; the work of earlier rounds is gone."""
        with self.connection.cursor() as cursor:
            for table in ("reminder", "outbox"):
                cursor.execute(f"TRUNCATE {table}")
            for first in range(1, number + 1, SLICE):
                last = min(first + SLICE - 1, number)
                cursor.execute(FILL.format(first=first, last=last, number=number), (CONTENT, FIRST))
                self.connection.commit()
        self.place = None

    def ours(self, number: int = SLICE) -> float:
        """Seconds of the product for the next so many."""
        begun = time.perf_counter()
        for _ in range(number // BATCH):
            self.place = self.database.transact(fanout.fan_out, now=NOW, after=self.place)
        return time.perf_counter() - begun

    def bare(self, number: int = SLICE) -> float:
        """Seconds of the bare statements for the next so many."""
        ends = list(self._ends(number // BATCH))
        begun = time.perf_counter()
        with self.connection.cursor() as cursor:
            for values in ends:
                cursor.execute(WORK.format(range=RANGE), values)
                cursor.execute(MOVE.format(range=RANGE), values)
                self.connection.commit()
        return time.perf_counter() - begun

    def _ends(self, batches: int) -> Iterator[dict[str, object]]:
        """The bounds of the next batches; looking for them is no part of the floor."""
        for _ in range(batches):
            after = self.place or Place(datetime(2000, 1, 1, tzinfo=UTC), 0)
            values: dict[str, object] = {"now": NOW.replace(tzinfo=None), "id": after.id}
            values["due"] = after.due_at.replace(tzinfo=None)
            with self.connection.cursor() as cursor:
                cursor.execute(END, values)
                (due, last) = cursor.fetchone() or (None, None)
            self.place = Place(due.replace(tzinfo=UTC), last)
            yield values | {"last_due": due, "last_id": last}

    def check_due(self, number: int) -> None:
        """The table holds what is to be measured."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM reminder WHERE due_at <= %s", (NOW.replace(tzinfo=None),))
            if cursor.fetchone() != (number,):
                raise SystemExit("the table of reminders was not filled")

    def check(self, number: int) -> None:
        """Every one of them has its work, once, and none is due any more."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT count(*), count(DISTINCT subject_id) FROM outbox WHERE topic = 'own_date'")
            work = cursor.fetchone()
            cursor.execute("SELECT count(*) FROM reminder WHERE due_at <= %s", (NOW.replace(tzinfo=None),))
            (due,) = cursor.fetchone() or (None,)
        if work != (number, number) or due:
            raise SystemExit(f"of {number} reminders {work} have work and {due} are due")


def run(context: Context) -> list[Figure]:
    """Seconds for 100,000 in a table of as many and in one of a million, and how much a thousand more cost there."""
    with _table(context, "fanout_a") as big, _table(context, "fanout_b") as small:
        return [_hundred_thousand(big), *_million(big, small)]


def _hundred_thousand(table: Table) -> Figure:
    return compare(
        "fanout_100k",
        floor=lambda: _whole(table, table.bare),
        ours=lambda: _whole(table, table.ours),
        goal="≤ 1.3",
        unit="s per 100,000",
    )


def _whole(table: Table, side: Callable[[], float]) -> float:
    table.fill(SLICE)
    seconds = side()
    table.check(SLICE)
    return seconds


def _million(big: Table, small: Table) -> list[Figure]:
    """Slices of one million in turns; between them as many of a small table, so that both meet the same minutes."""
    big.fill(MILLION)
    big.check_due(MILLION)
    ours: list[float] = []
    few: list[float] = []

    def mine() -> float:
        ours.append(big.ours())
        few.append(statistics.median(_few(small) for _ in range(3)))
        return ours[-1]

    figure = compare("fanout_1m", floor=big.bare, ours=mine, goal="≤ 1.3", unit="s per 100,000", rounds=ROUNDS)
    big.check(MILLION)
    growth = statistics.median(many / SLICE / (one / BATCH) for many, one in zip(ours, few, strict=True))
    floor = statistics.median(few) * SLICE / BATCH
    return [figure, absolute("fanout_growth", growth, goal="≤ 1.3", unit="× from 10 k to 1 M", floor=floor)]


def _few(table: Table) -> float:
    table.fill(BATCH)
    seconds = table.ours(BATCH)
    table.check(BATCH)
    return seconds


@contextmanager
def _table(context: Context, name: str) -> Iterator[Table]:
    settings, _ = context.installation(name)
    database, connection = Database(settings.database_url), connect(settings.database_url)
    yield Table(database, connection)
    connection.close()
    database.dispose()
