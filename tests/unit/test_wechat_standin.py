"""The stand-in beside the demo: who gets one, where its messages are read, and its popup."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from urllib3 import PoolManager

from backend.gateways.sms import FileSms
from config.settings import load_settings
from ops import run
from ops.supervision import configuration
from standins.wechat import Lines, StandIn, account, environment, from_settings, titles
from standins.wechat_state import Sent

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
SITE = "http://127.0.0.1:8000"
WORDS = ("granian", "workers.main", "workers.relay", "valkey-server", "redis-server")


def demo(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"PROFILE": "demo", "DATA_DIR": str(tmp_path), **more}


def test_demo_gets_a_service_account_of_its_own(tmp_path: Path) -> None:
    values = run._wechat(load_settings(demo(tmp_path)))
    settings = load_settings(demo(tmp_path) | dict(values))
    assert set(settings.wechat.templates) == set(titles())
    started = configuration(settings, embedded=True)
    (line,) = (line for line in started.splitlines() if "standins" in line)
    assert not [word for word in WORDS if word in line]
    assert run._wechat(load_settings(demo(tmp_path)))["SECRET_WECHAT_APP"] != values["SECRET_WECHAT_APP"]


def test_real_account_and_other_profiles_get_none(tmp_path: Path) -> None:
    real = {"WECHAT_APP_ID": "wx0123456789", "SECRET_WECHAT_APP": "s", "SECRET_WECHAT_TOKEN": "token"}
    for values in (demo(tmp_path) | real, demo(tmp_path) | {"PROFILE": "test"}):
        settings = load_settings(values)
        assert run._wechat(settings) == {}
        assert "standins" not in configuration(settings, embedded=True)


def test_messages_to_wechat_stand_beside_text_messages(tmp_path: Path) -> None:
    note = Lines(tmp_path / "messages.jsonl", {"TPL": "todo"}, lambda: NOW)
    note(Sent("27", "o-1", "TPL", {"thing1": "材料要补", "thing2": "周二前"}, f"{SITE}/messages/1"))
    assert FileSms(tmp_path / "messages.jsonl", "阳光办").sent(to="o-1", limit=5) == [
        {
            "channel": "wechat",
            "to": "o-1",
            "template": "todo",
            "text": f"材料要补，周二前 {SITE}/messages/1",
            "sent_at": NOW.isoformat(),
        }
    ]


def test_stand_in_of_the_demo_has_the_installations_account(tmp_path: Path) -> None:
    values = environment(account(), "http://127.0.0.1:0")
    found = from_settings(load_settings(demo(tmp_path, HOST="127.0.0.1", PORT="8123") | values)).account
    assert (found.app_id, found.secret) == (values["WECHAT_APP_ID"], values["SECRET_WECHAT_APP"])
    assert (found.callback, found.site) == ("http://127.0.0.1:8123/wechat/callback", "http://127.0.0.1:8123")


@pytest.mark.parametrize(("answer", "granted"), [("accept", 1), ("reject", 0)])
def test_popup_grants_what_is_accepted_and_leads_back(answer: str, granted: int) -> None:
    of = replace(account(site=SITE), titles=titles())
    template = next(iter(of.templates))
    with StandIn(of) as wechat:
        page = PoolManager().request("GET", f"{wechat.url}/standin/popup?template_id={template}&openid=o-1")
        assert titles()[of.templates[template]] in page.data.decode()
        form = {"openid": "o-1", "template_id": template, "answer": answer, "back": f"{SITE}/me"}
        done = PoolManager().request(
            "POST", f"{wechat.url}/standin/popup", fields=form, encode_multipart=False, redirect=False
        )
        assert (done.status, done.headers["Location"]) == (302, f"{SITE}/me")
        assert wechat.state.credits["o-1", template] == granted


def test_popup_shows_nothing_that_was_slipped_into_its_address() -> None:
    with StandIn(account(site=SITE)) as wechat:
        page = PoolManager().request(
            "GET", f"{wechat.url}/standin/popup", fields={"back": '"><script>', "openid": "<b>"}
        )
        assert b"<script>" not in page.data
        form = {"back": "http://evil.example/", "answer": "reject"}
        done = PoolManager().request(
            "POST", f"{wechat.url}/standin/popup", fields=form, encode_multipart=False, redirect=False
        )
        assert done.headers["Location"] == "/standin/sent"
