"""The record of what was sent: one's own, twelve months, and a word against what still waits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from backend.events import leasing
from backend.kernel.clock import system_clock
from backend.kernel.errors import Conflict, NotFound
from backend.models.delivery import Delivery
from backend.models.notification import Message
from backend.models.outbox import Outbox
from backend.notifications import calling_off, history, service
from backend.notifications.history import Sent
from backend.notifications.planning import Reach
from tests import told
from tests.people import Cast


@pytest.fixture
def who(cast: Cast) -> int:
    return cast.resident("王㐂", 7)


def tell(cast: Cast, who: int, event: str = "e1") -> int:
    """The id of a delivery that there is."""
    delivery = told.tell(cast, who, event)
    assert delivery is not None
    return delivery


def record(cast: Cast, who: int, **options: Any) -> list[Sent]:
    with cast.db.reading() as session:
        return history.sent(session, cast.vault, resident_id=who, **options)[0]


def call_off(cast: Cast, who: int, delivery: int) -> int:
    return cast.db.transact(calling_off.call_off, resident_id=who, delivery_id=delivery, now=cast.clock())


def lease(cast: Cast) -> list[leasing.Leased]:
    return cast.db.transact(leasing.lease, topic="send_sms", now=cast.clock(), beat=system_clock(), seconds=60)


def end(cast: Cast, delivery: int, status: str) -> None:
    values = {"status": status, "sent_at": cast.clock(), "updated_at": cast.clock()}
    cast.db.transact(lambda s: s.execute(update(Delivery).where(Delivery.id == delivery).values(values)))


def test_the_record_says_what_over_which_channel_and_what_became_of_it(cast: Cast, who: int) -> None:
    first, second = tell(cast, who), tell(cast, who, "e2")
    end(cast, first, "delivered")
    newest, oldest = record(cast, who)
    assert (newest.id, newest.status, newest.allowed_actions) == (second, "waiting", ("drop",))
    assert (oldest.id, oldest.status, oldest.allowed_actions) == (first, "delivered", ())
    assert (oldest.channel, oldest.title, oldest.application_number) == ("sms", "还差几样，请补一补", "YG2611-ABCDEF")
    assert (newest.ended_at, oldest.sent_at) == (None, cast.clock())
    assert record(cast, who, language="en")[0].title == "Please complete your application"
    assert record(cast, cast.resident("李䶮", 8)) == []


def test_the_record_pages_without_gap(cast: Cast, who: int) -> None:
    made = [tell(cast, who, f"e{n}") for n in range(5)]
    seen: list[int] = []
    cursor = None
    with cast.db.reading() as session:
        while True:
            cards, cursor = history.sent(session, cast.vault, resident_id=who, limit=2, cursor=cursor)
            seen += [card.id for card in cards]
            if cursor is None:
                break
    assert seen == made[::-1]


def test_a_message_that_was_deleted_leaves_the_record_without_words(cast: Cast, who: int) -> None:
    tell(cast, who)
    cast.db.transact(lambda s: s.execute(delete(Message)))
    [card] = record(cast, who)
    assert (card.title, card.message_id, card.template) == (None, None, "correction_requested")


def test_its_reader_calls_off_what_waits_once_or_twice(cast: Cast, who: int) -> None:
    made = tell(cast, who)
    assert [call_off(cast, who, made) for _ in range(2)] == [made, made]
    [card] = record(cast, who)
    assert (card.status, card.allowed_actions) == ("dropped", ())
    assert lease(cast) == []
    with cast.db.reading() as session:
        assert session.scalar(select(Outbox.status).where(Outbox.topic == "send_sms")) == "done"
        assert session.scalar(select(Delivery.content)) is None


def test_nobody_else_calls_it_off(cast: Cast, who: int) -> None:
    made = tell(cast, who)
    with pytest.raises(NotFound):
        call_off(cast, cast.resident("李䶮", 8), made)
    assert record(cast, who)[0].status == "waiting"


def test_what_may_have_gone_out_is_not_called_off(cast: Cast, who: int) -> None:
    made = tell(cast, who)
    doubt = f"{leasing.IN_DOUBT}: the worker died while sending"
    cast.db.transact(lambda s: s.execute(update(Outbox).values(last_error=doubt)))
    with pytest.raises(Conflict) as refused:
        call_off(cast, who, made)
    assert refused.value.code == "already_going"


def test_a_reminder_people_set_for_themselves_leaves_nothing_when_it_is_called_off(cast: Cast, who: int) -> None:
    cast.db.transact(
        service.tell,
        cast.vault,
        resident_id=who,
        template="own_reminder",
        event="e1",
        params={"link": "https://example.org/x", "stop": "https://example.org/y"},
        reach=Reach("https://example.org", channels=("sms",)),
        now=cast.clock(),
    )
    [card] = record(cast, who)
    assert card.allowed_actions == ("drop",)
    call_off(cast, who, card.id)
    assert record(cast, who) == []
    assert lease(cast) == []


def test_what_is_being_sent_or_has_ended_is_not_called_off(cast: Cast, who: int) -> None:
    made = tell(cast, who)
    rows = lease(cast)
    with pytest.raises(Conflict) as refused:
        call_off(cast, who, made)
    assert refused.value.code == "already_going"
    cast.db.transact(leasing.release, rows)
    end(cast, made, "sent")
    with pytest.raises(Conflict) as refused:
        call_off(cast, who, made)
    assert refused.value.code == "not_allowed_now"


def test_taps_and_workers_at_once_send_it_or_call_it_off_never_both(cast: Cast, who: int) -> None:
    made = [tell(cast, who, f"e{n}") for n in range(20)]

    def tap(delivery: int) -> bool:
        try:
            return bool(call_off(cast, who, delivery))
        except Conflict:
            return False

    with ThreadPoolExecutor(4) as pool:
        taken = pool.submit(lease, cast)
        off = list(pool.map(tap, made))
        rows = {row.subject_id for row in taken.result()}
    assert {delivery for delivery, done in zip(made, off, strict=True) if done} == set(made) - rows


def test_the_record_is_kept_for_twelve_months(cast: Cast, who: int) -> None:
    old, waiting = tell(cast, who), tell(cast, who, "e2")
    end(cast, old, "sent")
    cast.clock.advance(history.KEPT + timedelta(hours=1))
    young = tell(cast, who, "e3")
    end(cast, young, "sent")
    before = cast.clock() - history.KEPT
    assert [cast.db.transact(history.purge, before=before, limit=10) for _ in range(2)] == [1, 0]
    with cast.db.reading() as session:
        assert set(session.scalars(select(Delivery.id))) == {waiting, young}


def test_ones_copy_holds_the_record_and_erasure_takes_it(cast: Cast, who: int) -> None:
    tell(cast, who)
    with cast.db.reading() as session:
        [line] = history.everything(session, cast.vault, who)
        assert (line["channel"], line["kind"], line["status"]) == ("sms", "correction_requested", "waiting")
    cast.db.transact(service.erase, resident_id=who)
    with cast.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
