"""Wrong codes of every kind: one answer, byte for byte, after the same work; ``make drill`` measures it at length."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from backend.kernel import sealing
from config.settings import Settings
from drills.tip_timing import KINDS, interleaved, slower
from tests.clock import MovableClock
from tests.tip_line import TipLine

EACH = 15
#: 15 of each tell 0.11 apart from chance (one standard error): this only finds work that is left out.
TELLING = 0.4


class Codes:
    """Codes of each kind, asked for at one line."""

    def __init__(self, line: TipLine) -> None:
        self.line = line
        self.known = {kind: line.file().json["receipt_code"] for kind in KINDS[1:]}
        self._act("withdrawn", "/withdrawal")
        self._act("renewed", "/receipt-renewal")

    def _act(self, kind: str, path: str) -> None:
        token = self.line.post("/inbox", receipt_code=self.known[kind]).json["token"]
        done = self.line.client.post(f"/api/v1/tips{path}", json={}, headers={"Tip-Token": token})
        assert done.status_code < 300, done.text

    def typed(self, kind: str) -> str:
        if kind == "unknown":
            return f"{random.randrange(10**28):028}"
        if kind == "wrong":
            return f"{self.known[kind][:8]}{random.randrange(10**20):020}"
        return self.known[kind]

    def ask(self, kind: str, **more: Any) -> Any:
        return self.line.post("/inbox", receipt_code=self.typed(kind), **more)


@pytest.fixture
def codes(settings: Settings, clock: MovableClock) -> Iterator[Codes]:
    line = TipLine(settings, clock)
    yield Codes(line)
    line.at.db.dispose()


def test_wrong_codes_take_the_same_time(codes: Codes) -> None:
    def ask(kind: str) -> float:
        begun = time.perf_counter()
        assert codes.ask(kind).status_code == 404
        return time.perf_counter() - begun

    taken = interleaved(ask, EACH, random.Random(0))
    for one, two in itertools.combinations(KINDS, 2):
        assert abs(slower(taken[one], taken[two]) - 0.5) <= TELLING, (one, two)


def test_wrong_codes_get_one_answer_after_one_derivation(codes: Codes, monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[str] = []
    derive = sealing.from_words
    monkeypatch.setattr(sealing, "from_words", lambda words, salt: derived.append(words) or derive(words, salt))
    answers = [codes.ask(kind) for kind in KINDS]
    answers += [codes.ask("wrong", passphrase="麦子"), codes.line.post("/inbox", receipt_code="no code at all")]
    assert len(derived) == len(answers)
    assert {(answer.status_code, answer.data, tuple(answer.headers.items())) for answer in answers} == {
        (404, answers[0].data, tuple(answers[0].headers.items()))
    }
