"""A bulk act of five hundred approvals, against the same statements of every case by the bare driver."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import bulk, bulk_run
from backend.applications.bulk import Tools
from backend.applications.bulk_checks import Pick, Wish
from backend.models.application import Application
from backend.models.desk import BulkLine
from bench import county
from bench.context import Context
from bench.harness import Figure, absolute, compare
from bench.statements import Statement, connect, rehearse, replay
from config.settings import Settings
from tests.people import Cast

CASES, ROUNDS = 500, 3
WISH = Wish("approve", "核对无误")


def run(context: Context) -> list[Figure]:
    """Cases per second, and the statements of one."""
    settings, _ = context.installation("bench_bulk")
    cast = county.populated(settings)
    picks = [_handed_in(cast, *draft) for draft in county.drafts(cast, 2 * ROUNDS * CASES)]
    acts = iter([_begun(cast, picks[first : first + CASES]) for first in range(0, len(picks), CASES)])
    count = len(_rehearsed(cast, _lines(cast, _begun(cast, picks[:1]))[0]))
    figure = compare(
        "bulk_500",
        floor=lambda: _bare(cast, settings, _lines(cast, next(acts))),
        ours=lambda: _ours(cast, next(acts)),
        goal="≥ 0.4",
        unit="cases/s",
        rounds=ROUNDS,
    )
    cast.db.dispose()
    return [figure, absolute("bulk_statements", count, goal="≤ 20", unit="statements")]


def _handed_in(cast: Cast, resident: int, case: int) -> Pick:
    cast.db.transact(partial(county.submit, cast, resident, case))
    with cast.db.reading() as session:
        row = session.execute(select(Application.number, Application.version).where(Application.id == case)).one()
    return Pick(row.number or "", row.version)


def _begun(cast: Cast, picks: list[Pick]) -> int:
    clerk = cast.reviewers["village"]
    cast.clock.advance(timedelta(milliseconds=1))  # thousands of ids of one moment would repeat themselves
    act: int = cast.run(bulk.begin, vault=cast.vault, reviewer=clerk, wish=WISH, picks=picks, now=cast.clock())
    return act


def _lines(cast: Cast, act: int) -> list[int]:
    with cast.db.reading() as session:
        return list(session.scalars(select(BulkLine.id).where(BulkLine.act_id == act).order_by(BulkLine.position)))


def _work(cast: Cast, line: int, session: Session) -> None:
    bulk.work(session, tools=Tools(cast.vault, cast.calendar), line_id=line, now=cast.clock())


def _rehearsed(cast: Cast, line: int) -> list[Statement]:
    return rehearse(cast.db, partial(_work, cast, line))


def _bare(cast: Cast, settings: Settings, lines: list[int]) -> float:
    """One connection, one transaction a case, as the act does it."""
    scripts = [_rehearsed(cast, line) for line in lines]
    with closing(connect(settings.database_url)) as connection:
        started = time.perf_counter()
        for script in scripts:
            replay(connection, script)
            connection.commit()
        return len(lines) / (time.perf_counter() - started)


def _ours(cast: Cast, act: int) -> float:
    started = time.perf_counter()
    over = bulk_run.work_off(cast.db, Tools(cast.vault, cast.calendar), act_id=act, clock=cast.clock, seconds=600)
    if not over:
        raise SystemExit("the act was not over in ten minutes")
    return CASES / (time.perf_counter() - started)
