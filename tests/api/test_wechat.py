"""WeChat at our edge: its server's callback, the signature for pages, and the operator's commands."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from backend.app import create_app
from backend.cli import register
from backend.models.delivery import WechatCredit, WechatEvent
from backend.runtime import Runtime, build_runtime
from config.settings import Settings
from standins import wechat_callbacks as callbacks
from standins.wechat import StandIn, account
from standins.wechat_state import Fault
from tests import wechat as wechats
from tests.api.house import House
from tests.wechat import OPENID, left, template_id

SITE = "http://127.0.0.1:8000"
CALLBACK = "/wechat/callback"


@pytest.fixture
def wechat() -> Iterator[StandIn]:
    with StandIn(account(site=SITE)) as running:
        yield running


@pytest.fixture
def runtime(settings: Settings, wechat: StandIn) -> Iterator[Runtime]:
    built = build_runtime(wechats.with_account(settings, wechat))
    yield built
    built.db.dispose()
    built.redis.close()


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    app = create_app(runtime.settings, runtime)
    register(app)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def push(client: FlaskClient, wechat: StandIn, xml: str, *, at: int | None = None) -> Any:
    query, body = callbacks.sealed(wechat.account, xml, at=at)
    return client.post(f"{CALLBACK}?{query}", data=body, content_type="text/xml")


def accepted(wechat: StandIn, *, at: int | None = None) -> str:
    return callbacks.popup(OPENID, [(template_id(wechat), "accept")], at=at)


def events(runtime: Runtime) -> int:
    with runtime.db.reading() as session:
        return session.scalar(select(func.count()).select_from(WechatEvent)) or 0


def test_address_greets_wechat_and_nobody_else(client: FlaskClient, wechat: StandIn) -> None:
    moment = str(int(time.time()))
    query = {"timestamp": moment, "nonce": "n", "echostr": "7<b>", "signature": ""}
    assert client.get(CALLBACK, query_string=query).status_code == 403
    query["signature"] = callbacks.sign(wechat.account.token, moment, "n")
    answer = client.get(CALLBACK, query_string=query)
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "7<b>", "text/plain")


def test_grant_is_taken_once_and_replays_are_harmless(client: FlaskClient, wechat: StandIn, runtime: Runtime) -> None:
    query, body = callbacks.sealed(wechat.account, accepted(wechat))
    for _ in range(3):
        answer = client.post(f"{CALLBACK}?{query}", data=body)
        assert (answer.status_code, answer.text) == (200, "success")
    assert (left(runtime), events(runtime)) == ({"todo": 1}, 1)


def test_event_sealed_anew_is_the_same_event(client: FlaskClient, wechat: StandIn, runtime: Runtime) -> None:
    xml = accepted(wechat)
    assert {push(client, wechat, xml).text for _ in range(3)} == {"success"}
    assert left(runtime) == {"todo": 1}


@pytest.mark.parametrize("change", ["query", "body", "plain", "stale", "empty", "stranger"])
def test_forged_event_is_refused_and_changes_nothing(
    client: FlaskClient, wechat: StandIn, runtime: Runtime, change: str
) -> None:
    xml, of = accepted(wechat), wechat.account
    if change == "stranger":
        of = account(site=SITE)
    query, body = callbacks.sealed(of, xml, at=int(time.time()) - (400 if change == "stale" else 0))
    if change == "query":
        query = query.replace("nonce=", "nonce=0")
    if change in ("body", "plain", "empty"):
        body = {"body": body.replace(b"gh_", b"gx_")[:-30], "plain": xml.encode(), "empty": b""}[change]
    answer = client.post(f"{CALLBACK}?{query}", data=body)
    assert (answer.status_code, answer.text) == (403, "")
    assert (left(runtime), events(runtime)) == ({}, 0)


def test_large_body_is_not_read(client: FlaskClient, wechat: StandIn) -> None:
    query, _ = callbacks.sealed(wechat.account, accepted(wechat))
    assert client.post(f"{CALLBACK}?{query}", data=b"x" * 70_000).status_code == 413


def test_large_body_that_does_not_say_so_is_not_read(client: FlaskClient, wechat: StandIn) -> None:
    """In chunks it has no length, and megabytes took seconds before it was known that nobody signed them."""
    query, _ = callbacks.sealed(wechat.account, accepted(wechat))
    body = io.BytesIO(b"<xml>" + b"<a/>" * 100_000 + b"</xml>")
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    answer = client.post(f"{CALLBACK}?{query}", input_stream=body, environ_overrides=chunked)
    assert (answer.status_code, body.tell()) == (411, 0)


def test_what_people_write_is_answered_and_not_kept(client: FlaskClient, wechat: StandIn, runtime: Runtime) -> None:
    said = "<FromUserName>o-1</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><Content>病</Content>"
    xml = f"<xml>{said}</xml>"
    assert push(client, wechat, xml).text == "success"
    assert events(runtime) == 0


def test_no_openid_is_stored_in_clear(client: FlaskClient, wechat: StandIn, runtime: Runtime) -> None:
    push(client, wechat, accepted(wechat))
    with runtime.db.reading() as session:
        (credit,) = session.scalars(select(WechatCredit))
    assert OPENID not in str(vars(credit))


def test_plain_mode_takes_signed_plain_events(settings: Settings, wechat: StandIn, runtime: Runtime) -> None:
    own = replace(runtime.settings.wechat, aes_key="")
    plain = replace(runtime, settings=replace(runtime.settings, wechat=own))
    client = create_app(plain.settings, plain).test_client()
    query, _ = callbacks.sealed(wechat.account, "<xml/>")
    assert client.post(f"{CALLBACK}?{query}", data=accepted(wechat).encode()).text == "success"
    assert left(runtime) == {"todo": 1}


def test_installation_without_account_has_no_callback(house: House) -> None:
    client = house.app.test_client()
    assert (client.get(CALLBACK).status_code, client.post(CALLBACK, data=b"<xml/>").status_code) == (404, 404)


def test_signature_is_for_people_who_are_signed_in(client: FlaskClient) -> None:
    assert client.get(f"/api/v1/wechat/js-signature?url={SITE}/me").status_code == 401


def signed(house: House, wechat: StandIn, url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    built = build_runtime(wechats.with_account(house.runtime.settings, wechat))
    monkeypatch.setitem(house.app.extensions, "yangguang", replace(house.runtime, wechat=built.wechat))
    answer = house.resident().call("GET", "/wechat/js-signature", query_string={"url": url})
    built.db.dispose()
    built.redis.close()
    return answer


def test_page_of_ours_is_signed(house: House, wechat: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = signed(house, wechat, f"{SITE}/me?from=wechat", monkeypatch)
    assert answer.status_code == 200
    assert answer.json["app_id"] == wechat.account.app_id
    assert len(answer.json["signature"]) == 40


@pytest.mark.parametrize("url", ["https://evil.example/", f"{SITE}.evil.example/", "//127.0.0.1:8000/", "x"])
def test_page_of_others_is_not_signed(house: House, wechat: StandIn, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    answer = signed(house, wechat, url, monkeypatch)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["url"])


def test_page_is_told_when_wechat_is_away(house: House, wechat: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    wechat.state.faults.append(Fault("stable_token", errcode=-1))
    answer = signed(house, wechat, f"{SITE}/me", monkeypatch)
    assert (answer.status_code, answer.json["code"]) == (503, "wechat_unavailable")
    assert answer.headers["Retry-After"] == "10"


def test_operator_sees_what_is_set_and_whether_wechat_knows_it(app: Flask, wechat: StandIn) -> None:
    result = app.test_cli_runner().invoke(args=["wechat", "check"])
    assert result.exit_code == 0, result.output
    assert f"{SITE}{CALLBACK}" in result.output
    assert "MISSING" not in result.output
    assert wechat.account.secret not in result.output


def test_operator_is_told_what_is_missing(app: Flask, wechat: StandIn, runtime: Runtime) -> None:
    few = {"todo": template_id(wechat)}
    bare = replace(runtime.settings, wechat=replace(runtime.settings.wechat, templates=few))
    other = create_app(bare, replace(runtime, settings=bare))
    register(other)
    result = other.test_cli_runner().invoke(args=["wechat", "check"])
    assert result.exit_code == 1
    assert "no id for visit" in result.output
    wechat.state.faults.append(Fault("stable_token", errcode=40125))
    result = app.test_cli_runner().invoke(args=["wechat", "check"])
    assert (result.exit_code, "40125" in result.output) == (1, True)


def test_menu_is_shown_and_published(app: Flask, wechat: StandIn) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["wechat", "menu"]).exit_code == 0
    assert wechat.state.menu == []
    result = runner.invoke(args=["wechat", "menu", "--publish"])
    assert result.output.endswith("published\n")
    assert [button["name"] for button in wechat.state.menu] == ["办事", "查进度", "我的"]


def test_every_page_of_the_menu_is_there(app: Flask, wechat: StandIn) -> None:
    app.test_cli_runner().invoke(args=["wechat", "menu", "--publish"])
    entries = [entry for button in wechat.state.menu for entry in button.get("sub_button", [button])]
    for entry in entries:
        page = app.test_client().get(entry["url"].removeprefix(SITE))
        assert page.status_code in (200, 303), entry


def test_operator_without_account_is_told(house: House) -> None:
    register(house.app)
    for command in (["wechat", "check"], ["wechat", "menu", "--publish"]):
        assert house.app.test_cli_runner().invoke(args=command).exit_code == 1
