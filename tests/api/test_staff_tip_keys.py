"""Keys of investigators and the hand-over of a tip over HTTP: who may, what is shown, what is refused."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from stream_unzip import stream_unzip
from werkzeug.test import TestResponse

from backend.accounts import sessions
from backend.app import create_app
from backend.kernel import sealing
from backend.kernel.clock import system_clock
from backend.models.tip import Tip
from backend.tips_runtime import TipsRuntime
from backend.web import tokens
from config.settings import Settings
from tests import investigating
from tests.api.desk import Desk, problem
from tests.clock import MovableClock
from tests.people import Cast, assemble, hire

pytestmark = pytest.mark.filterwarnings("ignore:PBKDF2 without:DeprecationWarning")
KEYS = "/staff/tips/keys"
PASSPHRASE = {"passphrase": investigating.PASSPHRASE}


class Office:
    """An office with as many investigators as asked for, each at a program of their own."""

    def __init__(self, app: Flask, cast: Cast) -> None:
        self.app, self.cast = app, cast

    @property
    def at(self) -> TipsRuntime:
        return Desk(self.app).runtime.tips

    def hired(self, role: str = "investigator", region: str = investigating.COUNTY) -> Desk:
        member = hire(self.cast, "county", role=role, region=region)
        desk = Desk(self.app)
        at = desk.runtime
        key = at.settings.secrets.session_key
        pair = at.db.transact(sessions.begin, key=key, kind="staff", account_id=member.id, at=system_clock())
        with self.app.app_context():
            desk.token = tokens.access(pair.session)
        return desk

    def with_key(self, **who: Any) -> tuple[Desk, dict[str, Any]]:
        desk = self.hired(**who)
        made = desk.call("POST", KEYS, PASSPHRASE)
        assert made.status_code == 201, made.text
        return desk, (made.json or {})["items"][0]

    def two(self) -> tuple[Desk, Desk]:
        """The first two, with their keys open."""
        (one, first), (other, second) = self.with_key(), self.with_key()
        investigating.appoint(self.at, first["id"])
        investigating.appoint(self.at, second["id"])
        unlock(one)
        assert one.call("POST", f"{KEYS}/{second['id']}/admission", seen(second)).json == {"tips": 0, "finished": True}
        unlock(other)
        return one, other

    def tip(self, **what: Any) -> str:
        """A released one."""
        tip_id = investigating.file(self.at, **what)
        self.at.db.transact(lambda session: session.execute(update(Tip).values(released_on=self.at.today)))
        return tip_id


def unlock(desk: Desk) -> None:
    assert desk.call("POST", "/staff/tips/unlock", PASSPHRASE).status_code == 200


def seen(key: dict[str, Any]) -> dict[str, str]:
    return {"fingerprint": key["fingerprint"]}


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    runtime = Desk(made).runtime
    runtime.db.dispose()
    runtime.tips.db.dispose()


@pytest.fixture
def office(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(sealing, "MEMORY", 2**16)
    at = Desk(app).runtime
    return Office(app, assemble(at.db, at.vault, MovableClock(at.clock())))


def test_a_third_key_is_let_in_by_two_and_opens_the_older_tips(office: Office) -> None:
    one, other = office.two()
    tip = office.tip()
    desk, key = office.with_key()
    assert (key["status"], key["status_label"], key["mine"]) == ("waiting", "等人担保", True)
    assert problem(desk.call("POST", "/staff/tips/unlock", PASSPHRASE)) == (403, "key_not_active")
    backed = one.call("POST", f"{KEYS}/{key['id']}/backing", seen(key))
    assert (backed.json or {})["items"][0]["status"] == "backed"
    again = one.call("POST", f"{KEYS}/{key['id']}/admission", seen(key))
    assert problem(again) == (409, "second_person_needed")
    admitted = other.call("POST", f"{KEYS}/{key['id']}/admission", seen(key))
    assert admitted.json == {"tips": 1, "finished": True}
    unlock(desk)
    assert (desk.call("GET", f"/staff/tips/{tip}").json or {})["report"]["text"] == investigating.TEXT


def test_letting_in_takes_an_open_key_and_the_right_digits(office: Office) -> None:
    one, other = office.two()
    _desk, key = office.with_key()
    path = f"{KEYS}/{key['id']}"
    locked = office.with_key()[0]
    assert problem(locked.call("POST", f"{path}/backing", seen(key))) == (423, "tips_locked")
    wrong = one.call("POST", f"{path}/backing", {"fingerprint": "0000 0000 0000 0000"})
    assert problem(wrong) == (409, "key_changed")
    assert problem(other.call("POST", f"{path}/opening")) == (409, "key_not_active")
    assert problem(one.call("POST", f"{KEYS}/{uuid.uuid4().hex}/backing", seen(key))) == (404, "key_not_found")


def test_a_passphrase_is_changed_with_the_present_one_and_locks_the_key(office: Office) -> None:
    one, _other = office.two()
    tip, new = office.tip(), "vier Eimer voll Sand"
    wrong = one.call("PUT", f"{KEYS}/passphrase", {"passphrase": "not this one!", "new_passphrase": new})
    assert problem(wrong) == (403, "wrong_passphrase")
    short = one.call("PUT", f"{KEYS}/passphrase", PASSPHRASE | {"new_passphrase": "kurz"})
    assert problem(short) == (422, "invalid_input")
    assert one.call("PUT", f"{KEYS}/passphrase", PASSPHRASE | {"new_passphrase": new}).status_code == 204
    assert problem(one.call("GET", f"/staff/tips/{tip}")) == (423, "tips_locked")
    assert one.call("POST", "/staff/tips/unlock", {"passphrase": new}).status_code == 200
    assert one.call("GET", f"/staff/tips/{tip}").status_code == 200


def test_a_renewed_or_ended_key_sees_nothing_at_once(office: Office) -> None:
    one, other = office.two()
    tip = office.tip()
    renewed = one.call("POST", f"{KEYS}/renewal", {"passphrase": "ein ganz neuer Anfang"})
    assert [item["status"] for item in (renewed.json or {})["items"]] == ["waiting"]
    assert problem(one.call("GET", f"/staff/tips/{tip}")) == (423, "tips_locked")
    [mine] = [key for key in (other.call("GET", KEYS).json or {})["items"] if key["mine"]]
    assert problem(other.call("POST", f"{KEYS}/{mine['id']}/ending")) == (409, "last_key")
    assert problem(other.call("POST", KEYS, PASSPHRASE)) == (409, "key_exists")


def test_keys_are_for_investigators_of_the_county(office: Office) -> None:
    office.two()
    for role in ("reviewer", "nurse", "admin"):
        assert problem(office.hired(role).call("GET", KEYS)) == (403, "forbidden")
    away, key = office.with_key(region="370403000000")
    assert [one["id"] for one in (away.call("GET", KEYS).json or {})["items"]] == [key["id"]]


def handed(desk: Desk, tip: str, **more: Any) -> TestResponse:
    options = {"headers": more.pop("headers", {})}
    body = {"to": "police", "office": "某区公安分局"} | more
    return desk.call("POST", f"/staff/tips/{tip}/transfers", body, **options)


def test_a_tip_is_handed_over_with_a_password_and_a_package_that_comes_once(office: Office) -> None:
    one, other = office.two()
    tip = office.tip()
    headers = {"Idempotency-Key": "once-and-for-all"}
    made, again = handed(one, tip, headers=headers), handed(one, tip, headers=headers)
    assert (made.status_code, made.json) == (201, again.json)
    path = f"/staff/tips/{tip}/transfers/{(made.json or {})['id']}/package"
    assert problem(other.call("POST", path)) == (404, "transfer_not_found")
    package = one.call("POST", path)
    assert (package.status_code, package.mimetype) == (200, "application/zip")
    assert package.headers["Cache-Control"] == "no-store"
    assert package.content_length == len(package.data)
    password = (made.json or {})["password"].encode()
    files = {name: b"".join(content) for name, _size, content in stream_unzip([package.data], password=password)}
    assert investigating.TEXT in files[b"report.html"].decode()
    assert "某区公安分局" in files[b"report.html"].decode()
    assert "市中区中心街街道" in files[b"report.html"].decode()
    assert problem(one.call("POST", path)) == (409, "package_taken")
    acts = [deed["act"] for deed in (one.call("GET", f"/staff/tips/{tip}/log").json or {})["items"]]
    assert acts.count("transfer") == acts.count("package_taken") == 1


def test_a_locked_key_hands_nothing_over_and_the_words_are_looked_at(office: Office) -> None:
    one, _other = office.two()
    tip = office.tip()
    assert problem(handed(office.with_key()[0], tip)) == (423, "tips_locked")
    assert problem(handed(one, tip, to="newspaper")) == (422, "invalid_input")
    assert problem(handed(one, tip, entries=["f" * 32])) == (422, "unknown_entry")
    assert problem(handed(one, uuid.uuid4().hex)) == (404, "tip_not_found")
    assert (one.call("GET", f"/staff/tips/{tip}").json or {})["status"] == "received"


def test_nothing_of_a_package_lies_in_the_data_directory(office: Office, tmp_path: Path) -> None:
    one, _other = office.two()
    tip = office.tip(text="只在包里的一句话，不在盘上")
    path = f"/staff/tips/{tip}/transfers/{(handed(one, tip).json or {})['id']}/package"
    assert one.call("POST", path).status_code == 200
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not [file.name for file in kept if file.suffix == ".zip" or "只在包里".encode() in file.read_bytes()]
