"""One grant, one message: spent once, by priority, given back, taken back, whatever the order of events."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from backend.accounts.policy import openid_index
from backend.db import Database
from backend.kernel.crypto import Vault
from backend.kernel.errors import Unavailable
from backend.notifications.wechat import credits, events as wechat_events
from standins import wechat_callbacks as callbacks

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
SECOND = int(NOW.timestamp())
OPENID = "o-wang-0001"
TEMPLATES = {"todo": "TPL-todo", "visit": "TPL-visit"}


class Ledger:
    """The ledger of one WeChat, and the events about it."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self.db, self.vault = db, vault
        self.whose = openid_index(vault, OPENID)
        self.numbers = itertools.count(1)

    def event(self, xml: str) -> bool:
        """One event of WeChat's; whether it was new."""
        return self.db.transact(
            wechat_events.take, self.vault, xml=xml.encode(), templates=TEMPLATES, now=NOW, beat=NOW
        )

    def grant(self, times: int = 1, template: str = "todo") -> None:
        for number in itertools.islice(self.numbers, times):
            self.db.transact(credits.grant, openid_index=self.whose, template=template, source=f"{number}", at=NOW)

    def spend(self, delivery_id: int, priority: int = 1, template: str = "todo") -> bool:
        return self.db.transact(
            credits.spend,
            openid_index=self.whose,
            template=template,
            priority=priority,
            delivery_id=delivery_id,
            now=NOW,
        )

    def left(self) -> dict[str, int]:
        with self.db.reading() as session:
            return dict(credits.left(session, openid_index=self.whose))


@pytest.fixture(params=["mariadb", "sqlite"])
def ledger(request: pytest.FixtureRequest, vault: Vault) -> Iterator[Ledger]:
    name = "database" if request.param == "mariadb" else "sqlite_database"
    return Ledger(request.getfixturevalue(name), vault)  # type: ignore[return-value]


def accepted(*, at: int = SECOND, template: str = "TPL-todo") -> str:
    return callbacks.popup(OPENID, [(template, "accept")], at=at)


def rejected(*, at: int = SECOND) -> str:
    return callbacks.popup(OPENID, [("TPL-todo", "reject")], at=at)


def test_grant_counts_once_however_often_it_is_told(ledger: Ledger) -> None:
    assert [ledger.event(accepted()) for _ in range(3)] == [True, False, False]
    assert ledger.event(accepted(at=SECOND + 1))
    assert ledger.left() == {"todo": 2}


def test_popup_with_several_templates_grants_what_was_accepted(ledger: Ledger) -> None:
    both = [("TPL-todo", "accept"), ("TPL-visit", "reject"), ("TPL-unknown", "accept")]
    ledger.event(callbacks.popup(OPENID, both, at=SECOND))
    assert ledger.left() == {"todo": 1}


def test_message_of_a_priority_needs_as_many_credits(ledger: Ledger) -> None:
    """The last credit is kept for what needs the person, the last but one for results."""
    ledger.grant(3)
    assert [ledger.spend(1, 3), ledger.spend(2, 3)] == [True, False]
    assert [ledger.spend(3, 2), ledger.spend(4, 2)] == [True, False]
    assert [ledger.spend(5, 1), ledger.spend(6, 1)] == [True, False]
    assert ledger.left() == {}


def test_delivery_pays_once_however_often_it_is_tried(ledger: Ledger) -> None:
    ledger.grant(2)
    assert all(ledger.spend(1) for _ in range(3))
    assert ledger.left() == {"todo": 1}


def test_credit_of_one_template_does_not_pay_for_another(ledger: Ledger) -> None:
    ledger.grant(template="visit")
    assert not ledger.spend(1, template="todo")


def test_crowd_spends_what_is_there_and_no_more(database: Database, vault: Vault) -> None:
    ledger = Ledger(database, vault)
    ledger.grant(10)

    def one(delivery_id: int) -> bool:
        try:
            return ledger.spend(delivery_id)
        except Unavailable:  # too many of them at once: asked again later, as a worker does
            return False

    with ThreadPoolExecutor(8) as pool:
        paid = sum(pool.map(one, range(1, 25)))
    assert paid + ledger.left().get("todo", 0) == 10
    assert paid >= 8


def test_crowd_of_events_counts_each_grant_once(database: Database, vault: Vault) -> None:
    ledger = Ledger(database, vault)
    told = [accepted(at=SECOND + number) for number in range(12)] * 3

    def tell(xml: str) -> bool:
        while True:
            try:
                return ledger.event(xml)
            except Unavailable:  # too many at once: WeChat pushes again
                continue

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(tell, told)) == 12
    assert ledger.left() == {"todo": 12}


def test_credit_that_was_not_used_comes_back(ledger: Ledger) -> None:
    ledger.grant()
    ledger.spend(1)
    ledger.db.transact(credits.give_back, delivery_id=1, now=NOW)
    assert ledger.left() == {"todo": 1}
    assert ledger.spend(2)


def test_credit_does_not_come_back_after_a_no(ledger: Ledger) -> None:
    ledger.grant()
    ledger.spend(1)
    ledger.event(callbacks.change(OPENID, "TPL-todo", at=SECOND + 5))
    ledger.db.transact(credits.give_back, delivery_id=1, now=NOW)
    assert ledger.left() == {}


def test_wechats_no_credit_takes_all_of_the_template_back(ledger: Ledger) -> None:
    ledger.grant(3)
    ledger.grant(template="visit")
    ledger.spend(1)
    ledger.db.transact(credits.lost, openid_index=ledger.whose, template="todo", delivery_id=1, now=NOW)
    assert ledger.left() == {"visit": 1}


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_order_of_arrival_changes_nothing(database: Database, vault: Vault, order: tuple[int, ...]) -> None:
    """Yes at 1, no at 2, yes at 3 and 4: two credits, in whatever order they are told."""
    ledger = Ledger(database, vault)
    told = [accepted(at=SECOND + 1), rejected(at=SECOND + 2), accepted(at=SECOND + 3), accepted(at=SECOND + 4)]
    for number in order:
        ledger.event(told[number])
    assert ledger.left() == {"todo": 2}


def test_leaving_the_account_takes_everything_back(ledger: Ledger) -> None:
    ledger.event(accepted())
    ledger.event(accepted(template="TPL-visit"))
    ledger.event(callbacks.event(OPENID, "unsubscribe", at=SECOND + 10))
    assert ledger.left() == {}
    ledger.event(accepted(at=SECOND + 9))
    assert ledger.left() == {}
    ledger.event(callbacks.event(OPENID, "subscribe", at=SECOND + 11))
    ledger.event(accepted(at=SECOND + 12))
    assert ledger.left() == {"todo": 1}


def test_no_in_the_same_second_counts(ledger: Ledger) -> None:
    ledger.event(rejected())
    ledger.event(accepted())
    assert ledger.left() == {}


def test_word_of_one_person_does_not_touch_another(ledger: Ledger) -> None:
    ledger.event(accepted())
    ledger.event(callbacks.event("o-somebody-else", "unsubscribe", at=SECOND + 5))
    ledger.event(callbacks.change("o-somebody-else", "TPL-todo", at=SECOND + 5))
    assert ledger.left() == {"todo": 1}


@pytest.mark.parametrize(
    "xml",
    [
        "<xml><MsgType>text</MsgType><FromUserName>o</FromUserName><CreateTime>1</CreateTime></xml>",
        "<xml><MsgType>event</MsgType><Event>unsubscribe</Event><CreateTime>1</CreateTime></xml>",
        "<xml><MsgType>event</MsgType><FromUserName>o</FromUserName><CreateTime>x</CreateTime></xml>",
        "<other/>",
    ],
)
def test_what_is_no_event_is_passed_over(ledger: Ledger, xml: str) -> None:
    assert not ledger.event(xml)


def test_keys_of_events_are_forgotten_after_a_day(ledger: Ledger) -> None:
    ledger.event(accepted())
    assert ledger.db.transact(wechat_events.forget, beat=NOW + timedelta(hours=23)) == 0
    assert ledger.db.transact(wechat_events.forget, beat=NOW + timedelta(hours=25)) == 1
    ledger.event(accepted())
    assert ledger.left() == {"todo": 1}, "the grant itself counts once for ever"


def test_erased_person_leaves_no_credit(ledger: Ledger) -> None:
    ledger.event(accepted())
    ledger.event(rejected(at=SECOND - 5))
    ledger.db.transact(credits.forget, openid_index=ledger.whose)
    assert ledger.left() == {}
