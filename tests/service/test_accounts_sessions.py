"""Sessions: rotation, reuse, grace, revocation (MariaDB and SQLite)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend.accounts import door, queries, service, sessions
from backend.accounts.sessions import Pair
from backend.db import Database
from backend.kernel.clock import system_clock
from backend.kernel.crypto import Vault
from backend.kernel.errors import Problem, Unauthenticated
from backend.models.session import AuthSession
from tests.clock import MovableClock

KEY = b"k" * 32
MOBILE = "13800000021"


@pytest.fixture(params=["database", "sqlite_database"])
def db(request: pytest.FixtureRequest) -> Database:
    return request.getfixturevalue(request.param)


@pytest.fixture
def resident(db: Database, vault: Vault, clock: MovableClock) -> int:
    return db.transact(service.ensure_resident, vault, mobile=MOBILE, now=clock.now)


def begin(db: Database, resident: int) -> Pair:
    return db.transact(sessions.begin, key=KEY, kind="resident", account_id=resident, at=system_clock())


def refresh(db: Database, token: str, *, grace: bool = False, at: datetime | None = None) -> Pair | Problem:
    return db.transact(sessions.refresh, key=KEY, token=token, kind="resident", grace=grace, at=at or system_clock())


def live(db: Database, pair: Pair) -> bool:
    sid = pair.session.sid
    with db.reading() as session:
        return queries.live_session(session, sid=sid, kind="resident") is not None


def test_refresh_gives_the_next_pair(db: Database, resident: int) -> None:
    first = begin(db, resident)
    second = refresh(db, first.refresh)
    assert isinstance(second, Pair)
    assert second.refresh != first.refresh
    assert live(db, second)
    assert isinstance(refresh(db, second.refresh), Pair)


def test_refresh_reused_ends_the_family(db: Database, resident: int) -> None:
    first = begin(db, resident)
    second = refresh(db, first.refresh)
    assert isinstance(second, Pair)
    with pytest.raises(Unauthenticated) as refusal:
        door.refresh(db, key=KEY, token=first.refresh, kind="resident")
    assert refusal.value.code == "refresh_reused"
    assert not live(db, second)
    with pytest.raises(Unauthenticated, match="session_ended"):
        door.refresh(db, key=KEY, token=second.refresh, kind="resident")


def test_refresh_with_grace_gives_the_same_successor_for_30_seconds(db: Database, resident: int) -> None:
    first, now = begin(db, resident), system_clock()
    second = refresh(db, first.refresh, grace=True, at=now)
    again = refresh(db, first.refresh, grace=True, at=now + timedelta(seconds=29))
    assert isinstance(second, Pair)
    assert isinstance(again, Pair)
    assert again.refresh == second.refresh
    late = refresh(db, first.refresh, grace=True, at=now + timedelta(seconds=31))
    assert isinstance(late, Problem)
    assert not live(db, second)


def test_refresh_two_generations_back_is_reuse_even_with_grace(db: Database, resident: int) -> None:
    first = begin(db, resident)
    second = refresh(db, first.refresh, grace=True)
    assert isinstance(second, Pair)
    assert isinstance(refresh(db, second.refresh, grace=True), Pair)
    assert isinstance(refresh(db, first.refresh, grace=True), Problem)


def test_refresh_of_two_tabs_at_once_gives_one_successor(db: Database, resident: int) -> None:
    first = begin(db, resident)
    with ThreadPoolExecutor(8) as pool:
        pairs = list(pool.map(lambda _: refresh(db, first.refresh, grace=True), range(8)))
    assert all(isinstance(pair, Pair) for pair in pairs)
    assert len({pair.refresh for pair in pairs if isinstance(pair, Pair)}) == 1
    with db.reading() as session:
        assert session.scalars(select(AuthSession.generation)).one() == 2


def test_refresh_after_30_days_asks_to_sign_in(db: Database, resident: int) -> None:
    first = begin(db, resident)
    with pytest.raises(Unauthenticated):
        refresh(db, first.refresh, at=system_clock() + timedelta(days=31))


def test_refresh_of_the_other_kind_is_refused(db: Database, resident: int) -> None:
    first = begin(db, resident)
    with pytest.raises(Unauthenticated):
        door.refresh(db, key=KEY, token=first.refresh, kind="staff")
    assert live(db, first)


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 500, "0000000000000.1.", "\ud800.1.2", "0000000000000.١.00"])
def test_refresh_with_nonsense_is_refused(sqlite_database: Database, token: str) -> None:
    with pytest.raises(Unauthenticated):
        door.refresh(sqlite_database, key=KEY, token=token, kind="resident")


def test_refresh_with_another_generation_needs_its_own_mac(db: Database, resident: int) -> None:
    first = begin(db, resident)
    sid, _, mac = first.refresh.split(".")
    with pytest.raises(Unauthenticated, match="session_ended"):
        door.refresh(db, key=KEY, token=f"{sid}.2.{mac}", kind="resident")
    assert live(db, first)


def test_sign_out_ends_this_session_only(db: Database, resident: int) -> None:
    one, other = begin(db, resident), begin(db, resident)
    db.transact(sessions.revoke, sid=one.session.sid, at=system_clock())
    assert not live(db, one)
    assert live(db, other)
