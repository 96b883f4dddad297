"""The second factor: bound by the person, replaced by a recovery code once, never twice by the same digits."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from backend.accounts import demo, door, factors, ownership
from backend.db import Database
from backend.kernel.clock import system_clock
from backend.kernel.crypto import Vault
from backend.kernel.errors import Invalid, Problem
from backend.models.administration import JournalLine
from backend.models.staff import RecoveryCode, Staff
from tests.clock import MovableClock

CODES = ["ABCDE23456", "BCDEF23456", "CDEFG23456"]


@pytest.fixture(params=["database", "sqlite_database"])
def db(request: pytest.FixtureRequest) -> Database:
    return request.getfixturevalue(request.param)


class Person:
    """zhen with a phone."""

    def __init__(self, db: Database, vault: Vault, clock: MovableClock) -> None:
        self.db, self.vault, self.clock = db, vault, clock
        db.transact(demo.load, clock.now)
        with db.reading() as session:
            self.id = session.scalars(select(Staff.id).where(Staff.username == "zhen")).one()
        self.secret = ""

    def begin(self) -> factors.Enrolment:
        return factors.begin(self.vault, staff_id=self.id, username="zhen", issuer="阳光办")

    def bind(self) -> None:
        begun = self.begin()
        self.confirm(begun.pending, pyotp.TOTP(begun.secret).now())
        self.secret = begun.secret

    def confirm(self, pending: str, code: str) -> None:
        given = {"vault": self.vault, "staff_id": self.id, "pending": pending, "code": code, "codes": CODES}
        self.db.transact(ownership.confirm_factor, now=self.clock(), at=system_clock(), **given)

    def enter(self, otp: str | None, address: str = "192.0.2.1") -> str:
        try:
            door.sign_in_staff(
                self.db,
                self.vault,
                key=b"k" * 32,
                address=address,
                username="zhen",
                password=demo.PASSWORD,
                otp=otp,
                require_otp=True,
                now=self.clock(),
                pause=lambda _: None,
            )
        except Problem as problem:
            return problem.code
        return "in"

    def acts(self) -> list[str]:
        with self.db.reading() as session:
            return list(session.scalars(select(JournalLine.act).order_by(JournalLine.id)))


@pytest.fixture
def person(db: Database, vault: Vault, clock: MovableClock) -> Person:
    return Person(db, vault, clock)


def test_binding_uses_its_code_up(person: Person) -> None:
    begun = person.begin()
    code = pyotp.TOTP(begun.secret).now()
    person.confirm(begun.pending, code)
    assert person.enter(code) == "wrong_password"
    assert person.acts() == ["account.factor"]


def test_wrong_code_binds_nothing(person: Person) -> None:
    begun = person.begin()
    wrong = "000000" if pyotp.TOTP(begun.secret).now() != "000000" else "000001"
    with pytest.raises(Invalid, match="wrong_code"):
        person.confirm(begun.pending, wrong)
    assert person.enter(None) == "otp_enrolment_required"


def test_enrolment_of_somebody_else_binds_nothing(person: Person) -> None:
    other = factors.begin(person.vault, staff_id=person.id + 1, username="cun", issuer="阳光办")
    for pending in (other.pending, "", "v1|x", "v1|a|b|c", "乱写"):
        with pytest.raises(Invalid, match="enrolment_lost"):
            person.confirm(pending, pyotp.TOTP(other.secret).now())


def test_recovery_code_is_good_once_in_any_writing(person: Person) -> None:
    person.bind()
    assert person.enter("abcde-23456") == "in"
    assert person.enter("ABCDE23456") == "wrong_password"
    assert person.enter("ｂｃｄｅｆ 23456") == "in"
    assert person.acts() == ["account.factor", "account.recovery_code", "account.recovery_code"]
    with person.db.reading() as session:
        assert factors.codes_left(session, staff_id=person.id) == 1
        assert not any(code in row for row in session.scalars(select(RecoveryCode.code_index)) for code in CODES)


def test_recovery_code_taken_by_two_at_once_lets_one_in(person: Person) -> None:
    person.bind()
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(person.enter(CODES[0], f"192.0.2.{n}"))) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["in", "wrong_password", "wrong_password", "wrong_password"]


def test_wrong_recovery_codes_lock_like_passwords(person: Person) -> None:
    person.bind()
    assert [person.enter("ZZZZZZZZZZ") for _ in range(6)] == ["wrong_password"] * 5 + ["locked"]
    person.clock.advance(timedelta(minutes=16))
    assert person.enter(CODES[0]) == "in"


def test_new_set_voids_the_old_one(person: Person) -> None:
    given: dict[str, Any] = {"vault": person.vault, "staff_id": person.id, "now": person.clock()}
    with pytest.raises(Problem, match="no_second_factor"):
        person.db.transact(ownership.renew_codes, codes=["DEFGH23456"], **given)
    person.bind()
    person.db.transact(ownership.renew_codes, codes=["DEFGH23456"], **given)
    assert person.enter(CODES[0]) == "wrong_password"
    assert person.enter("DEFGH23456") == "in"


def test_codes_follow_from_their_seed(vault: Vault) -> None:
    made = factors.make_codes(vault, "a")
    assert made == factors.make_codes(vault, "a")
    assert len(set(made) | set(factors.make_codes(vault, "b"))) == 20
    assert all(factors.normalise(code) == code for code in made)


@pytest.mark.parametrize("typed", ["", "12", "1234567", "ABCDE2345", "ABCDE234561", "O" * 10, "١٢٣٤٥", "x" * 200])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert factors.normalise(typed) is None
