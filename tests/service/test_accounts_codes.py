"""Codes by SMS: limits, tries, single use; counted right under concurrency."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.accounts import codes, door, queries
from backend.accounts.policy import CodeLimits
from backend.accounts.service import SignedIn
from backend.db import Database
from backend.kernel.crypto import Vault
from backend.kernel.errors import Problem, TooMany, Unauthenticated
from backend.models.outbox import Outbox
from backend.models.resident import Resident
from backend.models.session import AttemptCount, SmsCode
from tests.clock import MovableClock

KEY = b"k" * 32
MOBILE, OTHER = "13800000021", "13800000022"
LIMITS = CodeLimits(per_mobile_hour=5, per_address_10_min=8)


@pytest.fixture(params=["database", "sqlite_database"])
def db(request: pytest.FixtureRequest) -> Database:
    return request.getfixturevalue(request.param)


@pytest.fixture
def desk(db: Database, vault: Vault, clock: MovableClock) -> Desk:
    return Desk(db, vault, clock)


class Desk:
    """What a person does with codes."""

    def __init__(self, db: Database, vault: Vault, clock: MovableClock) -> None:
        self.db, self.vault, self.clock = db, vault, clock

    def send(self, mobile: str = MOBILE, address: str = "192.0.2.1") -> str:
        made = self.db.transact(
            codes.request, self.vault, mobile=mobile, address=address, limits=LIMITS, now=self.clock.now
        )
        with self.db.reading() as session:
            found = queries.sms_code(session, self.vault, made, self.clock.now)
        assert found is not None
        assert found[0] == mobile
        return found[1]

    def enter(self, code: str, mobile: str = MOBILE) -> SignedIn:
        return door.sign_in(self.db, self.vault, key=KEY, mobile=mobile, code=code, now=self.clock.now)

    def answer(self, code: str, mobile: str = MOBILE) -> str:
        try:
            self.enter(code, mobile)
        except Problem as problem:
            return problem.code
        return "in"


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_code_signs_in_once_and_makes_one_account(desk: Desk) -> None:
    code = desk.send()
    first = desk.enter(code)
    assert first.resident.mobile_masked == "138****0021"
    assert desk.answer(code) == "wrong_code"
    assert desk.enter(desk.send()).resident.id == first.resident.id


def test_code_leaves_one_piece_of_work_without_personal_values(desk: Desk) -> None:
    desk.send()
    with desk.db.reading() as session:
        row, work = session.scalars(select(SmsCode)).one(), session.scalars(select(Outbox)).one()
        assert (work.topic, work.subject_id, work.dedupe_key) == ("sms_code", row.id, f"sms_code:{row.id}")
        assert MOBILE not in row.content
        assert MOBILE not in "".join(session.scalars(select(Resident.mobile_index)))
        assert "192.0.2.1" not in "".join(session.scalars(select(AttemptCount.key)))


def test_code_replaced_by_a_newer_one_is_refused(desk: Desk) -> None:
    old, new = desk.send(), desk.send()
    if old != new:
        assert desk.answer(old) == "wrong_code"
    assert desk.answer(new) == "in"


def test_code_after_five_minutes_is_refused(desk: Desk) -> None:
    code = desk.send()
    desk.clock.advance(timedelta(minutes=5))
    assert desk.answer(code) == "wrong_code"


def test_code_is_not_sent_once_used_or_expired(desk: Desk) -> None:
    code = desk.send()
    with desk.db.reading() as session:
        made = session.scalars(select(SmsCode.id)).one()
        later = desk.clock.now + timedelta(minutes=5)
        assert queries.sms_code(session, desk.vault, made, later) is None
    desk.enter(code)
    with desk.db.reading() as session:
        assert queries.sms_code(session, desk.vault, made, desk.clock.now) is None


@pytest.mark.parametrize("sent", [True, False])
def test_sixth_wrong_code_in_five_minutes_is_429_whether_or_not_one_was_sent(desk: Desk, sent: bool) -> None:
    wrong = other(desk.send()) if sent else "000000"
    assert [desk.answer(wrong) for _ in range(6)] == ["wrong_code"] * 5 + ["too_many_tries"]
    desk.clock.advance(timedelta(minutes=5))
    assert desk.answer(wrong) == "wrong_code"


def test_right_code_after_five_wrong_ones_stays_out(desk: Desk) -> None:
    code = desk.send()
    for _ in range(5):
        desk.answer(other(code))
    with pytest.raises(TooMany) as refusal:
        desk.enter(code)
    assert 1 <= (refusal.value.retry_after or 0) <= 300


def test_code_has_five_tries_in_all_across_two_windows(desk: Desk) -> None:
    desk.answer("000000")
    desk.clock.advance(timedelta(minutes=4))
    code = desk.send()
    for _ in range(4):
        desk.answer(other(code))
    desk.clock.advance(timedelta(minutes=1))
    assert desk.answer(other(code)) == "wrong_code"
    assert desk.answer(code) == "wrong_code"


def test_wrong_codes_of_one_number_leave_another_alone(desk: Desk) -> None:
    for _ in range(6):
        desk.answer("000000")
    assert desk.answer(desk.send(OTHER), OTHER) == "in"


def test_twenty_parallel_wrong_codes_get_five_tries(desk: Desk) -> None:
    wrong = other(desk.send())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: desk.answer(wrong), range(20)))
    assert answers.count("wrong_code") == 5
    assert answers.count("too_many_tries") == 15


def test_one_code_from_ten_phones_signs_in_once(desk: Desk) -> None:
    code = desk.send()
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: desk.answer(code), range(5)))
    assert answers.count("in") == 1
    with desk.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Resident)) == 1


def test_sixth_code_of_an_hour_is_429(desk: Desk) -> None:
    for _ in range(5):
        desk.send()
    with pytest.raises(TooMany) as refusal:
        desk.send()
    assert 3500 <= (refusal.value.retry_after or 0) <= 3600
    desk.clock.advance(timedelta(hours=1))
    desk.send()


def test_parallel_requests_never_send_more_than_allowed(desk: Desk) -> None:
    def ask(_: int) -> bool:
        try:
            desk.db.transact(codes.request, desk.vault, mobile=MOBILE, address="::1", limits=LIMITS, now=desk.clock.now)
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(20))) == 5


def test_address_above_its_limit_is_429_and_others_are_served(desk: Desk) -> None:
    for number in range(8):
        desk.send(f"1380000010{number}")
    with pytest.raises(TooMany):
        desk.send("13800000109")
    desk.send("13800000109", address="192.0.2.2")


def test_clock_moved_back_locks_nobody_out(desk: Desk) -> None:
    desk.clock.advance(timedelta(days=40))
    for _ in range(6):
        desk.answer("000000")
    for _ in range(5):
        desk.send()
    desk.clock.advance(-timedelta(days=40))
    assert desk.answer(desk.send()) == "in"


def test_wrong_code_refusal_is_the_same_for_known_and_unknown_numbers(desk: Desk) -> None:
    desk.enter(desk.send())
    refusals = []
    for mobile in (MOBILE, OTHER):
        with pytest.raises(Unauthenticated) as refusal:
            desk.enter("000000", mobile)
        refusals.append((refusal.value.code, str(refusal.value.title), refusal.value.errors))
    assert refusals[0] == refusals[1]
