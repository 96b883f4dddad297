"""The second step of a session: its own codes, its own session, a quarter of an hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.accounts import codes, door, erasure, queries, second_step, sessions
from backend.accounts.policy import CodeLimits
from backend.kernel.clock import system_clock
from backend.kernel.errors import Forbidden, Invalid, TooMany, Unauthenticated
from backend.models.session import SmsCode
from tests.people import Cast

KEY = b"k" * 32
LIMITS = CodeLimits(per_mobile_hour=5, per_address_10_min=50)
MOBILE = "13800000007"


@pytest.fixture
def who(cast: Cast) -> int:
    return cast.resident("王㐂", 7)


def session_of(cast: Cast, who: int) -> int:
    made = cast.run(sessions.begin, key=KEY, kind="resident", account_id=who, at=system_clock())
    return int(made.session.sid)


def read(cast: Cast, code_id: int) -> str:
    with cast.db.reading() as session:
        found = queries.sms_code(session, cast.vault, code_id, cast.clock())
    assert found is not None
    assert found[0] == MOBILE
    return found[1]


def send(cast: Cast, who: int) -> str:
    asked = {"resident_id": who, "address": "192.0.2.1", "limits": LIMITS, "now": cast.clock()}
    return read(cast, cast.run(second_step.request, vault=cast.vault, **asked))


def sign_in_code(cast: Cast) -> str:
    asked = {"mobile": MOBILE, "address": "192.0.2.1", "limits": LIMITS, "now": cast.clock()}
    return read(cast, cast.run(codes.request, vault=cast.vault, **asked))


def enter(cast: Cast, who: int, sid: int, code: str) -> None:
    door.take_second_step(cast.db, cast.vault, resident_id=who, session_id=sid, code=code, now=cast.clock())


def fresh(cast: Cast, sid: int, *, after: timedelta = timedelta()) -> bool:
    with cast.db.reading() as session:
        return second_step.fresh(session, session_id=sid, at=system_clock() + after)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_step_opens_this_session_for_a_quarter_of_an_hour(cast: Cast, who: int) -> None:
    sid, elsewhere = session_of(cast, who), session_of(cast, who)
    enter(cast, who, sid, send(cast, who))
    assert fresh(cast, sid, after=timedelta(minutes=14))
    assert not fresh(cast, sid, after=timedelta(minutes=15))
    assert not fresh(cast, elsewhere)
    with cast.db.reading() as session, pytest.raises(Forbidden, match="second_step_required"):
        second_step.check(session, session_id=elsewhere, at=system_clock())


def test_a_code_to_sign_in_opens_nothing(cast: Cast, who: int) -> None:
    sid, code = session_of(cast, who), sign_in_code(cast)
    with pytest.raises(Invalid, match="wrong_code"):
        enter(cast, who, sid, code)
    assert not fresh(cast, sid)
    assert door.sign_in(cast.db, cast.vault, key=KEY, mobile=MOBILE, code=code, now=cast.clock()).resident.id == who


def test_a_code_of_the_step_signs_nobody_in_and_asking_for_one_ends_no_other(cast: Cast, who: int) -> None:
    sid, step = session_of(cast, who), send(cast, who)
    sign_in_code(cast)
    with pytest.raises(Unauthenticated, match="wrong_code"):
        door.sign_in(cast.db, cast.vault, key=KEY, mobile=MOBILE, code=step, now=cast.clock())
    enter(cast, who, sid, step)
    assert fresh(cast, sid)


def test_a_code_is_good_once_and_for_five_minutes(cast: Cast, who: int) -> None:
    sid, code = session_of(cast, who), send(cast, who)
    enter(cast, who, sid, code)
    late = send(cast, who)
    for used in (code, late):
        cast.clock.advance(timedelta(minutes=6))
        with pytest.raises(Invalid, match="wrong_code"):
            enter(cast, who, sid, used)


def test_wrong_codes_are_counted_with_those_to_sign_in(cast: Cast, who: int) -> None:
    sid, code = session_of(cast, who), send(cast, who)
    for _ in range(5):
        with pytest.raises(Invalid):
            enter(cast, who, sid, wrong(code))
    with pytest.raises(TooMany):
        enter(cast, who, sid, code)
    with pytest.raises(TooMany):
        door.sign_in(cast.db, cast.vault, key=KEY, mobile=MOBILE, code=code, now=cast.clock())


def test_nobody_guesses_on_all_day(cast: Cast, who: int) -> None:
    sid = session_of(cast, who)
    for _ in range(second_step.TRIES // 5):
        cast.clock.advance(timedelta(minutes=21))
        code = send(cast, who)
        for _ in range(5):
            with pytest.raises(Invalid):
                enter(cast, who, sid, wrong(code))
    cast.clock.advance(timedelta(minutes=21))
    with pytest.raises(TooMany, match="too_many_tries") as refused:
        enter(cast, who, sid, send(cast, who))
    assert (refused.value.retry_after or 0) > 3600


def test_codes_sent_are_counted_for_both_purposes_together(cast: Cast, who: int) -> None:
    for _ in range(3):
        send(cast, who)
    for _ in range(2):
        sign_in_code(cast)
    with pytest.raises(TooMany, match="too_many_codes"):
        send(cast, who)


def test_an_erased_account_leaves_no_code_behind(cast: Cast, who: int) -> None:
    send(cast, who)
    sign_in_code(cast)
    cast.run(erasure.erase, resident_id=who, open_cases=[], now=cast.clock(), at=system_clock())
    with cast.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(SmsCode)) == 0
