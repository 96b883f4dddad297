"""The sum a phone solves: what ALTCHA's own library makes of ours, and whatever else comes along as an answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import altcha
import pytest

from backend.kernel.clock import SHANGHAI
from backend.kernel.errors import Forbidden
from backend.tips import work

DAY = date(2026, 11, 23)
KEY, OTHER = b"k" * 32, b"o" * 32
KEYS = {DAY: KEY, DAY - timedelta(days=1): OTHER}
Answer = dict[str, object]


def solved(challenge: dict[str, str | int]) -> Answer:
    """The answer that ALTCHA's own solver finds."""
    solution = altcha.solve_challenge_v1(
        str(challenge["challenge"]), str(challenge["salt"]), "SHA-256", int(challenge["maxnumber"])
    )
    assert solution
    return {name: challenge[name] for name in ("algorithm", "challenge", "salt", "signature")} | {
        "number": solution.number
    }


def packed(answer: object) -> str:
    return base64.b64encode(json.dumps(answer).encode()).decode()


@pytest.fixture(scope="module")
def answer() -> Answer:
    return solved(work.issue(KEY, day=DAY))


def refusal(altcha: object, today: date = DAY) -> str:
    with pytest.raises(Forbidden) as refused:
        work.check(altcha, keys=KEYS.get, today=today)
    return f"{refused.value.code} {refused.value.title} {refused.value.detail} {refused.value.extra}"


def test_an_answer_of_the_library_is_taken_and_taken_by_the_library(answer: Answer) -> None:
    spent = work.check(packed(answer), keys=KEYS.get, today=DAY)
    assert spent.day == DAY
    assert len(spent.digest) == 64
    assert altcha.verify_solution_v1(packed(answer), work.signing_key(KEY), check_expires=False) == (True, None)
    assert altcha.verify_solution_v1(packed(answer), OTHER, check_expires=False) == (False, None)


def test_a_challenge_of_the_library_under_our_key_is_taken() -> None:
    end = datetime.combine(DAY + timedelta(days=2), datetime.min.time(), SHANGHAI)
    made = altcha.create_challenge_v1(max_number=50, hmac_key=work.signing_key(KEY), expires=end).to_dict()
    assert work.check(packed(solved(made | {"maxnumber": 50})), keys=KEYS.get, today=DAY).day == DAY


def test_a_challenge_fits_one_block_and_tells_the_day_alone() -> None:
    one, two = (work.issue(KEY, day=DAY, level=20) for _ in range(2))
    assert len(str(one["salt"])) + len(str(one["maxnumber"])) <= 55  # SHA-256 then runs once for a try
    assert str(one["salt"])[24:] == str(two["salt"])[24:] == "?expires=1795536000&"
    assert datetime.fromtimestamp(1795536000, UTC) == datetime(2026, 11, 24, 16, tzinfo=UTC)
    assert one["challenge"] != two["challenge"]


def test_an_answer_is_good_until_the_next_day_ends(answer: Answer) -> None:
    assert work.check(packed(answer), keys=KEYS.get, today=DAY + timedelta(days=1)).day == DAY
    refusal(packed(answer), today=DAY + timedelta(days=2))
    refusal(packed(answer), today=DAY - timedelta(days=1))


def test_an_answer_whose_key_is_destroyed_is_refused(answer: Answer) -> None:
    with pytest.raises(Forbidden):
        work.check(packed(answer), keys={}.get, today=DAY)


def test_the_digest_of_one_answer_is_one_however_it_is_written(answer: Answer) -> None:
    spent = work.check(packed(answer), keys=KEYS.get, today=DAY)
    turned = packed(dict(reversed(answer.items())))
    assert turned != packed(answer)
    assert work.check(turned, keys=KEYS.get, today=DAY) == spent
    assert str(answer["challenge"]) not in spent.digest
    another = packed(solved(work.issue(KEY, day=DAY)))
    assert work.check(another, keys=KEYS.get, today=DAY) != spent


def test_light_work_does_not_pass_for_heavy_work() -> None:
    light, heavy = (solved(work.issue(KEY, day=DAY, level=level)) for level in (1, 5))
    assert [work.check(packed(each), keys=KEYS.get, today=DAY).level for each in (light, heavy)] == [1, 5]
    resigned = altcha.hash_hex("SHA-256", str(light["challenge"]).encode())
    refusal(packed(light | {"signature": resigned}))
    assert [wanted for wanted in work.LEVELS if work.is_enough(5, wanted)] == [1, 2, 5, 10]
    assert [wanted for wanted in work.LEVELS if work.is_enough(0, wanted)] == []


CHANGES: dict[str, Callable[[Answer], Answer]] = {
    "another number": lambda a: a | {"number": int(str(a["number"])) + 1},
    "number as text": lambda a: a | {"number": str(a["number"])},
    "number as a float": lambda a: a | {"number": float(str(a["number"]))},
    "number true": lambda a: a | {"number": True},
    "negative number": lambda a: a | {"number": -1},
    "endless number": lambda a: a | {"number": 10**300},
    "a digit moved into the salt": lambda a: a | {"salt": f"{a['salt']}{str(a['number'])[0]}", "number": 1},
    "longer life": lambda a: a | {"salt": str(a["salt"]).replace("1795536000", "1795622400")},
    "a life that ends at noon": lambda a: a | {"salt": str(a["salt"]).replace("1795536000", "1795536001")},
    "two lives": lambda a: a | {"salt": f"{a['salt']}expires=1795622400&"},
    "no life": lambda a: a | {"salt": str(a["salt"])[:24]},
    "wide digits": lambda a: a | {"salt": str(a["salt"]).replace("1795536000", "１７９５５３６０００")},
    "another algorithm": lambda a: a | {"algorithm": "SHA-1"},
    "upper case": lambda a: a | {"signature": str(a["signature"]).upper() + "A"},
    "a forged signature": lambda a: a | {"signature": "0" * 64},
    "a signature that is no ASCII": lambda a: a | {"signature": "签" * 64},
    "a challenge that is no ASCII": lambda a: a | {"challenge": "签" * 64},
    "one field less": lambda a: {name: value for name, value in a.items() if name != "signature"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_answer_is_refused(answer: Answer, change: Callable[[Answer], Answer]) -> None:
    assert packed(change(answer)) != packed(answer)
    assert refusal(packed(change(answer))) == refusal(None)


@pytest.mark.parametrize("more", [{"took": 812}, {"took": 0.5, "maxnumber": 100_000}, {"test": True, "worker": "签"}])
def test_what_a_client_sends_along_is_not_looked_at(answer: Answer, more: dict[str, Any]) -> None:
    assert work.check(packed(answer | more), keys=KEYS.get, today=DAY) == work.check(
        packed(answer), keys=KEYS.get, today=DAY
    )


SHAPES: list[object] = [
    None,
    7,
    "",
    "=",
    "not base64",
    "a" * 1025,
    "签名",
    "\x00",
    packed([]),
    packed(None),
    packed({}),
    base64.b64encode(b"{").decode(),
    base64.b64encode(b"\xff\xfe").decode(),
    base64.b64encode(b"[" * 700).decode(),
    base64.b64encode(b'{"number":NaN}').decode(),
    base64.b64encode(b'{"number":1e999}').decode(),
    base64.b64encode(b'{"number":' + b"9" * 700 + b"}").decode(),
    {"altcha": "x"},
]


@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
def test_whatever_comes_as_an_answer_gets_the_same_words(shape: object) -> None:
    assert refusal(shape) == refusal(packed({"number": 1}))


def test_an_answer_that_names_a_field_twice_is_refused(answer: Answer) -> None:
    text = json.dumps(answer)[:-1] + f', "number": {answer["number"]}}}'
    assert json.loads(text) == answer
    refusal(base64.b64encode(text.encode()).decode())


def test_an_answer_signed_by_another_key_is_refused() -> None:
    forged = solved(work.issue(OTHER, day=DAY))
    refusal(packed(forged))
