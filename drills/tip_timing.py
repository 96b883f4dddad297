"""Whether the time of an answer tells one wrong code from another: unknown, wrong, withdrawn, renewed.

Interleaved in random order over one connection to the real server, compared two by two (Mann-Whitney U, normal
approximation): how often an answer of one kind is slower than one of another. Half of the time is no difference.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Mapping, Sequence

from bench.harness import absolute, write
from drills import flooding
from drills.flooding import API, Caller
from drills.verdict import Verdict
from tests import tipping

EACH, SAMPLE_EACH = 1000, 20
#: How far from one half it may be. 1000 of each tell 0.05 apart from chance (four standard errors).
TELLING, SAMPLE_TELLING = 0.05, 0.4
KINDS = ("unknown", "wrong", "withdrawn", "renewed")


def run(seed: int, *, sample: bool = False) -> Verdict:
    """All pairs of kinds; a sample only proves that it can be run."""
    chance = random.Random(seed)
    with flooding.stage() as stage:
        caller = Caller(stage.port)
        codes = known(caller)
        taken = interleaved(
            lambda kind: _ask(caller, _typed(codes, kind, chance)), SAMPLE_EACH if sample else EACH, chance
        )
    found = {pair: slower(taken[pair[0]], taken[pair[1]]) for pair in itertools.combinations(KINDS, 2)}
    worst = max(abs(share - 0.5) for share in found.values())
    if not sample:
        unit = "how far the share of slower answers is from one half, worst pair of wrong codes"
        write([absolute("tip_timing", worst, goal=f"≤ {TELLING}", unit=unit)])
    pairs = ", ".join(f"{one}/{two} {share:.3f}" for (one, two), share in found.items())
    middle = ", ".join(f"{kind} {1000 * sorted(some)[len(some) // 2]:.2f} ms" for kind, some in taken.items())
    return Verdict(worst <= (SAMPLE_TELLING if sample else TELLING), f"slower in: {pairs}; medians: {middle}")


def known(caller: Caller) -> dict[str, str]:
    """Codes of a mailbox that is there, of one that was taken back, and one that was renewed since."""
    codes = {}
    for kind in KINDS[1:]:
        altcha = tipping.solve(caller.challenge())
        codes[kind] = caller.call("POST", "", tipping.report(altcha=altcha))[1]["receipt_code"]
    caller.act(codes["withdrawn"], "/withdrawal")
    caller.act(codes["renewed"], "/receipt-renewal")
    return codes


def interleaved(ask: Callable[[str], float], each: int, chance: random.Random) -> Mapping[str, list[float]]:
    """Seconds of each kind, asked in random order."""
    order = [kind for kind in KINDS for _ in range(each)]
    chance.shuffle(order)
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for kind in order:
        taken[kind].append(ask(kind))
    return taken


def slower(one: Sequence[float], two: Sequence[float]) -> float:
    """The share of pairs in which the first is slower (U ÷ mn); one half when they cannot be told apart."""
    ranked = sorted([(value, 1) for value in one] + [(value, 0) for value in two])
    ranks = sum(rank for rank, (_, first) in enumerate(ranked, start=1) if first)
    return (ranks - len(one) * (len(one) + 1) / 2) / (len(one) * len(two))


def _typed(codes: Mapping[str, str], kind: str, chance: random.Random) -> str:
    if kind == "unknown":
        return f"{chance.randrange(10**28):028}"
    if kind == "wrong":
        return codes[kind][:8] + f"{chance.randrange(10**20):020}"
    return codes[kind]


def _ask(caller: Caller, code: str) -> float:
    begun = time.perf_counter()
    status, _ = caller.call("POST", "/inbox", {"receipt_code": code})
    seconds = time.perf_counter() - begun
    if status != 404:
        raise SystemExit(f"{API}/inbox answered {status}")
    return seconds
