"""Who does not belong into a tip is refused over HTTP, and nothing of it is left anywhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text as sql

from backend.app import create_app
from backend.models.tip import TipsBase
from config.settings import Settings
from tests import tipping
from tests.api.house import House
from tests.api.sealed_case import SealedCase
from tests.clock import MovableClock
from tests.tip_line import TipLine

#: Planted words; as they could lie in a file.
WOMAN, ID18, CANARY = "欧阳小红", "000000199001010016", "紫色的风筝挂在树上"
TEXT = f"{CANARY}。孕妇{WOMAN}，证件{ID18}，在后院做的"
SPOTS = [
    {"start": 12, "end": 16, "kind": "name"},
    {"start": 19, "end": 37, "kind": "id_number"},
]


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def said() -> Iterator[list[str]]:
    """Everything that any logger says, down to DEBUG."""
    lines: list[str] = []
    handler = logging.Handler(logging.NOTSET)
    handler.emit = lambda record: lines.append(logging.Formatter().format(record))  # type: ignore[method-assign]
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


def forms(words: str) -> list[bytes]:
    return [words.encode(code) for code in ("utf-8", "utf-16-le", "gbk")] + [ascii(words)[1:-1].encode()]


def kept(app: Flask) -> bytes:
    """Every value of every row of the tip line, one after another."""
    found: list[bytes] = []
    with tipping.line(app).db.reading() as session:
        for table in TipsBase.metadata.sorted_tables:
            for row in session.execute(sql(f"SELECT * FROM {table.name}")):
                found += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\n".join(found)


def number_of_tips(app: Flask) -> int:
    with tipping.line(app).db.reading() as session:
        return int(session.scalar(sql("SELECT COUNT(*) FROM tip")) or 0)


def test_text_with_a_woman_is_refused_with_its_spots_and_never_repeated(app: Flask) -> None:
    answer = tipping.send(app, text=TEXT)
    body = answer.json or {}
    assert (answer.status_code, body["code"], body["spots"]) == (422, "third_party", {"text": SPOTS})
    assert answer.headers["Content-Type"] == "application/problem+json"
    for words in (WOMAN, ID18, CANARY):
        assert not any(form in answer.data for form in forms(words))
    assert "删掉" in body["title"]
    assert set(body["errors"]) == {"text"}


def test_nothing_of_a_refused_text_is_stored_or_logged(app: Flask, said: list[str], settings: Settings) -> None:
    assert tipping.send(app, text=TEXT).status_code == 422
    files = b"".join(path.read_bytes() for path in Path(settings.data_dir).rglob("*") if path.is_file())
    places = kept(app) + files + "\n".join(said).encode()
    for words in (WOMAN, ID18, CANARY):
        assert not any(form in places for form in forms(words))
    assert number_of_tips(app) == 0


def test_work_is_not_used_up_by_a_refusal(app: Flask) -> None:
    work = tipping.worked(app)
    refused = tipping.call(app, "POST", "", tipping.report(altcha=work, text=TEXT))
    mended = tipping.call(app, "POST", "", tipping.report(altcha=work, text="在后院给某孕妇做的"))
    assert (refused.status_code, mended.status_code) == (422, 201)


@pytest.mark.parametrize("region", ["110101", "999999", "370402999", "370402999001"])
def test_a_place_of_which_nobody_here_is_in_charge_is_refused(app: Flask, region: str) -> None:
    answer = tipping.send(app, target=tipping.TARGET | {"region": region})
    assert (answer.status_code, list((answer.json or {})["errors"])) == (422, ["target.region"])


@pytest.mark.parametrize("region", ["370402", "370402001", "370402001013"])
def test_the_county_its_towns_and_their_villages_are_taken(app: Flask, region: str) -> None:
    assert tipping.send(app, target=tipping.TARGET | {"region": region}).status_code == 201


def test_a_month_that_is_still_to_come_is_refused_beside_its_field(sqlite_settings: Settings) -> None:
    line = TipLine(sqlite_settings, MovableClock(datetime(2026, 11, 30, 15, 30, tzinfo=UTC)))
    refused = line.file(happened_month="2026-12")
    assert (refused.status_code, set(refused.json["errors"]), line.tips()) == (422, {"happened_month"}, 0)
    assert line.file(happened_month="2026-11").status_code == 201
    line.at.clock.now += timedelta(hours=1)  # type: ignore[attr-defined]
    assert line.file(happened_month="2026-12").status_code == 201, "December has begun in China"


def test_work_is_looked_at_before_the_words(app: Flask) -> None:
    assert tipping.call(app, "POST", "", tipping.report(altcha="eA==", text=TEXT)).status_code == 403


@pytest.mark.parametrize(
    ("target", "field", "kind"),
    [
        ({"name": "孕妇王丽"}, "target.name", "name"),
        ({"name": "孕妇王某"}, "target.name", "name"),
        ({"address": "孕妇住在阳光小区3号楼2单元"}, "target.address", "address"),
        ({"address": "门口电话13800000000"}, "target.address", "mobile"),
        ({"contacts": ["13800000000", f"微信 {ID18}"]}, "target.contacts.1", "id_number"),
    ],
)
def test_every_field_of_the_target_is_looked_at(app: Flask, target: dict[str, Any], field: str, kind: str) -> None:
    answer = tipping.send(app, target=tipping.TARGET | target)
    spots = (answer.json or {})["spots"]
    assert answer.status_code == 422
    assert {name: [spot["kind"] for spot in found] for name, found in spots.items()} == {field: [kind]}


def test_the_offenders_own_contacts_pass(app: Flask) -> None:
    contacts = ["13800000000", "微信 abc_2026", "+86 138 0000 0000"]
    assert tipping.send(app, target=tipping.TARGET | {"contacts": contacts}).status_code == 201


def test_refusal_speaks_english_to_those_who_ask_for_it(app: Flask) -> None:
    headers = {"Accept-Language": "en"}
    body = tipping.report(altcha=tipping.worked(app), text=TEXT)
    answer = app.test_client().post("/api/v1/tips", json=body, headers=headers)
    assert answer.status_code == 422
    assert WOMAN.encode() not in answer.data


def test_message_of_a_reporter_is_refused_the_same_way(app: Flask) -> None:
    code = tipping.filed(app)["receipt_code"]
    token = tipping.call(app, "POST", "/inbox", {"receipt_code": code}).json["token"]
    before = kept(app)
    answer = tipping.call(app, "POST", "/messages", {"text": f"她叫{WOMAN}"}, token=token)
    assert (answer.status_code, answer.json["code"]) == (422, "third_party")
    assert kept(app) == before


OFFICE: list[tuple[str, dict[str, Any], str]] = [
    ("messages", {"text": TEXT}, "text"),
    ("messages", {"text": TEXT, "ask": True}, "text"),
    ("moves", {"move": "substantiate", "note": TEXT, "tell": "查实了"}, "note"),
    ("moves", {"move": "substantiate", "note": "现场查获", "tell": TEXT}, "tell"),
    ("transfers", {"to": "police", "office": "公安局", "note": TEXT}, "note"),
    ("redactions", {"replacement": TEXT}, "text"),
]


def test_the_office_writes_of_no_woman_either(house: House, said: list[str]) -> None:
    case = SealedCase(house)
    assert case.hecha.call("POST", f"/staff/tips/{case.id}/moves", {"move": "verify"}).status_code == 200
    before, seen = kept(house.app), []
    for path, body, field in OFFICE:
        more = {"entry": case.entry} if path == "redactions" else {}
        answer = case.hecha.call("POST", f"/staff/tips/{case.id}/{path}", body | more)
        assert (answer.status_code, (answer.json or {})["code"]) == (422, "third_party"), path
        seen.append(list((answer.json or {})["spots"])[:1] == [field])
        assert not any(form in answer.data for words in (WOMAN, ID18, CANARY) for form in forms(words))
    assert all(seen)
    assert kept(house.app) == before
    assert not any(words in line for words in (WOMAN, ID18, CANARY) for line in said)
