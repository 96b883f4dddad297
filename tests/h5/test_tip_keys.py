"""Keys of investigators and the hand-over at the console: what each page says, asks and keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import update
from stream_unzip import stream_unzip

from backend.kernel import sealing
from backend.models.tip import Tip
from tests import investigating
from tests.h5.clerk import Clerk
from tests.investigating import PASSPHRASE
from tests.people import Cast, hire

pytestmark = pytest.mark.filterwarnings("ignore:PBKDF2 without:DeprecationWarning")
KEYS = "/staff/tips/keys"
TYPED = {"passphrase": PASSPHRASE, "again": PASSPHRASE}


@dataclass
class Office:
    app: Flask
    cast: Cast

    def sit_down(self) -> Clerk:
        return Clerk(self.app).sit_down(hire(self.cast, "county", role="investigator").id)

    def with_key(self) -> tuple[Clerk, str]:
        """An investigator and the id of the key they made."""
        clerk = self.sit_down()
        assert clerk.post(f"{KEYS}/make", **TYPED, duty="investigate").status_code == 303
        found = re.search(rf"{KEYS}/([0-9a-f]{{32}})\"", clerk.page(KEYS))
        assert found is not None
        return clerk, found[1]

    def first(self) -> Clerk:
        clerk, key_id = self.with_key()
        investigating.appoint(clerk.runtime.tips, key_id)
        return clerk


@pytest.fixture
def office(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(sealing, "MEMORY", 2**16)
    return Office(app, cast)


def test_first_key_is_made_on_a_page_that_says_what_a_key_is(office: Office) -> None:
    clerk = office.sit_down()
    assert "管理员、数据库、备份里都没有" in clerk.page(KEYS)
    refused = clerk.post(f"{KEYS}/make", passphrase="kurz", again="kurz", duty="investigate")
    assert (refused.status_code, "口令要 12 到 128 个字" in refused.text) == (422, True)
    differs = clerk.post(f"{KEYS}/make", passphrase=PASSPHRASE, again="anders genug lang", duty="investigate")
    assert "两次写的不一样" in differs.text
    assert PASSPHRASE not in differs.text
    assert clerk.post(f"{KEYS}/make", **TYPED).status_code == 303
    assert "等两位同事" in clerk.page(KEYS)
    assert "还没有启用" in clerk.page("/staff/tips")


def test_letting_in_asks_for_the_passphrase_on_the_way_and_goes_on(office: Office) -> None:
    one = office.first()
    other, key_id = office.with_key()
    investigating.appoint(one.runtime.tips, key_id)
    page = one.page(f"{KEYS}/{key_id}")
    [digits] = re.findall(r'name="fingerprint" value="([0-9 ]{19})"', page)
    asked = one.post(f"{KEYS}/{key_id}/admit", fingerprint=digits)
    assert (asked.status_code, "解锁口令" in asked.text) == (423, True)
    assert one.post(f"{KEYS}/{key_id}/admit", fingerprint=digits, unlock_with=PASSPHRASE).status_code == 303
    assert "可以看举报" in other.page(KEYS)
    assert "核对过了" not in one.page(f"{KEYS}/{key_id}")


def test_a_wrong_fingerprint_is_said_on_the_page_of_the_key(office: Office) -> None:
    one = office.first()
    _other, key_id = office.with_key()
    investigating.appoint(one.runtime.tips, key_id)
    answer = one.post(f"{KEYS}/{key_id}/admit", fingerprint="0", unlock_with=PASSPHRASE)
    assert (answer.status_code, "请和本人重新核对" in answer.text) == (409, True)


def test_ending_wants_a_tick_and_refuses_the_last_key(office: Office) -> None:
    clerk = office.first()
    found = re.search(rf"{KEYS}/([0-9a-f]{{32}})\"", clerk.page(KEYS))
    assert found is not None
    path = f"{KEYS}/{found[1]}/end"
    assert "请先勾选" in clerk.post(path).text
    assert "最后一把" in clerk.post(path, sure="yes").text


def test_another_passphrase_is_asked_for_with_the_present_one(office: Office) -> None:
    clerk = office.first()
    new = {"passphrase": "vier Eimer voll Sand", "again": "vier Eimer voll Sand"}
    wrong = clerk.post(f"{KEYS}/change", old="not this one!", **new)
    assert (wrong.status_code, "现在的口令不对" in wrong.text) == (403, True)
    assert clerk.post(f"{KEYS}/change", old=PASSPHRASE, **new).status_code == 303
    assert clerk.post("/staff/tips/unlock", unlock_with="vier Eimer voll Sand").status_code == 303


def test_a_tip_is_handed_over_from_its_page_and_what_was_typed_stays(office: Office) -> None:
    clerk = office.first()
    at = clerk.runtime.tips
    tip = investigating.file(at)
    at.db.transact(lambda session: session.execute(update(Tip).values(released_on=at.today)))
    assert clerk.post("/staff/tips/unlock", unlock_with=PASSPHRASE).status_code == 303
    path = f"/staff/tips/{tip}/transfers"
    assert path in clerk.page(f"/staff/tips/{tip}")
    assert investigating.TEXT in clerk.page(path)
    refused = clerk.post(path, office="某区公安分局", note="请依法处理", with_text="yes", idempotency_key="k1")
    assert refused.status_code == 422
    assert 'value="某区公安分局"' in refused.text
    made = clerk.post(path, to="police", office="某区公安分局", idempotency_key="k2")
    found = re.search(r"(?:[2-9a-z]{5}-){3}[2-9a-z]{5}", made.text)
    again = clerk.post(path, to="police", office="某区公安分局", idempotency_key="k2")
    assert found is not None
    assert found[0] in again.text
    [package] = re.findall(rf'action="({path}/[0-9a-f]{{32}}/package)"', made.text)
    content = clerk.post(package).data
    files = {name: b"".join(part) for name, _size, part in stream_unzip([content], password=found[0].encode())}
    assert investigating.TEXT not in files[b"report.html"].decode()
    twice = clerk.post(package)
    assert (twice.status_code, "已经下载过了" in twice.text, found[0] in twice.text) == (409, True, False)
