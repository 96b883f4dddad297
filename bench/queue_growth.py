"""Every list of the staff on a hundred thousand and on a million cases against ten thousand: views, filters, depth.

The cases lie in one county, spread over its towns; three in ten wait at some level, the others are decided, in
correction or in notice. Half of the deadlines have passed. The county sees all of them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.applications import queue, search
from backend.applications.queue import VIEWS, Filter, of_view
from backend.kernel import cursors
from bench import county
from bench.context import Context
from bench.harness import Figure, absolute
from bench.statements import connect
from config.settings import Settings
from tests import factories
from tests.people import TOWN, Cast

SIZES = (10_000, 100_000, 1_000_000)
BATCH = 10_000
PAGE, CALLS, ROUNDS = 20, 40, 5
STEP = timedelta(seconds=10)
RARE = "birth-registration"
#: Spread over towns and deadlines, so that the town sees an eleventh; no two cases are due at once.
SPREAD = {
    # Lists read neither, and without them a million rows are made in a minute.
    "answers": "''",
    "holder": "NULL",
    "town": "CONCAT('3704020', LPAD(1 + seq % 11, 2, '0'), '000')",
    "status": "IF(seq % 10 < 3, 'in_review', ELT(1 + seq % 9, 'correction', 'in_notice', 'issued', 'issued', 'issued', "
    "'issued', 'issued', 'rejected', 'issued'))",
    "queue": "IF(seq % 10 < 3, ELT(1 + seq % 3, 'village', 'town', 'county'), '')",
    "level": "ELT(1 + seq % 3, 'village', 'town', 'county')",
    "service_item": f"IF(seq % 97 = 0, '{RARE}', application.service_item)",
    "due_at": "application.due_at + INTERVAL seq * 10 SECOND",
    "submitted_at": "application.submitted_at + INTERVAL seq * 10 SECOND",
    "claimed_by": "IF(seq % 10 < 3 AND seq % 13 = 0, 1, NULL)",
    "claimed_until": "IF(seq % 10 < 3 AND seq % 13 = 0, application.submitted_at + INTERVAL 20 YEAR, NULL)",
}


@dataclass(frozen=True, slots=True)
class Queue:
    """A county of so many cases, the moment at which half of them are late, and a place in its depth."""

    cast: Cast
    number: int
    now: datetime
    deep: str
    name: str


Read = Callable[[Queue], object]


def run(context: Context) -> list[Figure]:
    """Milliseconds a page; the ratio is the growth from ten thousand to a million."""
    sizes = [_queue(context, f"bench_queue_{number}", number) for number in SIZES]
    found, middle = [], []
    for name, read in _reads().items():
        few, some, many = _side_by_side(sizes, read)
        found.append(Figure(f"queue_growth_{name}", few, many, many / few, "≤ 1.5", "ms"))
        middle.append(some / few)
    found.append(absolute("queue_growth_worst_at_100000", max(middle), goal="≤ 1.5", unit="× of 10,000"))
    for size in sizes:
        size.cast.db.dispose()
        context.mariadb.drop(size.name)
    return found


def _reads() -> dict[str, Read]:
    """Every view of the console, the filters that no view has, the depth, and what stands beside the list."""
    views = {view: _page(of_view(view)) for view in VIEWS if view != "mine"}
    return views | {
        "deep": _page(Filter(), deep=True),
        "todo_deep": _page(of_view("todo"), deep=True),
        "place": _page(of_view("all", region=TOWN)),
        "item": _page(of_view("all", service_item=RARE)),
        "item_todo": _page(of_view("todo", service_item=RARE)),
        "level": _page(of_view("overdue", level="any")),
        "age": _page(of_view("todo", older_than_days=30)),
        "age_item_deep": _page(of_view("unclaimed", older_than_days=1, service_item=RARE), deep=True),
        "counts": _counts,
        "name": _name,
    }


def _page(wanted: Filter, *, deep: bool = False) -> Read:
    def read(size: Queue) -> object:
        with size.cast.db.reading() as session:
            return queue.page(
                session,
                reviewer=size.cast.reviewers["county"],
                wanted=wanted,
                limit=PAGE,
                cursor=size.deep if deep else None,
                now=size.now,
            )

    return read


def _counts(size: Queue) -> object:
    with size.cast.db.reading() as session:
        return queue.counts(session, reviewer=size.cast.reviewers["county"], now=size.now)


def _name(size: Queue) -> object:
    """A name that nobody here has: one probe of the index, and no row of anybody's chain."""
    who = search.Person(name="无此人")
    with size.cast.db.reading() as session:
        clerk = size.cast.reviewers["county"]
        return search.by_person(session, vault=size.cast.vault, reviewer=clerk, person=who, now=size.now)


def _side_by_side(sizes: list[Queue], read: Read) -> list[float]:
    """The median of rounds in which the sizes take turns."""
    rounds = [[_milliseconds(size, read) for size in sizes] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def _milliseconds(size: Queue, read: Read) -> float:
    read(size)
    started = time.perf_counter()
    for _ in range(CALLS):
        read(size)
    return (time.perf_counter() - started) / CALLS * 1000


def _queue(context: Context, name: str, number: int) -> Queue:
    settings, _ = context.installation(name)
    cast = county.populated(settings)
    cast.publish()
    first = factories.submitted(cast)
    _fill(settings, first.id, number)
    if first.due_at is None:
        raise SystemExit("the case has no deadline")
    middle = first.due_at + STEP * (number // 2)
    return Queue(cast, number, middle, cursors.make(first.due_at + STEP * (number * 4 // 10), 0), name)


def _fill(settings: Settings, case: int, number: int) -> None:
    """Rows first, indexes after: a sorted build takes a fraction of a million insertions into each."""
    with closing(connect(settings.database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW CREATE TABLE application")
        lines = [line.strip().rstrip(",") for line in cursor.fetchone()[1].splitlines()]
        keys = [line for line in lines if line.startswith(("KEY", "UNIQUE"))]
        cursor.execute("ALTER TABLE application " + ", ".join(f"DROP INDEX `{key.split('`')[1]}`" for key in keys))
        for after in range(0, number, BATCH):
            county.copies(connection, case, BATCH, SPREAD, after=after)
        cursor.execute("ALTER TABLE application " + ", ".join(f"ADD {key}" for key in keys))
        cursor.execute("ANALYZE TABLE application")
