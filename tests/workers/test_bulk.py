"""A bulk act whose worker is killed with -9 in the middle: the next one goes on, and no case is decided twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from backend.applications import bulk, bulk_acts, review
from backend.applications.bulk_checks import Pick, Wish
from backend.models.application import ApplicationHistory
from backend.runtime import Runtime
from tests import factories
from tests.clock import MovableClock
from tests.people import Cast, assemble
from workers import bulk as working, drain, registry

CASES = 6


@pytest.fixture
def at(runtime: Runtime, clock: MovableClock) -> Runtime:
    return replace(runtime, clock=clock)


@pytest.fixture
def cast(at: Runtime, clock: MovableClock) -> Cast:
    return assemble(at.db, at.vault, clock)


def begun(cast: Cast) -> int:
    rows = [factories.submitted(cast, f"人{chr(0x4E00 + place)}", serial=100 + place) for place in range(CASES)]
    picks = [Pick(row.number or "", row.version) for row in rows]
    wish = Wish("approve", "核对无误")
    act: int = cast.run(
        bulk.begin, vault=cast.vault, reviewer=cast.reviewers["village"], wish=wish, picks=picks, now=cast.clock()
    )
    return act


def outcomes(cast: Cast, act: int) -> list[str | None]:
    with cast.db.reading() as session:
        found = bulk_acts.one(session, reviewer=cast.reviewers["village"], act_id=act)
    return [item["outcome"] for item in found["items"]]


def decisions(cast: Cast) -> int:
    with cast.db.reading() as session:
        query = select(func.count()).select_from(ApplicationHistory).where(ApplicationHistory.move == "hand_up")
        return session.scalar(query) or 0


def work_off(at: Runtime, *, lease: float = 30) -> None:
    topic = replace(registry.TOPICS[bulk.TOPIC], lease=lease)
    drain.drain(at, topic, go_on=lambda: True, turn=20)


def test_the_worker_does_what_the_request_left(at: Runtime, cast: Cast) -> None:
    act = begun(cast)
    work_off(at)
    assert outcomes(cast, act) == ["done"] * CASES


def test_a_turn_ends_in_time_and_the_rest_is_done_in_the_next(
    at: Runtime, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = begun(cast)
    monkeypatch.setattr(working, "TURN", 0.02)
    work_off(at)
    assert outcomes(cast, act) == ["done"] * CASES
    assert decisions(cast) == CASES


def test_a_killed_worker_leaves_no_case_undone_and_none_done_twice(at: Runtime, cast: Cast) -> None:
    act = begun(cast)

    def doomed() -> None:
        at.db.dispose(close=False)
        real, calls = review.decide, iter(range(CASES))

        def dies(*given: object, **named: object) -> int:
            done = real(*given, **named)  # type: ignore[arg-type]
            if next(calls) == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        review.decide = dies  # type: ignore[assignment]
        work_off(at, lease=2)

    process = multiprocessing.get_context("fork").Process(target=doomed)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert outcomes(cast, act) == ["done", "done", *[None] * (CASES - 2)]
    time.sleep(2)
    work_off(at)
    assert outcomes(cast, act) == ["done"] * CASES
    assert decisions(cast) == CASES
