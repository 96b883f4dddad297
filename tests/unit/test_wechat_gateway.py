"""The client for WeChat against a server that speaks its protocol, faults included."""

from __future__ import annotations

import hashlib
import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from redis import Redis
from urllib3 import PoolManager

from backend.gateways.wechat import NoCredit, Notice, NoWeChat, WechatInDoubt, WechatRefused, WechatUnavailable
from backend.gateways.wechat_account import ServiceAccount
from backend.gateways.wechat_http import Transport
from backend.kernel.crypto import Vault
from backend.runtime import Broker
from standins.wechat import StandIn, account
from standins.wechat_state import Fault
from tests.servers import free_port

SITE = "http://127.0.0.1:8000"
OPENID = "o-wang-0001"
VAULT = Vault({"k1": bytes(32)}, "k1", bytes(32))
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.fixture
def wechat() -> Iterator[StandIn]:
    with StandIn(account(site=SITE)) as running:
        yield running


@pytest.fixture
def process(wechat: StandIn, redis_url: str) -> Iterator[Any]:
    """Makes gateways as one process after the other does."""
    clients: list[Redis] = []

    def make(*, url: str = redis_url, secret: str = "", base: str = "", seconds: float = 0.5) -> ServiceAccount:
        clients.append(Redis.from_url(url, socket_timeout=1, socket_connect_timeout=0.5))
        of = wechat.account
        return ServiceAccount(
            app_id=of.app_id,
            secret=secret or of.secret,
            open_url=wechat.url,
            transport=Transport(base or wechat.url, seconds=seconds),
            broker=Broker(clients[-1]),
            vault=VAULT,
        )

    yield make
    for client in clients:
        client.close()


def notice(wechat: StandIn, **data: str) -> Notice:
    template = next(one for one, name in wechat.account.templates.items() if name == "todo")
    wechat.state.grant(OPENID, template)
    return Notice(
        OPENID, template, data or {"thing1": "材料要补", "thing2": "12 月 8 日（周二）前"}, f"{SITE}/messages/1"
    )


def tokens(wechat: StandIn) -> int:
    return wechat.state.calls["/cgi-bin/stable_token"]


def test_message_is_taken_for_one_grant_and_named(wechat: StandIn, process: Any) -> None:
    gateway, wanted = process(), notice(wechat)
    name = gateway.send(wanted)
    assert [(sent.msgid, sent.openid, sent.data) for sent in wechat.state.sent] == [(name, OPENID, wanted.data)]
    with pytest.raises(NoCredit):
        gateway.send(wanted)


def test_one_token_serves_all_processes(wechat: StandIn, process: Any) -> None:
    gateways = [process() for _ in range(4)]
    wanted = [notice(wechat) for _ in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda pair: gateways[pair[0] % 4].send(pair[1]), enumerate(wanted)))
    assert (len(wechat.state.sent), tokens(wechat)) == (20, 1)


def test_token_stands_sealed_in_redis(wechat: StandIn, process: Any, redis_url: str) -> None:
    process().send(notice(wechat))
    token = wechat.state.lend_token(
        {"grant_type": "client_credential", "appid": wechat.account.app_id, "secret": wechat.account.secret}
    )["access_token"]
    with Redis.from_url(redis_url) as redis:
        stored = [redis.get(key) or b"" for key in redis.keys("wechat:*:token")]
    assert len(stored) == 1
    assert stored[0].startswith(b"v1|")
    assert token.encode() not in stored[0]


def test_without_redis_messages_go_out_all_the_same(wechat: StandIn, process: Any) -> None:
    gateway = process(url=f"redis://127.0.0.1:{free_port()}/0")
    assert gateway.send(notice(wechat))
    assert gateway.send(notice(wechat))
    assert tokens(wechat) == 1


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_refused_token_is_renewed_once_and_the_message_sent(wechat: StandIn, process: Any, errcode: int) -> None:
    gateway = process()
    wechat.state.faults.append(Fault("bizsend", errcode=errcode))
    assert gateway.send(notice(wechat))
    assert tokens(wechat) == 2
    assert len(wechat.state.sent) == 1


def test_token_that_is_refused_twice_waits_for_later(wechat: StandIn, process: Any) -> None:
    wechat.state.faults.append(Fault("bizsend", errcode=40001, times=2))
    with pytest.raises(WechatUnavailable, match="40001") as error:
        process().send(notice(wechat))
    assert not isinstance(error.value, WechatInDoubt)
    assert wechat.state.calls["/cgi-bin/message/subscribe/bizsend"] == 2


def test_spoilt_token_is_forced_anew_once_for_all_processes(wechat: StandIn, process: Any) -> None:
    gateways = [process() for _ in range(4)]
    for gateway in gateways:
        gateway.send(notice(wechat))
    wechat.state.spoil_token()
    wanted = [notice(wechat) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda pair: gateways[pair[0] % 4].send(pair[1]), enumerate(wanted)))
    assert len(wechat.state.sent) == 12
    assert tokens(wechat) == 2


def test_token_that_is_over_is_fetched_again(process: Any) -> None:
    with StandIn(account(site=SITE), token_seconds=0) as wechat:
        gateway = ServiceAccount(
            app_id=wechat.account.app_id,
            secret=wechat.account.secret,
            open_url=wechat.url,
            transport=Transport(wechat.url),
            broker=Broker(Redis(port=free_port(), socket_connect_timeout=0.1)),
            vault=VAULT,
        )
        with pytest.raises(WechatUnavailable):
            gateway.send(notice(wechat))
        assert tokens(wechat) == 2


@pytest.mark.parametrize(("errcode", "error"), [(-1, 0), (45009, 0), (45011, 0), (40003, 1), (40037, 1), (47003, 1)])
def test_errcodes_say_whether_trying_again_can_help(wechat: StandIn, process: Any, errcode: int, error: int) -> None:
    wechat.state.faults.append(Fault("bizsend", errcode=errcode))
    with pytest.raises((WechatUnavailable, WechatRefused)) as found:
        process().send(notice(wechat))
    assert found.value.permanent is bool(error)
    assert not isinstance(found.value, (WechatInDoubt, NoCredit))


@pytest.mark.parametrize("fault", [{"slow": 1.5}, {"broken": True}, {"reset": True}])
def test_lost_answer_is_doubt_and_not_a_refusal(wechat: StandIn, process: Any, fault: dict[str, Any]) -> None:
    gateway = process()
    wechat.state.faults.append(Fault("bizsend", **fault))
    with pytest.raises(WechatInDoubt):
        gateway.send(notice(wechat))
    assert len(wechat.state.sent) == 1
    assert wechat.state.calls["/cgi-bin/message/subscribe/bizsend"] == 1


@pytest.mark.parametrize("fault", [{"slow": 1.5}, {"broken": True}, {"reset": True}, {"errcode": 40164}])
def test_trouble_with_the_token_is_no_doubt_about_the_message(
    wechat: StandIn, process: Any, fault: dict[str, Any]
) -> None:
    wechat.state.faults.append(Fault("stable_token", **fault))
    with pytest.raises(WechatUnavailable) as error:
        process().send(notice(wechat))
    assert not isinstance(error.value, WechatInDoubt)
    assert wechat.state.sent == []


def test_crowd_that_waits_for_a_lost_token_does_not_wait_one_by_one(wechat: StandIn, process: Any) -> None:
    gateway, wanted = process(), [notice(wechat) for _ in range(12)]
    wechat.state.faults.append(Fault("stable_token", slow=1.5, times=0))
    begun = time.monotonic()

    def refused(one: Notice) -> bool:
        with pytest.raises(WechatUnavailable):
            gateway.send(one)
        return True

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(refused, wanted))
    assert time.monotonic() - begun < 2
    assert tokens(wechat) <= 2


def test_server_that_is_not_there_was_certainly_not_told(wechat: StandIn, process: Any) -> None:
    gateway = process()
    gateway.send(notice(wechat))
    away = process(base=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(WechatUnavailable) as error:
        away.send(notice(wechat))
    assert not isinstance(error.value, WechatInDoubt)


def test_answer_that_drips_ends_in_time(process: Any) -> None:
    """Each byte comes within the time-out of one read; the whole never would."""
    server = _Dripping()
    gateway = process(base=server.url, seconds=0.4)
    with pytest.raises(WechatUnavailable):
        gateway.check()
    server.stop()


@pytest.mark.parametrize(
    "data", [{"thing1": "x" * 21, "thing2": "y"}, {"thing1": "x"}, {"thing1": "a\nb", "thing2": "y"}]
)
def test_stand_in_is_as_strict_about_fields_as_wechat(wechat: StandIn, process: Any, data: dict[str, str]) -> None:
    with pytest.raises(WechatRefused) as error:
        process().send(notice(wechat, **data))
    assert error.value.code == 47003


def test_code_tells_who_came_once(wechat: StandIn, process: Any) -> None:
    gateway, code = process(), wechat.state.code(OPENID)
    found = gateway.identify(code)
    assert (found.openid, found.is_snapshot) == (OPENID, False)
    for wrong in (code, "never-given", ""):
        with pytest.raises(WechatRefused) as error:
            gateway.identify(wrong)
        assert error.value.code == 40029


def test_look_around_visitor_is_marked(wechat: StandIn, process: Any) -> None:
    assert process().identify(wechat.state.code(OPENID, snapshot=True)).is_snapshot


def test_authorization_leads_back_with_code_and_state(wechat: StandIn, process: Any) -> None:
    gateway = process()
    address = gateway.authorize_url(f"{SITE}/wechat/return?a=1", "s&t")
    assert address.endswith("#wechat_redirect")
    answer = PoolManager().request("GET", address.split("#")[0], redirect=False)
    back = urlsplit(answer.headers["Location"])
    query = {name: values[0] for name, values in parse_qs(back.query).items()}
    assert (back.path, query["a"], query["state"]) == ("/wechat/return", "1", "s&t")
    assert gateway.identify(query["code"]).openid


def test_authorization_leads_nowhere_but_home(wechat: StandIn, process: Any) -> None:
    address = process().authorize_url("http://evil.example/", "s")
    assert PoolManager().request("GET", address.split("#")[0], redirect=False).status == 400


def test_page_signature_is_what_wechat_computes(wechat: StandIn, process: Any) -> None:
    found = process().js_signature(f"{SITE}/me?a=1#part", NOW)
    ticket = wechat.state._ticket  # the ticket is nobody's business outside
    text = f"jsapi_ticket={ticket}&noncestr={found.nonce}&timestamp={found.timestamp}&url={SITE}/me?a=1"
    assert found.signature == hashlib.sha1(text.encode()).hexdigest()
    assert found.app_id == wechat.account.app_id
    process().js_signature(f"{SITE}/me", NOW)
    assert wechat.state.calls["/cgi-bin/ticket/getticket"] == 1


def test_menu_is_published_in_readable_characters(wechat: StandIn, process: Any) -> None:
    buttons = [{"type": "view", "name": "办事", "url": f"{SITE}/"}]
    process().create_menu(buttons)
    assert wechat.state.menu == buttons
    with pytest.raises(WechatRefused):
        process().create_menu([])


def test_wrong_secret_is_told_apart_from_a_refused_message(wechat: StandIn, process: Any) -> None:
    process().check()
    with pytest.raises(WechatUnavailable, match="40125"):
        process(secret="wrong").check()


def test_secrets_and_openids_are_not_logged(wechat: StandIn, process: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    gateway = process()
    gateway.identify(wechat.state.code(OPENID))
    gateway.send(notice(wechat))
    assert wechat.account.secret not in caplog.text
    assert "access_token=" not in caplog.text
    assert OPENID not in repr(notice(wechat)) + repr(gateway.identify(wechat.state.code(OPENID)))


def test_installation_without_account_refuses_everything() -> None:
    gateway = NoWeChat()
    assert not gateway.enabled
    for act in (lambda: gateway.identify("x"), gateway.check, lambda: gateway.create_menu([])):
        with pytest.raises(WechatRefused):
            act()


class _Dripping:
    """Headers at once, then one byte every tenth of a second."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._over = threading.Event()
        threading.Thread(target=self._drip, daemon=True).start()

    def _drip(self) -> None:
        connection, _ = self._socket.accept()
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n")
        while not self._over.wait(0.1):
            try:
                connection.sendall(b" ")
            except OSError:
                return

    def stop(self) -> None:
        self._over.set()
        self._socket.close()
