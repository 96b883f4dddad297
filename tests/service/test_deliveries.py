"""What becomes of deliveries: the next channel, another try, words that go, and an applicant who cannot be reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db import Database
from backend.kernel.crypto import Seal, Vault
from backend.models.delivery import Delivery, WechatBinding, WechatCredit
from backend.models.resident import Resident
from backend.notifications import deliveries, outgoing, planning, reaching
from backend.notifications.outgoing import Sorted
from tests.clock import MONDAY

RESIDENT, CASE = 7, 40
SAID = {"sms": {"text": "…", "params": []}, "wechat": {"template": "todo", "page": "/"}}


@dataclass(frozen=True, slots=True)
class House:
    """One person with a phone, and deliveries to them."""

    db: Database
    vault: Vault

    def begin(self, *channels: str, kind: str = "correction_requested", **more: Any) -> int:
        values: dict[str, Any] = {"priority": 1, "not_after": None, "application_id": CASE, "now": MONDAY} | more
        return self.db.transact(self._begin, channels or ("sms",), kind, values)

    def _begin(self, session: Session, channels: tuple[str, ...], kind: str, values: dict[str, Any]) -> int:
        event = f"e{session.query(Delivery).count()}"
        more = {"resident_id": RESIDENT, "kind": kind, "event": event, "channels": channels, "said": SAID}
        return planning.begin(session, self.seal(session), **more, due_at=values["now"], **values)

    def seal(self, session: Session) -> Seal:
        return self.vault.person(session.scalars(select(Resident.key)).one(), RESIDENT)

    def on(self, delivery_id: int, act: Callable[..., Any], *more: Any, **values: Any) -> Any:
        """Run a command on one locked row."""

        def run(session: Session) -> Any:
            return act(session, *more, deliveries.locked(session, [delivery_id])[delivery_id], **values)

        return self.db.transact(run)

    def fails(self, delivery_id: int, *, error: str = "SmsRefused", keep: bool = True, minutes: int = 0) -> int | None:
        now = MONDAY + timedelta(minutes=minutes)
        following: int | None = self.on(delivery_id, deliveries.give_up, self.vault, error=error, keep=keep, now=now)
        return following

    def arrives(self, delivery_id: int) -> None:
        self.on(delivery_id, deliveries.hand_over, provider_ref="r", now=MONDAY)

    def row(self, delivery_id: int) -> Delivery:
        with self.db.reading() as session:
            return session.get_one(Delivery, delivery_id)

    def sort(self, *ids: int, now: datetime = MONDAY, doubtful: tuple[int, ...] = ()) -> Sorted:
        return self.db.transact(outgoing.sort, self.vault, delivery_ids=ids, doubtful=doubtful, per_day=8, now=now)

    def bind(self) -> None:
        def bind(session: Session) -> None:
            openid = self.seal(session).seal_text("o", f"wechat_binding|openid|{RESIDENT}")
            session.add(WechatBinding(resident_id=RESIDENT, openid=openid, openid_index="x", bound_at=MONDAY))

        self.db.transact(bind)

    def unreachable(self) -> datetime | None:
        with self.db.reading() as session:
            return reaching.unreachable_since(session, application_id=CASE)


def confirm(session: Session, row: Delivery) -> None:
    deliveries.move(session, row, "confirm", now=MONDAY, role=deliveries.PROVIDER)


@pytest.fixture
def house(sqlite_database: Database, vault: Vault) -> House:
    def person(session: Session) -> None:
        key = vault.new_person_key(RESIDENT)
        mobile = vault.person(key, RESIDENT).seal_text("13900000001", f"resident|mobile|{RESIDENT}")
        session.add(Resident(id=RESIDENT, key=key, mobile=mobile, created_at=MONDAY, updated_at=MONDAY))

    sqlite_database.transact(person)
    return House(sqlite_database, vault)


def test_failing_begins_the_next_channel_once(house: House) -> None:
    first = house.begin("wechat", "sms")
    following = house.fails(first)
    assert following is not None
    assert (house.row(first).status, house.row(first).content) == ("failed", None)
    assert (house.row(following).channel, house.row(following).status) == ("sms", "waiting")
    assert house.fails(first) is None


def test_words_stay_as_long_as_another_channel_may_have_to_say_them(house: House) -> None:
    first = house.begin("wechat", "sms")
    house.arrives(first)
    assert house.row(first).content is not None
    following = house.on(first, deliveries.bounce, house.vault, error="rejected", now=MONDAY)
    assert house.row(following).channel == "sms"
    house.arrives(following)
    assert [house.row(one).content for one in (first, following)] == [None, None]


def test_words_that_were_kept_for_another_try_go_after_a_week(house: House) -> None:
    dead = house.begin()
    house.fails(dead)
    assert house.row(dead).content is not None

    def forget(now: datetime) -> int:
        since, before = now - timedelta(days=30), now - timedelta(days=7)
        return house.db.transact(deliveries.forget_words, since=since, before=before, limit=10)

    assert forget(MONDAY + timedelta(days=6)) == 0
    assert forget(MONDAY + timedelta(days=8)) == 1
    assert house.row(dead).content is None


def test_a_receipt_after_the_end_changes_nothing(house: House) -> None:
    one = house.begin()
    house.arrives(one)
    house.on(one, confirm)
    assert house.on(one, deliveries.bounce, house.vault, error="late", now=MONDAY) is None
    house.arrives(one)
    assert house.row(one).status == "delivered"


def test_what_is_due_by_night_waits_for_the_morning(house: House) -> None:
    one = house.begin()
    night = MONDAY + timedelta(hours=12)
    assert house.sort(one, now=night).later == {one: MONDAY + timedelta(hours=22)}
    assert house.row(one).status == "waiting"


def test_a_channel_that_is_gone_passes_on_to_the_next(house: House) -> None:
    first = house.begin("wechat", "sms")
    assert house.sort(first) == Sorted()
    with house.db.reading() as session:
        states = {row.channel: row.status for row in session.scalars(select(Delivery))}
    assert states == {"wechat": "dropped", "sms": "waiting"}


def test_a_dead_one_whose_work_is_due_again_waits_again(house: House) -> None:
    one = house.begin()
    house.fails(one)
    assert list(house.sort(one).ready) == [one]
    assert house.row(one).status == "waiting"


def test_wechat_in_doubt_is_never_ready_once_it_was_paid_for(house: House) -> None:
    one, other = house.begin("wechat"), house.begin("wechat")
    house.bind()
    credit = {"openid_index": "x", "template": "todo", "source": "s", "granted_at": MONDAY, "spent_at": MONDAY}
    house.db.transact(lambda session: session.add(WechatCredit(**credit, delivery_id=one)))
    assert list(house.sort(one, other, doubtful=(one, other)).ready) == [other]
    assert house.row(one).status == "doubtful"


def test_applicant_is_unreachable_once_every_channel_failed(house: House) -> None:
    first = house.begin("wechat", "sms")
    following = house.fails(first)
    assert house.unreachable() is None
    assert following is not None
    house.fails(following, minutes=5)
    assert house.unreachable() == MONDAY + timedelta(minutes=5)


def test_unreachable_since_the_first_failure_and_until_something_arrives(house: House) -> None:
    house.fails(house.begin(now=MONDAY - timedelta(hours=1)), minutes=1)
    house.fails(house.begin(kind="application_rejected"), minutes=9)
    assert house.unreachable() == MONDAY + timedelta(minutes=1)
    house.begin(now=MONDAY + timedelta(hours=1))  # one that waits says nothing yet
    assert house.unreachable() is not None
    house.arrives(house.begin(now=MONDAY + timedelta(hours=2)))
    assert house.unreachable() is None


@pytest.mark.parametrize("kind", ["booking_reminder", "visit_offered", "own_reminder", "result_ready_of_nothing"])
def test_other_kinds_never_make_anybody_unreachable(house: House, kind: str) -> None:
    house.fails(house.begin(kind=kind))
    assert house.unreachable() is None


@pytest.mark.parametrize("error", reaching.NOT_THE_ADDRESS)
def test_what_is_not_the_fault_of_the_address_does_not_count(house: House, error: str) -> None:
    house.fails(house.begin(), error=error)
    assert house.unreachable() is None
