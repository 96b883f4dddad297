"""Corrections, consents, questions, notes and applying again, from outside."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from backend.applications import due
from tests.api.desk import Desk, problem
from tests.api.house import Case, House, claim

PHOTO = {"target": "id_card", "reason": "看不清", "hand_in": "身份证正面照片"}
NOTE = "内部备注：和派出所核对过"


def staff(case: Case, rest: str = "") -> str:
    return f"/staff/applications/{case.number}{rest}"


def asked(house: House, **body: Any) -> Case:
    """A case whose village asked for a correction."""
    case = house.submitted()
    answer = house.decide("cun", case.number, "request_correction", items=[PHOTO], **body)
    assert answer.status_code == 200, answer.text
    return case


def proposed(house: House) -> Case:
    case = asked(house)
    assert case.call("POST", "/resubmission").status_code == 200
    answer = house.decide("cun", case.number, "request_correction", items=[PHOTO], reason_code="answer_incomplete")
    assert answer.status_code == 200, answer.text
    return case


def test_a_notice_is_edited_and_cancelled(house: House) -> None:
    case, cun = asked(house, due_on="2026-12-04"), house.clerk("cun")
    assert case.seen()["correction"]["due_on"] == "2026-12-04"
    body = {"note": "再看一遍", "items": [PHOTO | {"reason": "在亮处拍"}]}
    answer = cun.call("PATCH", staff(case, "/correction"), body)
    assert answer.status_code == 200, answer.text
    notice = case.seen()["correction"]
    assert (notice["note"], notice["items"][0]["hand_in"]) == ("再看一遍", "身份证正面照片")
    assert notice["earlier"][0]["note"] == "核对无误"
    stale = cun.call("PATCH", staff(case, "/correction"), body | {"note": "x"}, headers={"If-Match": '"1"'})
    assert problem(stale) == (412, "stale")
    answer = cun.call("POST", staff(case, "/correction/cancellation"), {"reason": "不用了"})
    assert (answer.json or {})["corrections"][0]["status"] == "cancelled"
    again = cun.call("POST", staff(case, "/correction/cancellation"), {"reason": "不用了"})
    assert problem(again) == (409, "no_correction_open")
    assert case.seen()["status"] == "in_review"


def test_a_double_tap_with_a_key_cancels_once(house: House) -> None:
    case, cun = asked(house), house.clerk("cun")
    key = {"Idempotency-Key": f"cancel-{case.number}"}
    answers = [
        cun.call("POST", staff(case, "/correction/cancellation"), {"reason": "不用了"}, headers=key) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    labels = [event["event"] for event in case.seen()["timeline"]]
    assert labels.count("cancel_correction") == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"due_on": "2026-11-24"}, "due_on"),
        ({"due_on": "tomorrow"}, "due_on"),
        ({"items": [PHOTO | {"target": "moon"}]}, "items"),
        ({"items": [PHOTO | {"hand_in": "x" * 501}]}, "items"),
        ({"items": [PHOTO | {"hand_in": 5}]}, "items"),
        ({"reason_code": "because"}, "reason_code"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_wrong_notices_are_refused_field_by_field(house: House, body: dict[str, Any], field: str) -> None:
    case = house.submitted()
    answer = house.decide("cun", case.number, "request_correction", **{"items": [PHOTO], **body})
    assert answer.status_code == 422, answer.text
    assert any(name.startswith(field) for name in (answer.json or {})["errors"])


def test_a_second_notice_goes_out_by_consent(house: House) -> None:
    case, zhen = proposed(house), house.clerk("zhen")
    assert case.seen()["correction"] is None
    wanted = (zhen.call("GET", "/staff/consents?limit=100").json or {})["items"]
    assert case.number in [item["number"] for item in wanted]
    refused = house.decide("cun", case.number, "approve")
    assert problem(refused) == (409, "consent_pending")
    own = house.clerk("cun").call("POST", staff(case, "/correction/consent"), {"consent": True})
    assert problem(own) == (403, "own_proposal")
    answer = zhen.call("POST", staff(case, "/correction/consent"), {"consent": True})
    assert answer.status_code == 200, answer.text
    assert case.seen()["correction"]["ordinal"] == 2


def test_a_second_notice_is_refused_or_taken_back(house: House) -> None:
    case, zhen = proposed(house), house.clerk("zhen")
    assert zhen.call("POST", staff(case, "/correction/consent"), {"consent": False}).status_code == 422
    answer = zhen.call("POST", staff(case, "/correction/consent"), {"consent": False, "note": "够了"})
    assert (answer.json or {})["corrections"][0]["refusal"] == "够了"
    body = {"items": [PHOTO], "reason_code": "new_fact"}
    assert house.decide("cun", case.number, "request_correction", **body).status_code == 200
    answer = house.clerk("cun").call("DELETE", staff(case, "/correction/proposal"))
    assert (answer.json or {})["proposal"] is None
    assert house.decide("cun", case.number, "approve").status_code == 200


def test_a_second_notice_without_reason_names_the_field(house: House) -> None:
    case = asked(house)
    case.call("POST", "/resubmission")
    answer = house.decide("cun", case.number, "request_correction", items=[PHOTO])
    assert problem(answer) == (422, "reason_missing")
    assert "reason_code" in (answer.json or {})["errors"]


def test_a_question_travels_both_ways_once(house: House) -> None:
    case, cun = house.submitted(), house.clerk("cun")
    assert problem(cun.call("POST", staff(case, "/questions"), {"text": "几号楼？"})) == (409, "not_claimed")
    claim(cun, case.number)
    assert cun.call("POST", staff(case, "/questions"), {"text": "几号楼？"}).status_code == 201
    [question] = case.seen()["questions"]
    path = f"/questions/{question['id']}/reply"
    stranger = house.applicant("李四")
    assert stranger.call("POST", f"/applications/{case.id}{path}", {"text": "x"}).status_code == 404
    key = {"Idempotency-Key": f"reply-{case.number}"}
    answers = [case.call("POST", path, {"text": "三号楼"}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert problem(case.call("POST", path, {"text": "四号楼"})) == (409, "already_replied")
    shown = (cun.call("GET", staff(case)).json or {})["questions"]
    assert (shown[0]["reply"], shown[0]["status"]) == ("三号楼", "replied")


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "\u202eabc", None, 5])
def test_words_that_cannot_be_kept_are_refused(house: House, text: Any) -> None:
    case, cun = house.submitted(), house.clerk("cun")
    claim(cun, case.number)
    for rest in ("/questions", "/notes"):
        assert cun.call("POST", staff(case, rest), {"text": text}).status_code == 422


def test_no_resident_endpoint_holds_a_note(house: House) -> None:
    case, cun = house.submitted(), house.clerk("cun")
    assert cun.call("POST", staff(case, "/notes"), {"text": NOTE}).status_code == 201
    assert NOTE in json.dumps(cun.call("GET", staff(case, "/notes")).json, ensure_ascii=False)
    seen = 0
    for rule in house.app.url_map.iter_rules():
        guard = house.app.extensions["yangguang_guards"].get(rule.endpoint.partition(".")[0])
        if "GET" not in (rule.methods or ()) or guard not in ("resident", "anyone"):
            continue
        path = rule.rule.replace("<id:application_id>", case.id).replace("<string:number>", case.number)
        if "<" in path or not path.startswith("/api/v1"):
            continue
        answer = case.phone.call("GET", path.removeprefix("/api/v1"))
        assert NOTE.encode() not in answer.get_data()
        assert "notes" not in (answer.json or {} if answer.is_json else {})
        seen += 1
    assert seen > 10
    progress = {"number": case.number, "mobile_last4": case.phone.mobile[-4:]}
    assert NOTE not in house.visitor().call("POST", "/progress", progress).text


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        ("POST", "/notes", {"text": "x"}),
        ("GET", "/notes", None),
        ("POST", "/questions", {"text": "x"}),
        ("PATCH", "/correction", {"note": "x", "items": [PHOTO]}),
        ("POST", "/correction/cancellation", {"reason": "x"}),
        ("POST", "/correction/consent", {"consent": True}),
        ("DELETE", "/correction/proposal", None),
    ],
)
def test_strangers_find_nothing(house: House, method: str, rest: str, body: Any) -> None:
    case = house.submitted(region="370402002003")
    assert house.clerk("cun").call(method, staff(case, rest), body).status_code == 404
    assert Desk(house.app).call(method, staff(case, rest), body).status_code == 401
    assert house.clerk("zhan").call(method, staff(case, rest), body).status_code == 403


def test_a_lapsed_case_is_applied_for_again_with_its_papers(house: House) -> None:
    case = asked(house)
    house.advance(timedelta(days=16))
    house.runtime.db.transact(due.lapse_corrections, now=house.runtime.clock())
    seen = case.seen()
    assert (seen["status"], seen["status_label"], seen["ended_as"]) == ("withdrawn", "逾期未补正，已终止", "lapsed")
    answers = [case.call("POST", "/renewal") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    drafts = [answer.json or {} for answer in answers]
    assert drafts[0]["id"] == drafts[1]["id"]
    assert (drafts[1]["answers"], len(drafts[1]["materials"])) == (seen["answers"], 1)
    draft = Case(case.phone, drafts[0]["id"])
    copied = draft.call("GET", f"/materials/{drafts[0]['materials'][0]['id']}").get_data()
    assert copied == case.call("GET", f"/materials/{seen['materials'][0]['id']}").get_data()
    answer = draft.call("POST", "/submission")
    assert answer.status_code == 200, answer.text
    assert problem(case.call("POST", "/renewal")) == (409, "already_renewed")


def test_only_the_owner_applies_again(house: House) -> None:
    case = house.submitted()
    assert problem(case.call("POST", "/renewal")) == (409, "not_ended")
    case.call("POST", "/withdrawal")
    stranger = house.applicant("李四")
    assert stranger.call("POST", f"/applications/{case.id}/renewal").status_code == 404
    assert case.call("POST", "/renewal").status_code == 201
