"""The mailbox of a reporter over HTTP: coming back, adding, a new code, taking it back; proofs of filing."""

from __future__ import annotations

import threading
from typing import Any

import orjson
import pytest
from flask import Flask
from joserfc import jws
from joserfc.jwk import KeySet
from sqlalchemy import update

from backend.app import create_app
from backend.kernel import base64url
from backend.lifecycles.tip import TipStatus
from backend.models.tip import Mailbox, Tip, TipEntry, TipKey
from backend.tips import proofs
from config.settings import Settings
from tests import tipping


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def filed(app: Flask) -> dict[str, Any]:
    return tipping.filed(app)


def inbox(app: Flask, code: str, **more: Any) -> Any:
    return tipping.call(app, "POST", "/inbox", {"receipt_code": code, **more})


def opened(app: Flask, filed: dict[str, Any]) -> str:
    return str(inbox(app, filed["receipt_code"]).json["token"])


def test_code_in_groups_and_full_width_opens_the_mailbox(app: Flask, filed: dict[str, Any]) -> None:
    code = filed["receipt_code"]
    typed = " ".join(code[at : at + 4] for at in range(0, 28, 4))
    wide = code.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    assert [inbox(app, one).json["status"] for one in (typed, wide, f" {code} ")] == ["received"] * 3


def test_passphrase_is_part_of_the_code(app: Flask) -> None:
    filed = tipping.filed(app, passphrase="三只羊 过河")
    assert inbox(app, filed["receipt_code"]).status_code == 404
    assert inbox(app, filed["receipt_code"], passphrase="三只羊 过河 ").status_code == 200


def test_message_answers_a_question_and_is_read_back(app: Flask, filed: dict[str, Any]) -> None:
    token = opened(app, filed)
    tipping.set_status(app, "need_more")
    answer = tipping.call(app, "POST", "/messages", {"text": "是周末，从后门进"}, token=token)
    seen = inbox(app, filed["receipt_code"]).json
    assert answer.status_code == 201
    assert (seen["messages"][-1]["text"], seen["status"]) == ("是周末，从后门进", "verifying")


def test_closed_tip_takes_no_message(app: Flask, filed: dict[str, Any]) -> None:
    token = opened(app, filed)
    tipping.set_status(app, "closed")
    assert tipping.call(app, "POST", "/messages", {"text": "再说一句"}, token=token).json["code"] == "tip_closed"


@pytest.mark.parametrize("token", ["", "x", "2026-11-23.AAAA", "2026-13-45.AAAA", "é" * 900])
def test_wrong_token_is_the_same_404_as_a_wrong_code(app: Flask, filed: dict[str, Any], token: str) -> None:
    wrong = inbox(app, "1" * 28).json
    answer = tipping.call(app, "POST", "/messages", {"text": "一句"}, token=token)
    assert (answer.status_code, answer.json["code"], answer.json["title"]) == (404, wrong["code"], wrong["title"])


def test_renewal_gives_a_code_and_ends_the_old_one_and_its_token(app: Flask, filed: dict[str, Any]) -> None:
    token = opened(app, filed)
    renewed = tipping.call(app, "POST", "/receipt-renewal", {}, token=token)
    assert renewed.status_code == 201
    assert inbox(app, filed["receipt_code"]).status_code == 404
    assert tipping.call(app, "POST", "/messages", {"text": "一句"}, token=token).status_code == 404
    assert inbox(app, renewed.json["receipt_code"]).json["messages"][0]["text"] == tipping.TEXT


def test_six_renewals_at_once_give_one_code(app: Flask, filed: dict[str, Any]) -> None:
    token = opened(app, filed)
    answers: list[Any] = []

    def renew() -> None:
        answers.append(tipping.call(app, "POST", "/receipt-renewal", {}, token=token))

    threads = [threading.Thread(target=renew) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = [answer.json["receipt_code"] for answer in answers if answer.status_code == 201]
    assert len(codes) == 1
    assert inbox(app, codes[0]).status_code == 200


@pytest.mark.parametrize("status", ["received", "verifying", "need_more"])
def test_withdrawal_before_the_hand_over_destroys_every_key(app: Flask, filed: dict[str, Any], status: str) -> None:
    token = opened(app, filed)
    tipping.set_status(app, status)
    answer = tipping.call(app, "POST", "/withdrawal", token=token)
    assert answer.json == {"destroyed": True}
    assert [tipping.rows(app, kind) for kind in (TipKey, Mailbox)] == [[], []]
    assert [row.key for row in tipping.rows(app, TipEntry)] in ([], [None])
    assert inbox(app, filed["receipt_code"]).status_code == 404


@pytest.mark.parametrize("status", ["transferred", "substantiated", "closed"])
def test_withdrawal_after_the_hand_over_leaves_the_tip_to_the_office(
    app: Flask, filed: dict[str, Any], status: str
) -> None:
    token = opened(app, filed)
    tipping.set_status(app, status)
    assert tipping.call(app, "POST", "/withdrawal", token=token).json == {"destroyed": False}
    assert "reporter" not in {row.holder for row in tipping.rows(app, TipKey)}
    assert [row.status for row in tipping.rows(app, Tip)] == [status]
    assert inbox(app, filed["receipt_code"]).status_code == 404


def test_withdrawal_after_a_hand_over_that_came_back_leaves_it_to_the_office(app: Flask, filed: dict[str, Any]) -> None:
    token = opened(app, filed)
    line = tipping.line(app)
    line.db.transact(lambda session: session.execute(update(TipEntry).values(kind="transfer")))
    tipping.set_status(app, "verifying")
    assert tipping.call(app, "POST", "/withdrawal", token=token).json == {"destroyed": False}


@pytest.mark.parametrize("data", [b'{"text":"x"}', b"[]", b'{"a":', b'{"a":1,"a":1}'])
def test_withdrawal_that_says_something_destroys_nothing(app: Flask, filed: dict[str, Any], data: bytes) -> None:
    options = {"data": data, "content_type": "application/json"}
    answer = tipping.call(app, "POST", "/withdrawal", token=opened(app, filed), **options)
    assert answer.status_code in (400, 422)
    assert inbox(app, filed["receipt_code"]).status_code == 200


@pytest.mark.parametrize("path", ["", "/inbox"])
def test_words_above_ten_megabytes_are_too_large(app: Flask, path: str) -> None:
    options = {"data": b'{"text":"' + b"x" * (10 * 2**20) + b'"}', "content_type": "application/json"}
    assert tipping.call(app, "POST", path, **options).json["code"] == "too_large"


def test_address_above_eight_kilobytes_is_too_long(app: Flask) -> None:
    assert tipping.call(app, "GET", f"/challenge?lang={'z' * 8192}").status_code == 414


def test_second_tap_on_withdrawal_finds_nothing(app: Flask, filed: dict[str, Any]) -> None:
    token = opened(app, filed)
    assert tipping.call(app, "POST", "/withdrawal", token=token).status_code == 200
    assert tipping.call(app, "POST", "/withdrawal", token=token).status_code == 404


def test_proof_is_valid_for_its_day_and_county_and_says_nothing_else(app: Flask, filed: dict[str, Any]) -> None:
    answer = tipping.proof(app, {"proof": filed["proof"]})
    assert {key: answer[key] for key in ("status", "county")} == {"status": "valid", "county": "370402"}
    payload = orjson.loads(base64url.decode(filed["proof"].split(".")[1]))
    assert set(payload) == {"c", "d", "r"}


def test_proof_verifies_with_an_independent_library(app: Flask, filed: dict[str, Any]) -> None:
    keys = KeySet.import_key_set(tipping.call(app, "GET", "/keys").json)
    found = jws.deserialize_compact(filed["proof"], keys, algorithms=["EdDSA"])
    assert orjson.loads(found.payload)["r"] == "370402"


def test_openings_open_the_proof_whole_or_its_target_only(app: Flask, filed: dict[str, Any]) -> None:
    openings = inbox(app, filed["receipt_code"]).json["openings"]
    answers = [tipping.proof(app, {"proof": filed["proof"], "opening": one})["opened"] for one in openings.values()]
    assert answers == [True, True]
    assert tipping.TEXT not in orjson.dumps(openings["target"]).decode()


@pytest.mark.parametrize(
    "change",
    [
        {"target_salt": "00" * 16},
        {"target": {}},
        {"rest_hash": "0" * 64},
        *({"target_salt": salt} for salt in (1, "zz", "é")),
        {"more": 1},
    ],
)
def test_changed_opening_does_not_open(app: Flask, filed: dict[str, Any], change: dict[str, Any]) -> None:
    opening = inbox(app, filed["receipt_code"]).json["openings"]["target"] | change
    assert tipping.proof(app, {"proof": filed["proof"], "opening": opening})["opened"] is False


def test_other_target_beside_the_true_hash_does_not_open(app: Flask, filed: dict[str, Any]) -> None:
    opening = inbox(app, filed["receipt_code"]).json["openings"]["all"]
    hashes = {f"{part}_hash": proofs.without(opening, part)[f"{part}_hash"] for part in ("target", "rest")}
    forged = ({**hashes, "target": {"name": "别家"}, "target_salt": "00" * 16}, hashes)
    assert [tipping.proof(app, {"proof": filed["proof"], "opening": one})["opened"] for one in forged] == [False, False]


@pytest.mark.parametrize("broken", ["", "x", "a.b.c", "..", "é.é.é", "0" * 2000, "回执" * 1500])
def test_whatever_is_no_proof_is_unknown(app: Flask, broken: str) -> None:
    assert tipping.proof(app, {"proof": broken})["status"] == "unknown"


def test_proof_with_one_changed_byte_is_unknown(app: Flask, filed: dict[str, Any]) -> None:
    head, payload, signature = filed["proof"].split(".")
    changed = payload[:5] + ("A" if payload[5] != "A" else "B") + payload[6:]
    assert tipping.proof(app, {"proof": f"{head}.{changed}.{signature}"})["status"] == "unknown"


@pytest.mark.parametrize("place", [-1, -2, -40])
@pytest.mark.parametrize("sign", ["A", "B", "b", "Z", "*", "=", "é"])
def test_proof_has_one_way_to_be_written(app: Flask, filed: dict[str, Any], place: int, sign: str) -> None:
    proof = filed["proof"]
    changed = proof[:place] + sign + (proof[place + 1 :] if place < -1 else "")
    assert changed == proof or tipping.proof(app, {"proof": changed})["status"] == "unknown"
    assert tipping.proof(app, {"proof": f"{proof}{sign}"})["status"] == "unknown"


def test_status_words_are_those_of_the_lifecycle(app: Flask, filed: dict[str, Any]) -> None:
    labels = set()
    for status in TipStatus:
        tipping.set_status(app, status.value)
        labels.add(inbox(app, filed["receipt_code"]).json["status_label"])
    assert len(labels) == len(TipStatus)
