"""A hundred thousand text messages to a provider that fails three calls in ten, while everything else dies too.

In the end each was taken exactly once, or its record says visibly that it was not, or that nobody can know: the
provider counts what it took, by key. Half of its failures leave it open whether the message was taken.
"""

from __future__ import annotations

from functools import partial

from bench.harness import absolute, write
from drills import sending as drill
from drills.sending import Stage
from drills.verdict import Verdict
from tests import sending

PEOPLE, EACH = 4000, 25
SAMPLE_PEOPLE, SAMPLE_EACH = 40, 4
SHARE = 0.3
BLOWS = {"worker0": 4, "worker1": 3, "relay": 3, "flushall": 3, "redis": 1, "mariadb": 2}
SAMPLE_BLOWS = {"worker0": 1, "flushall": 1}
#: Seconds after which it counts as hanging.
PATIENCE, SAMPLE_PATIENCE = 3000.0, 120.0


def run(seed: int, *, sample: bool = False) -> Verdict:
    """All of it (a sample: 200 messages and two blows), then the count at the provider."""
    people, each = (SAMPLE_PEOPLE, SAMPLE_EACH) if sample else (PEOPLE, EACH)
    blows, patience = (SAMPLE_BLOWS, SAMPLE_PATIENCE) if sample else (BLOWS, PATIENCE)
    with drill.stage(seed, workers=1 if sample else 2) as stage:
        sending.leave(stage.runtime, sending.people(stage.runtime, people), people)
        total = sending.multiply(stage.runtime, each)
        stage.provider.fail(SHARE, drill.FAULTS)
        struck = drill.order(seed, blows)
        acts = [partial(drill.strike, stage, kind, away=1.0 if sample else drill.AWAY) for kind in struck]
        with drill.running(stage):
            seconds = drill.until_ended(stage, seconds=patience, blows=list(acts), total=total, hurry=sample)
        return _judge(stage, total, seconds, struck, keep=not sample)


def _judge(stage: Stage, total: int, seconds: float, struck: list[str], *, keep: bool) -> Verdict:
    found = drill.count(stage)
    waiting = sending.unfinished(stage.runtime)
    ended = sum(found.ends.values())
    held = found.held and not waiting and ended == total
    if keep:
        per = seconds / total * 100_000
        unit = f"s per 100,000, {SHARE:.0%} of calls fail, {total / seconds:.0f} messages/s"
        write([absolute("messages", per, goal="≤ 1800", unit=unit)])
    ends = ", ".join(f"{number} {status}" for status, number in sorted(found.ends.items()))
    return Verdict(
        held,
        f"{total} messages, {SHARE:.0%} of {stage.provider.calls} calls failed, {len(struck)} blows "
        f"({', '.join(sorted(set(struck)))}); {ends}; {found.twice} taken twice, {found.wrong} not as recorded, "
        f"{found.strange} unknown to us, {waiting} still waiting, {found.dead} dead for people to see, "
        f"{seconds:.0f} s ({total / seconds:.0f} messages/s)",
    )
