"""Taking the next case while colleagues do the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.applications import next_case
from backend.kernel.errors import NotFound
from tests import factories
from tests.people import Cast, hire, id_number

CASES, CLERKS = 4, 6


def test_clerks_at_once_take_different_cases(cast: Cast) -> None:
    for at in range(CASES):
        factories.submitted(cast, f"人{chr(0x4E00 + at)}", serial=100 + at)
    place = cast.reviewers["village"].region
    clerks = [hire(cast, "village", region=place) for _ in range(CLERKS)]

    def take(at: int) -> int:
        try:
            return int(cast.run(next_case.take, reviewer=clerks[at], now=cast.clock()))
        except NotFound:
            return 0

    with ThreadPoolExecutor(CLERKS) as pool:
        taken = list(pool.map(take, range(CLERKS)))
    assert taken.count(0) == CLERKS - CASES
    assert len({case for case in taken if case}) == CASES


def test_one_s_own_case_is_left_to_a_colleague(cast: Cast) -> None:
    factories.submitted(cast)
    own = cast.reviewer("village", own=("resident_id", id_number(7)))
    with pytest.raises(NotFound, match="nothing_waits"):
        cast.run(next_case.take, reviewer=own, now=cast.clock())
