"""A few seconds of the flood at the tip line that ``make drill`` lasts for a minute."""

from __future__ import annotations

import secrets

import pytest

from drills import tips


@pytest.mark.slow
def test_tips_survive_a_flood_and_none_is_lost() -> None:
    seed = secrets.randbelow(10**6)
    verdict = tips.run(seed, sample=True)
    assert verdict.held, f"seed {seed}: {verdict.words}"
