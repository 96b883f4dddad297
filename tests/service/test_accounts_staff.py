"""Staff: passwords, the lock, the second factor, administration."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher, Type

from backend.accounts import demo, door, passwords, queries, staff
from backend.accounts.staff import StaffSignedIn
from backend.db import Database
from backend.kernel.clock import system_clock
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Invalid, Locked, Problem, Unauthenticated, Wrong
from tests.clock import MovableClock

KEY = b"k" * 32


class Console:
    """The sign-in page of the console; remembers how long each answer was held back."""

    def __init__(self, db: Database, vault: Vault, clock: MovableClock) -> None:
        self.db, self.vault, self.clock = db, vault, clock
        self.pauses: list[float] = []

    def enter(
        self,
        username: str = "zhen",
        password: str = demo.PASSWORD,
        *,
        address: str = "192.0.2.1",
        otp: str | None = None,
        require_otp: bool = False,
    ) -> StaffSignedIn:
        return door.sign_in_staff(
            self.db,
            self.vault,
            key=KEY,
            address=address,
            username=username,
            password=password,
            otp=otp,
            require_otp=require_otp,
            now=self.clock.now,
            pause=self.pauses.append,
        )

    def answer(self, *values: str, **options: object) -> str:
        try:
            self.enter(*values, **options)  # type: ignore[arg-type]
        except Problem as problem:
            return f"{problem.status} {problem.code}"
        return "in"


@pytest.fixture(params=["database", "sqlite_database"])
def db(request: pytest.FixtureRequest) -> Database:
    return request.getfixturevalue(request.param)


@pytest.fixture
def console(db: Database, vault: Vault, clock: MovableClock) -> Console:
    db.transact(demo.load, clock.now)
    return Console(db, vault, clock)


def live(console: Console, signed: StaffSignedIn) -> bool:
    sid = signed.session.sid
    with console.db.reading() as session:
        return queries.live_session(session, sid=sid, kind="staff") is not None


def test_staff_sign_in_gives_the_post(console: Console) -> None:
    signed = console.enter(" ZHEN ")
    assert (signed.staff.post, signed.staff.level, signed.staff.region) == ("镇街审核岗", "town", "370402001000")
    assert live(console, signed)


def test_demo_staff_are_loaded_once(console: Console) -> None:
    assert console.db.transact(demo.load, console.clock.now) == 0
    with console.db.reading() as session:
        names = [card.username for card, _, _ in staff.listed(session)]
    assert names == ["admin", "cun", "hecha", "xian", "zhan", "zhen"]


@pytest.mark.parametrize("username", ["zhen", "nobody"])
def test_sixth_wrong_password_is_423_also_for_unknown_names(console: Console, username: str) -> None:
    answers = [console.answer(username, "wrong") for _ in range(6)]
    assert answers == ["401 wrong_password"] * 5 + ["423 locked"]
    assert console.pauses == [0.1, 0.2, 0.4, 0.8, 1.0]


def test_lock_holds_for_15_minutes_at_this_address_only(console: Console) -> None:
    for _ in range(5):
        console.answer("zhen", "wrong")
        console.clock.advance(timedelta(minutes=1))
    assert console.answer() == "423 locked"
    assert console.answer(address="192.0.2.2") == "in"
    assert console.answer("cun") == "in"
    console.clock.advance(timedelta(minutes=14))
    assert console.answer() == "in"


def test_right_password_forgets_the_wrong_ones(console: Console) -> None:
    for _ in range(2):
        for _ in range(4):
            console.answer("zhen", "wrong")
        assert console.answer() == "in"


def test_locked_answer_says_when_to_come_back(console: Console) -> None:
    for _ in range(5):
        console.answer("zhen", "wrong")
    with pytest.raises(Locked) as refusal:
        console.enter()
    assert refusal.value.retry_after == 900


def test_long_password_is_refused_before_hashing(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "matches", lambda *_: pytest.fail("hashed"))
    with pytest.raises(Invalid):
        console.enter(password="x" * 2**20)
    monkeypatch.undo()
    assert console.answer(password="x" * 128) == "401 wrong_password"


def test_password_with_a_lone_surrogate_is_wrong(console: Console) -> None:
    assert console.answer("zhen", "\ud800") == "401 wrong_password"


def enrol(console: Console) -> pyotp.TOTP:
    url = console.db.transact(
        staff.enrol_otp, console.vault, username="zhen", issuer="yangguang", now=console.clock.now
    )
    return pyotp.parse_uri(url)  # type: ignore[return-value]


def test_second_factor_is_asked_for_and_good_once(console: Console) -> None:
    totp = enrol(console)
    assert console.answer() == "401 otp_required"
    assert console.answer(otp="000000" if totp.now() != "000000" else "000001") == "401 wrong_password"
    code = totp.now()
    assert console.answer(otp=code) == "in"
    assert console.answer(otp=code) == "401 wrong_password"


def test_wrong_second_factors_lock_too(console: Console) -> None:
    enrol(console)
    answers = [console.answer(otp="12345a") for _ in range(6)]
    assert answers == ["401 wrong_password"] * 5 + ["423 locked"]


def test_sign_in_without_second_factor_is_refused_where_one_is_needed(console: Console) -> None:
    assert console.answer(require_otp=True) == "403 otp_enrolment_required"
    assert console.answer(require_otp=True, otp=enrol(console).now()) == "in"


def test_disabling_ends_every_session_and_looks_like_a_wrong_password(console: Console) -> None:
    signed = console.enter()
    arguments = {"username": "zhen", "now": console.clock.now, "at": system_clock()}
    console.db.transact(staff.set_active, active=False, **arguments)
    assert not live(console, signed)
    assert console.answer() == "401 wrong_password"
    with pytest.raises(Unauthenticated):
        door.refresh(console.db, key=KEY, token=signed.refresh, kind="staff")
    console.db.transact(staff.set_active, active=True, **arguments)
    assert not live(console, signed)
    assert console.answer() == "in"


def test_new_password_ends_every_session(console: Console) -> None:
    signed = console.enter()
    console.db.transact(
        staff.reset_password,
        username="zhen",
        password="another-Pass-1",
        now=console.clock.now,
        at=system_clock(),
    )
    assert not live(console, signed)
    assert console.answer("zhen", "another-Pass-1") == "in"


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"username": "zhen"}, Conflict),
        ({"username": "王"}, Wrong),
        ({"role": "king"}, Wrong),
        ({"level": "city"}, Wrong),
        ({"region": "3704"}, Wrong),
        ({"password": "short"}, Wrong),
    ],
)
def test_staff_account_that_does_not_fit_is_refused(
    console: Console, changed: dict[str, str], refusal: type[Exception]
) -> None:
    values = {
        "username": "zhen2",
        "name": "审核岗",
        "post": "审核岗",
        "role": "reviewer",
        "level": "town",
        "region": "370402001000",
        "password": "long-enough-1",
    }
    with pytest.raises(refusal):
        console.db.transact(staff.add, now=console.clock.now, **(values | changed))


def test_passwords_are_hashed_as_owasp_asks(quick_hashes: PasswordHasher) -> None:
    """Argon2id with at least 19 MiB and two passes (OWASP Password Storage); tests themselves hash quickly."""
    assert (quick_hashes.type, quick_hashes.memory_cost >= 19 * 1024, quick_hashes.time_cost >= 2) == (
        Type.ID,
        True,
        True,
    )
