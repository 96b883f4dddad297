"""WeChat's pushes repeated, shuffled, stale and forged, while relay, worker and web are real."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from backend.db import Database
from standins import wechat_callbacks as callbacks
from standins.wechat import StandIn, account
from tests import sending, wechat as wechats
from tests.house import House, house, status
from tests.servers import free_port
from tests.wechat import OPENID, template_id

PATH = "/wechat/callback"
GRANTS, SENDERS = 6, 6


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def wechat(port: int) -> Iterator[StandIn]:
    """Pushes what became of messages by itself; everything else is pushed by the test."""
    with StandIn(account(callback=f"http://127.0.0.1:{port}{PATH}")) as running:
        yield running


@pytest.fixture
def home(database: Database, mariadb_url: str, redis_url: str, wechat: StandIn) -> Iterator[House]:
    with house(mariadb_url, redis_url, **wechat.environment) as found:
        yield found


def push(wechat: StandIn, port: int, xml: str, *, late: float = 0) -> int:
    """One push, signed anew as WeChat does for every try; ``late``: seconds ago by its signature."""
    query, body = callbacks.sealed(wechat.account, xml, at=int(time.time() - late))
    return status(port, "POST", f"{PATH}?{query}", body, "text/xml")


def forge(wechat: StandIn, port: int, xml: str) -> int:
    """A push by somebody who does not know the token."""
    query, body = callbacks.sealed(account(callback=wechat.account.callback), xml)
    return status(port, "POST", f"{PATH}?{query}", body, "text/xml")


def begin(home: House, wechat: StandIn) -> int:
    """Somebody whose WeChat is bound, who has allowed nothing yet as far as we know."""
    (who,) = sending.people(home.runtime, 1)
    wechats.bind(home.runtime, who)
    wechat.state.grant(OPENID, template_id(wechat), GRANTS)
    return who


def popups(wechat: StandIn, answer: str, moments: range) -> list[str]:
    now = int(time.time())
    return [callbacks.popup(OPENID, [(template_id(wechat), answer)], at=now - ago) for ago in moments]


@pytest.mark.slow
def test_repeated_shuffled_and_forged_pushes_count_once(home: House, wechat: StandIn, port: int) -> None:
    who = begin(home, wechat)
    refusals, grants = popups(wechat, "reject", range(50, 53)), popups(wechat, "accept", range(20, 20 + GRANTS))
    events = [*grants, *refusals] * 3  # the refusals are older, whenever they arrive
    random.shuffle(events)
    with home.web(port, "/healthz"), home.running():
        forged = [forge(wechat, port, xml) for xml in popups(wechat, "accept", range(3))]
        stale = [push(wechat, port, xml, late=7200) for xml in popups(wechat, "accept", range(3, 5))]
        with ThreadPoolExecutor(SENDERS) as pool:
            answers = set(pool.map(partial(push, wechat, port), events))
        assert (answers, set(forged), set(stale)) == ({200}, {403}, {403})
        assert wechats.left(home.runtime) == {"todo": GRANTS}
        sending.leave(home.runtime, [who], GRANTS, channels=("wechat",))
        assert home.all_ended()
        wechat.pusher.settle()
        outcomes = [callbacks.outcome(sent, arrived=arrived) for sent in wechat.state.sent for arrived in (True, False)]
        assert {push(wechat, port, xml) for xml in outcomes * 2} == {200}
    assert len(wechat.state.sent) == GRANTS
    assert sending.fates(home.runtime) == {"delivered": GRANTS}
    assert wechats.left(home.runtime) == {}


@pytest.mark.slow
def test_pushes_lost_for_a_while_change_what_is_known_and_nothing_that_was_sent(
    home: House, wechat: StandIn, port: int
) -> None:
    """The web is down while messages go out: their outcome comes afterwards, the last one first."""
    who = begin(home, wechat)
    wechats.allow(home.runtime, wechat, times=GRANTS)
    sending.leave(home.runtime, [who], GRANTS, channels=("wechat",))
    with home.running():
        assert home.all_ended()
    assert sending.fates(home.runtime) == {"sent": GRANTS}
    wechat.pusher.settle()  # WeChat tries three times: what it has not given up yet would arrive among the others
    with home.web(port, "/healthz"):
        late = [callbacks.outcome(sent, arrived=bool(n % 2)) for n, sent in enumerate(wechat.state.sent)]
        assert {push(wechat, port, xml) for xml in reversed(late)} == {200}
    assert sending.fates(home.runtime) == {"delivered": GRANTS // 2, "failed": GRANTS // 2}
    assert len(wechat.state.sent) == GRANTS
