"""A flood at the tip line: forged, used and no work, unknown codes, huge bodies and such that drip, all that can be.

Meanwhile people report honestly: each solves the sum it is given and sends one report. What was acknowledged to them
must open with its code in the end, nothing else may be in the table, and how much slower they got is counted.
"""

from __future__ import annotations

import multiprocessing
import statistics
import threading
import time
from collections import Counter

from sqlalchemy import func, select

from backend.models.tip import Mailbox, Tip
from backend.tips_runtime import build_tips_runtime
from bench.harness import absolute, write
from drills import flooding
from drills.flooding import Caller, Honest, Stage
from drills.verdict import Verdict
from tests import tipping

SECONDS, SAMPLE_SECONDS = 60.0, 2.0
#: People who report at a time, and how long each rests in between.
PEOPLE, REST = 3, 0.3


def run(seed: int, *, sample: bool = False) -> Verdict:
    """A quiet spell, then the flood (a sample: two seconds of each)."""
    seconds = SAMPLE_SECONDS if sample else SECONDS
    with flooding.stage() as stage:
        used = _used(stage)
        quiet = _people(stage, seconds / 2 if not sample else seconds)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            size = (4, 40) if sample else (flooding.THREADS, flooding.DRIPPING)
            rubbish = pool.apply_async(flooding.crowd, (stage.port, used, seconds + 1, seed, *size))
            time.sleep(1)
            flood = _people(stage, seconds)
            seen = rubbish.get(seconds + 60)
        return _judge(stage, quiet, flood, Counter(seen), keep=not sample)


def _used(stage: Stage) -> str:
    caller = Caller(stage.port)
    altcha = tipping.solve(caller.challenge())
    caller.call("POST", "", tipping.report(altcha=altcha))
    caller.close()
    return altcha


def _people(stage: Stage, seconds: float) -> Honest:
    """Several people for a while; what they were told."""
    honest, until = Honest(stage.port), time.monotonic() + seconds
    threads = [threading.Thread(target=honest.work, args=(until, REST)) for _ in range(PEOPLE)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return honest


def _judge(stage: Stage, quiet: Honest, flood: Honest, seen: Counter[str], *, keep: bool) -> Verdict:
    codes = quiet.codes + flood.codes
    caller = Caller(stage.port)
    lost = sum(caller.inbox(code)[0] != 200 for code in codes)
    stored, mailboxes = _stored(stage)
    # One more: the report whose work the crowd uses again.
    most = 1 + len(codes) + quiet.doubtful + flood.doubtful
    taken = sum(number for kind, number in seen.items() if kind.endswith((" 200", " 201")) and "challenge" not in kind)
    slow, fast = _p99(flood.seconds), _p99(quiet.seconds)
    held = bool(flood.codes) and not lost and 1 + len(codes) <= stored <= most and stored == mailboxes and not taken
    total = sum(seen.values())
    if keep:
        write([absolute("tip_flood", slow / fast, goal="≤ 10", unit=f"p99 in the flood ÷ quiet ({fast:.2f} s)")])
    kinds = ", ".join(f"{number} {kind}" for kind, number in seen.most_common())
    return Verdict(
        held,
        f"{total} hostile requests ({kinds}) and dripping bodies; "
        f"honest: {len(quiet.codes)} in quiet (p99 {fast:.2f} s), "
        f"{len(flood.codes)} in the flood (median {statistics.median(flood.seconds or [0]):.2f} s, p99 {slow:.2f} s, "
        f"{slow / fast:.1f} times), refused meanwhile {dict(flood.refused)}, {flood.doubtful} in doubt; "
        f"{lost} acknowledged lost, {taken} hostile taken, {stored} stored",
    )


def _stored(stage: Stage) -> tuple[int, int]:
    at = build_tips_runtime(stage.line)
    with at.db.reading() as session:
        found = [session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (Tip, Mailbox)]
    at.db.dispose()
    return found[0], found[1]


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)] if seconds else float("inf")
