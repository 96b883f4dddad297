"""From a message that wants WeChat to the card on the phone, and back: credits, receipts, the next channel, doubt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from backend.app import create_app
from backend.events.leasing import Leased
from backend.kernel.clock import system_clock
from backend.models.delivery import Delivery, WechatCredit
from backend.models.outbox import Outbox
from backend.notifications import service as notifications
from backend.notifications.deliveries import Parcel
from backend.notifications.planning import Reach
from backend.notifications.wording.templates import templates
from backend.runtime import Runtime, build_runtime
from config.settings import Settings
from standins import wechat_callbacks as callbacks
from standins.wechat import StandIn, account
from tests import sending, wechat as wechats
from tests.clock import MovableClock
from tests.wechat import OPENID, allow, bind, fault, left, template_id
from workers import drain, housekeeping, registry, wechat_messages
from workers.kinds import OutOfTime


class Server:
    """Our callback as WeChat's server reaches it; ``away`` while nothing is to arrive."""

    def __init__(self) -> None:
        self.client: FlaskClient | None = None
        self.away = False
        self.answers: list[int] = []

    def __call__(self, query: str, body: bytes) -> tuple[int, bytes]:
        if self.client is None or self.away:
            return 200, b"success"
        answer = self.client.post(f"/wechat/callback?{query}", data=body, content_type="text/xml")
        self.answers.append(answer.status_code)
        return answer.status_code, answer.data


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def wechat(server: Server) -> Iterator[StandIn]:
    with StandIn(account(site="http://127.0.0.1:8000"), post=server) as running:
        yield running


@pytest.fixture
def runtime(settings: Settings, wechat: StandIn, server: Server, clock: MovableClock) -> Iterator[Runtime]:
    """An installation with a service account, at 10:00."""
    built = build_runtime(wechats.with_account(settings, wechat), patient=True)
    built = replace(built, clock=clock)
    server.client = create_app(built.settings, built).test_client()
    yield built
    built.db.dispose()
    built.redis.close()


@pytest.fixture
def resident(runtime: Runtime) -> int:
    """Reached by WeChat and by SMS."""
    (who,) = sending.people(runtime, 1)
    bind(runtime, who)
    return who


def tell(
    runtime: Runtime,
    resident: int,
    event: str = "e:1",
    template: str = sending.TEMPLATE,
    channels: tuple[str, ...] | None = None,
    **params: Any,
) -> None:
    runtime.db.transact(
        notifications.tell,
        runtime.vault,
        resident_id=resident,
        template=template,
        event=event,
        params=params or sending.PARAMS,
        reach=Reach(runtime.settings.base_url, None, channels),
        now=runtime.clock(),
    )


def work(runtime: Runtime, wechat: StandIn, *topics: str) -> None:
    for topic in topics or ("send_wechat", "send_sms"):
        drain.drain(runtime, registry.TOPICS[topic], go_on=lambda: True)
    wechat.pusher.settle()


def push(wechat: StandIn, *events: str) -> None:
    for event in events:
        wechat.pusher.push(event)
    wechat.pusher.settle()


def fates(runtime: Runtime) -> list[tuple[str, str]]:
    """(channel, status) of every delivery, WeChat's first: the ids of one moment have no order."""
    with runtime.db.reading() as session:
        rows = session.execute(select(Delivery.channel, Delivery.status)).all()
    return sorted(((channel, status) for channel, status in rows), reverse=True)


def die_while_sending(runtime: Runtime) -> None:
    """As a worker killed between call and record leaves it: nothing written down, the row still ``sending``."""
    with runtime.db.engine.begin() as connection:
        connection.execute(update(Delivery).values(status="waiting", provider_ref=None, sent_at=None, error=None))
        connection.execute(update(Outbox).where(Outbox.topic == "send_wechat").values(status="sending", done_at=None))


def sent_by_who_died(runtime: Runtime, wechat: StandIn, server: Server, resident: int) -> None:
    """A message that WeChat has taken and we know nothing of; its event does not come either."""
    server.away = True
    allow(runtime, wechat, times=2)
    tell(runtime, resident)
    work(runtime, wechat)
    die_while_sending(runtime)


def test_message_reaches_the_phone_and_is_confirmed(runtime: Runtime, wechat: StandIn, resident: int) -> None:
    allow(runtime, wechat)
    tell(runtime, resident)
    work(runtime, wechat)
    (sent,) = wechat.state.sent
    assert (sent.openid, sent.template) == (OPENID, template_id(wechat))
    assert sent.page.startswith(runtime.settings.base_url)
    assert fates(runtime) == [("wechat", "delivered")]
    assert left(runtime) == {}


def test_without_a_credit_nobody_is_called_and_a_text_goes_out(
    runtime: Runtime, wechat: StandIn, resident: int
) -> None:
    tell(runtime, resident)
    work(runtime, wechat)
    assert wechat.state.calls == {}
    assert fates(runtime) == [("wechat", "failed"), ("sms", "sent")]


NEWS: dict[str, Any] = {
    "service": "婚育情况证明",
    "number": "YG-1",
    "phone": "0632-12345",
    "office": "演示办",
    "due_on": date(2027, 3, 8),
}
DRAFT: dict[str, Any] = {"service": "婚育情况证明", "expires_on": date(2027, 3, 8)}


@pytest.mark.parametrize(("goes_wrong", "sent"), [({}, 1), ({"slow": 4.0}, 1), ({"reset": True, "undone": True}, 0)])
def test_own_reminder_leaves_no_credit_that_names_its_moment(
    runtime: Runtime, wechat: StandIn, resident: int, goes_wrong: dict[str, Any], sent: int
) -> None:
    """Spent for a delivery that has no row, it would tell that this person has a reminder, and when it came."""
    allow(runtime, wechat, times=2)
    if goes_wrong:
        fault(wechat, times=1, **goes_wrong)
    site = runtime.settings.base_url
    tell(runtime, resident, "own", "own_reminder", ("wechat",), link=f"{site}/reminders", stop=f"{site}/stop")
    work(runtime, wechat)
    with runtime.db.reading() as session:
        assert session.scalars(select(WechatCredit.spent_at)).all() == [None]
    assert (len(wechat.state.sent), fates(runtime)) == (sent, [])


def test_last_credit_is_kept_for_what_needs_the_person(runtime: Runtime, wechat: StandIn, resident: int) -> None:
    allow(runtime, wechat)
    tell(runtime, resident, "draft", "draft_expiring", **DRAFT)
    work(runtime, wechat)
    assert wechat.state.sent == []
    tell(runtime, resident, "todo")
    work(runtime, wechat)
    assert [sent.template for sent in wechat.state.sent] == [template_id(wechat)]


@pytest.mark.parametrize(("name", "message"), [("progress", "application_handed_up"), ("result", "objection_upheld")])
def test_one_permission_for_one_kind_of_news_is_used_for_it(
    runtime: Runtime, wechat: StandIn, resident: int, name: str, message: str
) -> None:
    allow(runtime, wechat, name=name)
    wanted = {name: NEWS[name] for name in templates()[message].params if name in NEWS}
    tell(runtime, resident, "news", message, **wanted)
    work(runtime, wechat)
    assert [sent.template for sent in wechat.state.sent] == [template_id(wechat, name)]


def test_43101_takes_every_credit_of_the_template_back(runtime: Runtime, wechat: StandIn, resident: int) -> None:
    allow(runtime, wechat, times=2)
    allow(runtime, wechat, name="visit")
    wechat.state.withdraw(OPENID, template_id(wechat))
    tell(runtime, resident)
    work(runtime, wechat)
    assert left(runtime) == {"visit": 1}
    assert fates(runtime) == [("wechat", "failed"), ("sms", "sent")]


@pytest.mark.parametrize("errcode", [40003, 40037, 47003])
def test_refused_message_gives_its_credit_back_and_goes_by_text(
    runtime: Runtime, wechat: StandIn, resident: int, errcode: int
) -> None:
    allow(runtime, wechat)
    fault(wechat, errcode=errcode)
    tell(runtime, resident)
    work(runtime, wechat)
    assert left(runtime) == {"todo": 1}
    assert fates(runtime) == [("wechat", "failed"), ("sms", "sent")]


def test_busy_wechat_is_asked_again_for_the_same_credit(
    runtime: Runtime, wechat: StandIn, resident: int, clock: MovableClock
) -> None:
    allow(runtime, wechat)
    fault(wechat, errcode=45009, times=2)
    tell(runtime, resident)
    for _ in range(3):
        work(runtime, wechat)
        clock.advance(timedelta(minutes=2))
    assert len(wechat.state.sent) == 1
    assert fates(runtime) == [("wechat", "delivered")]
    assert left(runtime) == {}


@pytest.mark.parametrize("lost", [{"broken": True}, {"reset": True}, {"slow": 4.0}])
def test_lost_answer_is_settled_by_the_event_and_never_sent_twice(
    runtime: Runtime, wechat: StandIn, server: Server, resident: int, clock: MovableClock, lost: dict[str, Any]
) -> None:
    server.away = True
    allow(runtime, wechat, times=3)
    fault(wechat, **lost)
    tell(runtime, resident)
    work(runtime, wechat)
    assert fates(runtime) == [("wechat", "doubtful")]
    server.away = False
    push(wechat, callbacks.outcome(wechat.state.sent[0]))
    for _ in range(3):
        clock.advance(timedelta(hours=1))
        work(runtime, wechat)
    assert fates(runtime) == [("wechat", "delivered")]
    assert len(wechat.state.sent) == 1
    assert left(runtime) == {"todo": 2}


def test_worker_whose_lease_ends_while_it_pays_calls_nobody(runtime: Runtime, wechat: StandIn, resident: int) -> None:
    """Another may have the row by then: that one finds it paid and in doubt, and so it is never sent twice."""
    allow(runtime, wechat)
    tell(runtime, resident)
    with runtime.db.reading() as session:
        (delivery,) = session.scalars(select(Delivery.id))
    said = {"template": "todo", "subject": "材料要补", "note": "周二前", "page": "/"}
    now = system_clock()
    parcel = Parcel(delivery, resident, "wechat", sending.TEMPLATE, 1, OPENID, said, now)
    row = Leased(1, "send_wechat", delivery, "", "k", 1, now, "t", now)
    with pytest.raises(OutOfTime):
        wechat_messages.send(runtime, parcel, row)
    assert wechat.state.calls == {}
    work(runtime, wechat)
    assert fates(runtime) == [("wechat", "delivered")]
    assert len(wechat.state.sent) == 1


def test_killed_worker_is_settled_by_the_event(
    runtime: Runtime, wechat: StandIn, server: Server, resident: int
) -> None:
    sent_by_who_died(runtime, wechat, server, resident)
    server.away = False
    push(wechat, callbacks.outcome(wechat.state.sent[0]))
    sending.run_out(runtime)
    work(runtime, wechat)
    work(runtime, wechat)
    assert fates(runtime) == [("wechat", "delivered")]
    assert len(wechat.state.sent) == 1


def test_killed_worker_without_an_event_stays_visibly_in_doubt(
    runtime: Runtime, wechat: StandIn, server: Server, resident: int
) -> None:
    sent_by_who_died(runtime, wechat, server, resident)
    sending.run_out(runtime)
    work(runtime, wechat)
    assert fates(runtime) == [("wechat", "doubtful")]
    assert len(wechat.state.sent) == 1


def test_phone_that_was_not_reached_gets_a_text(runtime: Runtime, wechat: StandIn, resident: int) -> None:
    allow(runtime, wechat)
    wechat.state.unreachable.add(OPENID)
    tell(runtime, resident)
    work(runtime, wechat)
    work(runtime, wechat)
    assert fates(runtime) == [("wechat", "failed"), ("sms", "sent")]


def test_receipts_repeated_and_out_of_order_change_nothing(runtime: Runtime, wechat: StandIn, resident: int) -> None:
    allow(runtime, wechat)
    tell(runtime, resident)
    work(runtime, wechat)
    sent = wechat.state.sent[0]
    for arrived, at in ((True, 1), (False, 2), (True, 3), (True, 3)):
        wechat.pusher.push(callbacks.outcome(sent, arrived=arrived, at=at))
    wechat.pusher.settle()
    work(runtime, wechat)
    assert fates(runtime) == [("wechat", "delivered")]


def test_several_messages_to_one_person_are_each_confirmed(
    runtime: Runtime, wechat: StandIn, server: Server, resident: int
) -> None:
    """Their events come while the chunk is still being sent: each finds its own message, or is kept until it does."""
    allow(runtime, wechat, times=6)
    for number in range(6):
        tell(runtime, resident, f"e:{number}")
    work(runtime, wechat)
    housekeeping.settle_early_receipts(runtime)
    assert set(server.answers) == {200}
    assert fates(runtime) == [("wechat", "delivered")] * 6
    assert {sent.msgid for sent in wechat.state.sent} == refs(runtime)


def test_event_that_is_faster_than_our_record_tells_when_it_was_sent(
    runtime: Runtime, wechat: StandIn, server: Server, resident: int
) -> None:
    server.away = True
    allow(runtime, wechat)
    tell(runtime, resident)
    work(runtime, wechat)
    die_while_sending(runtime)
    server.away = False
    push(wechat, callbacks.outcome(wechat.state.sent[0]))
    with runtime.db.reading() as session:
        (row,) = session.scalars(select(Delivery))
    assert (row.status, row.provider_ref, row.sent_at) == ("delivered", wechat.state.sent[0].msgid, runtime.clock())


def refs(runtime: Runtime) -> set[str]:
    with runtime.db.reading() as session:
        return {ref or "" for ref in session.scalars(select(Delivery.provider_ref))}


def test_event_about_nothing_of_ours_is_harmless(runtime: Runtime, wechat: StandIn, resident: int) -> None:
    stranger = callbacks.Sent("99", "o-stranger", "unknown", {}, "")
    wechat.pusher.push(callbacks.outcome(stranger))
    wechat.pusher.push(callbacks.event(OPENID, "VIEW"))
    wechat.pusher.settle()
    assert wechat.pusher.lost == 0
    assert fates(runtime) == []


def test_installation_without_a_card_for_it_sends_a_text(runtime: Runtime, wechat: StandIn, resident: int) -> None:
    bare = replace(runtime, settings=replace(runtime.settings, wechat=replace(runtime.settings.wechat, templates={})))
    allow(runtime, wechat)
    tell(bare, resident)
    work(bare, wechat)
    assert wechat.state.calls == {}
    assert fates(runtime) == [("wechat", "failed"), ("sms", "sent")]
    assert left(runtime) == {"todo": 1}


def test_erased_person_leaves_no_credit(runtime: Runtime, wechat: StandIn, resident: int) -> None:
    allow(runtime, wechat, times=2)
    runtime.db.transact(notifications.erase, resident_id=resident)
    assert left(runtime) == {}
