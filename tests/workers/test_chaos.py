"""A short run of the chaos drill; the long one is ``make drill DRILL=chaos``."""

from __future__ import annotations

import secrets

from drills import chaos


def test_sample_of_the_chaos_drill_loses_nothing() -> None:
    seed = secrets.randbelow(10**6)
    verdict = chaos.run(seed, sample=True)
    assert verdict.held, f"seed {seed}: {verdict.words}"
