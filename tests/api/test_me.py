"""The signed-in person over the API."""

from __future__ import annotations

from typing import Any

import pytest

from backend.accounts import export
from backend.app import create_app
from backend.kernel.privacy import check_character
from config.settings import Settings
from tests.api.desk import OTHER, Desk, problem

FIRST17 = "00000019900101001"
NUMBER = FIRST17 + check_character(FIRST17)
IDENTITY = {"name": "王㐂", "id_type": "resident_id", "id_number": NUMBER}


@pytest.fixture
def me(settings: Settings) -> Desk:
    desk = Desk(create_app(settings))
    desk.sign_in()
    return desk


@pytest.fixture
def stranger(me: Desk) -> Desk:
    other = Desk(me.app)
    other.sign_in(OTHER)
    return other


def read(desk: Desk, path: str) -> Any:
    answer = desk.call("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_me_is_masked_and_carries_its_version(me: Desk) -> None:
    me.call("PUT", "/me/identity", IDENTITY)
    answer = me.call("GET", "/me")
    assert answer.headers["ETag"] == '"2"'
    assert "王㐂" not in answer.text
    assert NUMBER not in answer.text
    assert (answer.json or {})["name"] == "王*"


@pytest.mark.parametrize("path", ["/me", "/me/consents"])
def test_me_without_a_token_is_401(me: Desk, path: str) -> None:
    me.token = ""
    assert problem(me.call("GET", path)) == (401, "unauthenticated")


def test_profile_changes_with_the_version_that_was_read(me: Desk) -> None:
    answer = me.call("PATCH", "/me", {"language": "en", "care_mode": True}, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
    assert ((answer.json or {})["language"], answer.headers["ETag"]) == ("en", '"2"')
    stale = me.call("PATCH", "/me", {"care_mode": False}, headers={"If-Match": '"1"'})
    assert problem(stale)[0] == 412


@pytest.mark.parametrize(
    "body", [{"role": "admin"}, {"language": "fr"}, {"care_mode": 1}, {"care_mode": "true"}, {"mobile": OTHER}]
)
def test_profile_refuses_what_a_person_may_not_set(me: Desk, body: dict[str, object]) -> None:
    assert problem(me.call("PATCH", "/me", body)) == (422, "invalid_input")


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"id_number": FIRST17 + ("1" if NUMBER[17] != "1" else "2")}, "id_number", "第 18 位不对"),
        ({"id_number": "000000199002300010"}, "id_number", "没有这一天"),
        ({"id_number": NUMBER + "\n"}, "id_number", "换行"),
        ({"id_number": ""}, "id_number", "18 位"),
        ({"name": "王\u202e"}, "name", "看不见"),
        ({"name": "   "}, "name", "请填写"),
        ({"name": "王" * 51}, "name", "50"),
        ({"id_type": "library_card"}, "id_type", "选"),
        ({"id_type": "hmt_permit"}, "id_number", "81、82 或 83"),
    ],
)
def test_identity_refusal_says_which_part_and_echoes_nothing(
    me: Desk, changed: dict[str, str], field: str, words: str
) -> None:
    body = {**IDENTITY, **changed}
    answer = me.call("PUT", "/me/identity", body)
    assert problem(answer) == (422, "invalid_input")
    assert words in (answer.json or {})["errors"][field][0]
    assert body["id_number"] == "" or body["id_number"].strip() not in answer.text


@pytest.mark.parametrize("writing", [str.lower, lambda n: "".join(chr(ord(s) + 0xFEE0) for s in n), lambda n: f" {n} "])
def test_identity_in_any_writing_is_the_same_person(me: Desk, stranger: Desk, writing: Any) -> None:
    assert me.call("PUT", "/me/identity", IDENTITY).status_code == 200
    answer = stranger.call("PUT", "/me/identity", {**IDENTITY, "id_number": writing(NUMBER)})
    assert answer.status_code == 200
    assert answer.json == stranger.call("GET", "/me").json


@pytest.mark.parametrize("name", ["𠮷㐂䶮", "买买提·吐尔逊", "Anne-Marie O'Neil"])
def test_identity_keeps_rare_names(me: Desk, name: str) -> None:
    assert me.call("PUT", "/me/identity", {**IDENTITY, "name": name}).status_code == 200
    assert read(me, "/me")["name"][0] == name[0]


def test_consents_are_listed_given_and_withdrawn(me: Desk) -> None:
    items = read(me, "/me/consents")["items"]
    assert {item["purpose"] for item in items} == set(me.runtime.purposes)
    assert all(item["given_at"] is None and item["text"] for item in items)
    given = me.call("PUT", "/me/consents/identity", {"text_version": items[0]["text_version"]})
    assert (given.status_code, (given.json or {})["purpose"]) == (200, "identity")
    assert (given.json or {})["given_at"]
    assert me.call("PUT", "/me/consents/identity", {}).status_code == 200
    assert me.call("DELETE", "/me/consents/identity").status_code == 204
    assert read(me, "/me/consents")["items"][0]["given_at"] is None


def test_consents_speak_english_when_asked(me: Desk) -> None:
    answer = me.call("GET", "/me/consents", headers={"Accept-Language": "en"})
    assert (answer.json or {})["items"][0]["text"].startswith("I agree")


def test_consent_to_an_old_text_is_409_and_to_an_unknown_purpose_404(me: Desk) -> None:
    assert problem(me.call("PUT", "/me/consents/identity", {"text_version": "1999"})) == (409, "consent_outdated")
    assert problem(me.call("PUT", "/me/consents/everything", {}))[0] == 404


def test_export_is_made_by_a_worker_and_read_by_its_owner_only(me: Desk, stranger: Desk) -> None:
    asked = me.call("POST", "/me/export").json or {}
    assert asked["status"] == "preparing"
    at = me.runtime
    with at.db.reading() as session:
        made = session.scalars(export.select(export.ResidentExport.id)).one()
    at.db.transact(export.build, at.vault, export_id=made, collectors={}, now=at.clock())
    answer = read(me, f"/me/exports/{asked['id']}")
    assert (answer["status"], answer["content"]["account"]["mobile"]) == ("ready", "13800000021")
    assert problem(stranger.call("GET", f"/me/exports/{asked['id']}"))[0] == 404
    assert problem(me.call("GET", "/me/exports/１"))[0] == 404


def test_partner_invitation_links_two_accounts(me: Desk, stranger: Desk) -> None:
    invitation = me.call("POST", "/me/partner-invitations", headers={"Idempotency-Key": "k1"})
    assert invitation.status_code == 201
    again = me.call("POST", "/me/partner-invitations", headers={"Idempotency-Key": "k1"})
    code = (invitation.json or {})["code"]
    assert (again.json or {})["code"] == code
    assert (invitation.json or {})["url"].endswith(code)
    assert problem(me.call("POST", f"/partner-invitations/{code}/acceptance")) == (422, "own_invitation")
    assert stranger.call("POST", f"/partner-invitations/{code}/acceptance").status_code == 200
    assert problem(stranger.call("POST", f"/partner-invitations/{code}/acceptance"))[0] == 404
    assert read(me, "/me")["has_partner"] is True
    assert stranger.call("DELETE", "/me/partner").status_code == 204
    assert read(me, "/me")["has_partner"] is False


def test_erasure_ends_the_account_and_the_number_begins_anew(me: Desk) -> None:
    me.call("PUT", "/me/identity", IDENTITY)
    before = read(me, "/me")["id"]
    assert me.call("DELETE", "/me").status_code == 204
    assert problem(me.call("GET", "/me")) == (401, "unauthenticated")
    me.token = ""
    assert me.sign_in()["resident"]["id"] != before
    assert read(me, "/me")["id_type"] is None


def test_erasure_is_refused_while_a_case_is_open(me: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.applications.leaving._unfinished", lambda *_: ["YG2611-7K2M9Q"])
    answer = me.call("DELETE", "/me")
    assert problem(answer) == (409, "open_cases")
    assert "YG2611-7K2M9Q" in (answer.json or {})["title"]
    assert read(me, "/me")
