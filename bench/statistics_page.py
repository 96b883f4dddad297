"""The statistics of a county with a million counted cases: every statement of the page, and those of one town."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import date

from backend.db import Database
from backend.openness import statistics
from backend.openness.statistics import Period
from bench.context import Context
from bench.harness import Figure, absolute
from bench.statements import connect

COUNTY, TOWN = "370402000000", "370402001000"
#: Three years of cases, written day by day as they would be; the page asks for the last one.
CASES, YEAR = 1_000_000, Period(date(2025, 12, 1), date(2026, 11, 22))
FILL = f"""
INSERT INTO case_fact (application_id, service_item, village, town, county, received_on, decided_on, outcome,
 worked_days, on_time, corrections, score, sequence)
SELECT seq, ELT(1 + seq % 3, 'migrant-proof', 'birth-registration', 'family-award'),
 CONCAT('3704020', LPAD(1 + seq % 11, 2, '0'), LPAD(1 + seq DIV 11 % 15, 3, '0')),
 CONCAT('3704020', LPAD(1 + seq % 11, 2, '0'), '000'), '{COUNTY}',
 '2026-11-22' - INTERVAL (seq DIV 914) DAY,
 '2026-11-22' - INTERVAL GREATEST(0, CAST(seq DIV 914 AS SIGNED) - CAST(seq % 20 AS SIGNED)) DAY,
 IF(seq % 9 = 0, 'rejected', 'approved'), seq % 20, seq % 20 < 15, seq % 10 = 0, IF(seq % 4 = 0, 1 + seq % 5, NULL), 1
FROM seq_1_to_{CASES}
"""


def run(context: Context) -> list[Figure]:
    """Seconds for the county and for one town, with every place and month."""
    settings, _ = context.installation("bench_statistics")
    with closing(connect(settings.database_url)) as connection, connection.cursor() as cursor:
        cursor.execute(FILL)
        connection.commit()
        cursor.execute("ANALYZE TABLE case_fact")
    db = Database(settings.database_url)
    figures = [
        absolute("statistics_county", _seconds(db, "county", COUNTY), goal="≤ 3", unit="s at 10^6 facts, a year"),
        absolute("statistics_town", _seconds(db, "town", TOWN), goal="≤ 0.5", unit="s at 10^6 facts, a year"),
    ]
    db.dispose()
    return figures


def _seconds(db: Database, level: str, region: str) -> float:
    """The best of three: what the statements cost, not what else the machine did."""
    return min(_once(db, level, region) for _ in range(3))


def _once(db: Database, level: str, region: str) -> float:
    began = time.perf_counter()
    with db.reading() as session:
        found = statistics.report(session, level=level, region=region, below=None, within=YEAR, service_item=None)
    if not found.lines:
        raise RuntimeError("nothing was counted")
    return time.perf_counter() - began
