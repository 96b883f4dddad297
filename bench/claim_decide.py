"""Claiming and deciding with 32 clerks at once, against the same statements by the bare driver."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from backend.applications import claims, review
from backend.applications.review import Decision
from bench import county
from bench.context import Context
from bench.county import CLIENTS
from bench.harness import Figure, absolute, compare
from bench.statements import Statement, connect, rehearse, replay
from config.settings import Settings
from tests.people import Cast

ROUNDS, EACH = 3, 4


def run(context: Context) -> list[Figure]:
    """Claims with their decisions per second, and the statements of a pair."""
    settings, _ = context.installation("bench_claim")
    cast = county.populated(settings)
    numbers = [_handed_in(cast, *draft) for draft in county.drafts(cast, 2 * ROUNDS * CLIENTS * EACH)]
    statements = _rehearsed(cast, numbers[0])
    turns = iter(range(2 * ROUNDS))

    def next_numbers() -> list[str]:
        first = next(turns) * CLIENTS * EACH
        return numbers[first : first + CLIENTS * EACH]

    figure = compare(
        "claim_decide",
        floor=lambda: _bare(cast, settings, next_numbers()),
        ours=lambda: _ours(cast, next_numbers()),
        goal="≥ 0.5",
        unit="pairs/s",
        rounds=ROUNDS,
    )
    cast.db.dispose()
    count = sum(len(script) for script in statements)
    return [figure, absolute("claim_decide_statements", count, goal="≤ 10", unit="statements")]


def _handed_in(cast: Cast, resident: int, case: int) -> str:
    cast.clock.advance(timedelta(milliseconds=1))  # ids are made of the moment and few random bits
    return cast.db.transact(_submit, cast, resident, case)


def _submit(session: Session, cast: Cast, resident: int, case: int) -> str:
    county.submit(cast, resident, case, session)
    return county.number_of(session, case)


def _claim(cast: Cast, number: str, session: Session) -> int:
    lease = claims.claim(session, reviewer=cast.reviewers["village"], number=number, now=cast.clock())
    return lease.fence


def _decide(cast: Cast, number: str, fence: int, session: Session) -> int:
    return review.decide(
        session,
        vault=cast.vault,
        calendar=cast.calendar,
        reviewer=cast.reviewers["village"],
        number=number,
        decision=Decision("approve", "核对无误"),
        fence=fence,
        now=cast.clock(),
    )


def _rehearsed(cast: Cast, number: str) -> list[list[Statement]]:
    """The statements of the claim and of the decision, as two transactions."""
    claiming = rehearse(cast.db, partial(_claim, cast, number))
    both = rehearse(cast.db, partial(_claim, cast, number), partial(_decide, cast, number, 1))
    return [claiming, both[len(claiming) :]]


def _bare(cast: Cast, settings: Settings, numbers: Sequence[str]) -> float:
    scripts = [_rehearsed(cast, number) for number in numbers]

    def work(mine: Sequence[list[list[Statement]]]) -> None:
        with closing(connect(settings.database_url)) as connection:
            start.wait()
            for script in mine:
                for transaction in script:
                    replay(connection, transaction)
                    connection.commit()

    start = threading.Barrier(CLIENTS + 1)
    return _rate(start, work, scripts)


def _ours(cast: Cast, numbers: Sequence[str]) -> float:
    def work(mine: Sequence[str]) -> None:
        start.wait()
        for number in mine:
            fence = cast.db.transact(_called, partial(_claim, cast, number))
            cast.db.transact(_called, partial(_decide, cast, number, fence))

    start = threading.Barrier(CLIENTS + 1)
    return _rate(start, work, numbers)


def _called(session: Session, command: Callable[[Session], int]) -> int:
    return command(session)


def _rate(start: threading.Barrier, work: Callable[[Any], None], items: Sequence[Any]) -> float:
    """Items a second by as many threads as there are clients, each with its share."""
    threads = [threading.Thread(target=work, args=(items[place::CLIENTS],)) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    start.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return len(items) / (time.perf_counter() - started)
