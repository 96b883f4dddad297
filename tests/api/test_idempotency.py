"""``Idempotency-Key``: the same answer again, another body refused, a twin that is still running."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select, text

from backend.models.idempotency import IdempotencyKey
from tests import files
from tests.api.desk import problem
from tests.api.house import House, claim
from tests.people import VILLAGE

BEGIN = {"service_item": "migrant-proof", "region": VILLAGE}


def key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_urlsafe(12)}


def test_same_key_and_body_give_the_same_answer(house: House) -> None:
    phone, same = house.resident(), key()
    first, again = (phone.call("POST", "/applications", BEGIN, headers=same) for _ in range(2))
    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert len((phone.call("GET", "/applications").json or {})["items"]) == 1


def test_same_key_with_another_body_is_422(house: House) -> None:
    phone, same = house.resident(), key()
    phone.call("POST", "/applications", BEGIN, headers=same)
    answer = phone.call("POST", "/applications", {**BEGIN, "region": "370402001016"}, headers=same)
    assert problem(answer) == (422, "idempotency_mismatch")


def test_submission_repeated_under_its_key_is_answered_again(house: House) -> None:
    case, same = house.draft(), key()
    first, again = (case.call("POST", "/submission", headers=same) for _ in range(2))
    assert (first.status_code, first.data) == (again.status_code, again.data) == (200, first.data)


def test_upload_repeated_under_its_key_is_one_material(house: House) -> None:
    case, same = house.resident().begin(), key()
    first, again = (case.upload(files.jpeg(), headers=same) for _ in range(2))
    assert (first.status_code, first.data) == (again.status_code, again.data) == (201, first.data)
    assert len(case.seen()["materials"]) == 1
    assert problem(case.upload(files.png(), headers=same)) == (422, "idempotency_mismatch")


def test_decision_repeated_under_its_key_is_one_decision(house: House) -> None:
    number, same, desk = house.submitted().number, key(), house.clerk("cun")
    body = {"decision": "approve", "note": "核对无误", "fence": claim(desk, number)}
    path = f"/staff/applications/{number}/decisions"
    first, again = (desk.call("POST", path, body, headers=same) for _ in range(2))
    assert (first.status_code, first.data) == (again.status_code, again.data) == (200, first.data)


def test_four_at_once_under_one_key_make_one(house: House) -> None:
    phone, same = house.resident(), key()
    answers: list[Any] = []
    send = [
        threading.Thread(target=lambda: answers.append(phone.call("POST", "/applications", BEGIN, headers=same)))
        for _ in range(4)
    ]
    for thread in send:
        thread.start()
    for thread in send:
        thread.join()
    assert Counter(answer.status_code for answer in answers) == {201: 4}
    assert len({answer.data for answer in answers}) == 1
    assert len((phone.call("GET", "/applications").json or {})["items"]) == 1


def test_twin_that_still_runs_is_409_with_retry_after(house: House) -> None:
    phone, same = house.resident(), key()
    db = house.runtime.db
    # A twin elsewhere holds the gap where this key will be written.
    with contextlib.closing(db.engine.connect()) as twin:
        twin.execute(text("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        twin.execute(text("SELECT * FROM idempotency_key FOR UPDATE"))
        answer = phone.call("POST", "/applications", BEGIN, headers=same)
        twin.rollback()
        twin.invalidate()
    assert problem(answer) == (409, "idempotency_running")
    assert int(answer.headers["Retry-After"]) >= 1
    assert phone.call("POST", "/applications", BEGIN, headers=same).status_code == 201


def test_key_belongs_to_one_person_and_one_address(house: House) -> None:
    one, other, same = house.resident(), house.resident(), key()
    answers = [phone.call("POST", "/applications", BEGIN, headers=same) for phone in (one, other)]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].data != answers[1].data


@pytest.mark.parametrize("value", ["", "a b", "键", "x" * 201, "\t"])
def test_key_that_is_none_is_422(house: House, value: str) -> None:
    headers = {"Idempotency-Key": value.encode().decode("latin-1")}
    assert problem(house.resident().call("POST", "/applications", BEGIN, headers=headers)) == (422, "idempotency_key")


def test_key_is_ignored_where_people_sign_in(house: House) -> None:
    phone, same = house.visitor(), key()
    body = {"mobile": phone.mobile}
    before = kept(house)
    answers = [phone.call("POST", "/auth/sms-codes", body, headers=same) for _ in range(6)]
    assert [a.status_code for a in answers] == [202] * 5 + [429]
    staff = {"username": "nobody", "password": "wrong"}
    assert {phone.call("POST", "/staff/auth", staff, headers=same).status_code for _ in range(2)} == {401}
    assert kept(house) == before


def test_answer_is_never_kept(house: House) -> None:
    phone = house.resident()
    phone.call("POST", "/applications", BEGIN, headers=key())
    columns = set(IdempotencyKey.__table__.columns.keys())
    assert columns == {"key_hash", "body_hash", "subject_id", "created_at"}


def kept(house: House) -> int:
    with house.runtime.db.reading() as session:
        return session.scalar(select(func.count()).select_from(IdempotencyKey)) or 0
