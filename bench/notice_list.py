"""Public notices at many: the list of a town with 2,000 open ones beside one with 200, its depth, a village, the end.

Eleven towns have as many each. Half of the notices are of the item that shows names only from five people in a place
on, so that every page also counts people.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backend.applications import notice_desk, notice_queries, notices
from backend.kernel import cursors
from backend.kernel.clock import system_clock
from backend.models.notice import PublicNotice
from bench import county
from bench.context import Context
from bench.harness import Figure, absolute
from bench.statements import connect
from config.settings import Settings
from tests import announced
from tests.people import COUNTY, TOWN, VILLAGE, Cast

SIZES = (200, 2_000)
TOWNS = 11
PAGE, CALLS, ROUNDS, ENDED = 20, 40, 5, 100
PLACE = "CONCAT('3704020', LPAD(1 + seq % 11, 2, '0'), '000')"
HOME = "CONCAT('3704020', LPAD(1 + seq % 11, 2, '0'), LPAD(13 + seq DIV 11 % 15, 3, '0'))"
ITEM = "IF(seq % 2 = 0, 'family-award', 'hardship-support')"
CASES = {"town": PLACE, "village": HOME, "service_item": ITEM, "answers": "''"}
NOTICES = {
    "id": "public_notice.id + seq",
    "number": "CONCAT('GS', LPAD(seq, 9, '0'))",
    "application_id": "public_notice.application_id + seq",
    "town": PLACE,
    "village": HOME,
    "service_item": ITEM,
    "closes_on": "public_notice.closes_on + INTERVAL seq % 5 DAY",
}


@dataclass(frozen=True, slots=True)
class Announced:
    """A county with so many open notices in each town."""

    cast: Cast
    now: datetime
    deep: str
    name: str


Read = Callable[[Announced], object]


def run(context: Context) -> list[Figure]:
    """Milliseconds a page; the ratio is the growth from two hundred to two thousand in the town."""
    sizes = [_announced(context, f"bench_notices_{number}", number) for number in SIZES]
    reads: dict[str, Read] = {
        "town": _page(TOWN),
        "town_deep": _page(TOWN, deep=True),
        "county": _page(COUNTY),
        "village": _page(VILLAGE),
        "staff": _staff,
    }
    found = []
    for name, read in reads.items():
        few, many = _side_by_side(sizes, read)
        found.append(Figure(f"notice_list_{name}", few, many, many / few, "≤ 1.5", "ms"))
    found.append(absolute("notice_conclude", _conclude(sizes[-1]), goal="≥ 20", unit="a second"))
    for size in sizes:
        size.cast.db.dispose()
        context.mariadb.drop(size.name)
    return found


def _page(region: str, *, deep: bool = False) -> Read:
    def read(size: Announced) -> object:
        cursor = size.deep if deep else None
        with size.cast.db.reading() as session:
            return notice_queries.page(session, region=region, limit=PAGE, cursor=cursor, now=size.now)

    return read


def _staff(size: Announced) -> object:
    clerk = size.cast.reviewers["county"]
    with size.cast.db.reading() as session:
        waiting = notice_desk.waiting(session, reviewer=clerk)
        return waiting, notice_desk.running(session, reviewer=clerk, limit=PAGE, cursor=None, now=size.now)


def _side_by_side(sizes: list[Announced], read: Read) -> list[float]:
    """The median of rounds in which the sizes take turns."""
    rounds = [[_milliseconds(size, read) for size in sizes] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def _milliseconds(size: Announced, read: Read) -> float:
    read(size)
    started = time.perf_counter()
    for _ in range(CALLS):
        read(size)
    return (time.perf_counter() - started) / CALLS * 1000


def _conclude(size: Announced) -> float:
    """Notices that one relay ends a second, each in a transaction of its own."""
    later = size.now + timedelta(days=30)
    with size.cast.db.reading() as session:
        due = notices.due(session, now=later, limit=ENDED)
    started = time.perf_counter()
    for one in due:
        size.cast.run(notices.conclude, calendar=size.cast.calendar, notice_id=one, now=later, at=system_clock())
    return len(due) / (time.perf_counter() - started)


def _announced(context: Context, name: str, number: int) -> Announced:
    settings, _ = context.installation(name)
    cast = county.populated(settings)
    cast.publish()
    case = announced.announced(cast).id
    found = announced.begin(cast, case)
    _fill(settings, case, found.id, number * TOWNS)
    deep = cursors.make(datetime.combine(found.closes_on + timedelta(days=4), datetime.min.time(), UTC), 0)
    return Announced(cast, cast.clock(), deep, name)


def _fill(settings: Settings, case: int, notice: int, number: int) -> None:
    names = [column.name for column in PublicNotice.__table__.columns]
    chosen = ", ".join(NOTICES.get(name, f"public_notice.{name}") for name in names)
    with closing(connect(settings.database_url)) as connection, connection.cursor() as cursor:
        county.copies(connection, case, number, CASES)
        cursor.execute(
            f"INSERT INTO public_notice ({', '.join(names)}) SELECT {chosen} FROM seq_1_to_{number} JOIN public_notice "
            f"ON public_notice.id = {notice}"
        )
        connection.commit()
        cursor.execute("ANALYZE TABLE application, public_notice")
