"""My applications over HTTP: what is mine, versions, the way through a correction, taking back."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest

from tests import files
from tests.api.desk import problem
from tests.api.house import EXAMPLE, House, claim


def test_incomplete_submission_lists_everything_at_once(house: House) -> None:
    answer = house.resident().begin().call("POST", "/submission")
    assert problem(answer) == (422, "incomplete")
    named = {name.split(".")[0] for name in (answer.json or {})["errors"]}
    assert named == {"answers", "materials", "consents", "identity"}


def test_submission_answers_with_number_deadline_and_receipt(house: House) -> None:
    case = house.draft()
    answer = case.call("POST", "/submission").json or {}
    assert (answer["status"], answer["due_on"]) == ("submitted", "2026-11-26")
    assert set(answer["receipt"]) == {"number", "url", "qr_svg_url", "pdf_url"}
    token = answer["receipt"]["url"].rsplit("/", 1)[1]
    seen = house.visitor().call("POST", "/verifications", {"token": token}).json or {}
    assert (seen["status"], seen["receipt"]["number"]) == ("valid", answer["number"])


def test_what_is_another_persons_does_not_exist(house: House) -> None:
    case, stranger = house.submitted(), house.applicant()
    ask = f"/applications/{case.id}"
    material = case.seen()["materials"][0]["id"]
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/submission"),
        ("POST", "/withdrawal"),
        ("POST", "/resubmission"),
        ("GET", f"/materials/{material}"),
        ("DELETE", f"/materials/{material}"),
        ("GET", "/receipt.svg"),
        ("GET", "/receipt.pdf"),
        ("GET", "/copy.pdf"),
        ("GET", "/looks"),
        ("DELETE", "/mandate"),
        ("POST", "/cosignature-invitations"),
    ):
        assert problem(stranger.call(method, ask + path)) == (404, "not_found"), path
    assert problem(stranger.call("PATCH", ask, {"answers": EXAMPLE}))[0] == 404
    assert case.seen()["status"] == "submitted"


def test_stale_version_is_412_and_changes_nothing(house: House) -> None:
    case = house.draft()
    tag = case.call("GET").headers["ETag"]
    assert case.call("PATCH", "", {"answers": {"purpose": "school"}}, headers={"If-Match": tag}).status_code == 200
    stale = case.call("PATCH", "", {"answers": {"purpose": "work"}}, headers={"If-Match": tag})
    assert problem(stale) == (412, "stale")
    assert problem(case.call("POST", "/submission", headers={"If-Match": tag})) == (412, "stale")
    assert case.seen()["answers"]["purpose"] == "school"


@pytest.mark.parametrize("tag", ["x", 'W/"1"', '"１"', '"999999999999999999999"', ""])
def test_version_that_is_none_matches_nothing(house: House, tag: str) -> None:
    case = house.resident().begin()
    assert problem(case.call("PATCH", "", {"answers": {}}, headers={"If-Match": tag})) == (412, "stale")


def test_two_tabs_that_submit_at_once_make_one_case(house: House) -> None:
    case = house.draft()
    answers = []
    tabs = [threading.Thread(target=lambda: answers.append(case.call("POST", "/submission"))) for _ in range(4)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 3}
    assert len([e for e in case.seen()["timeline"] if e["event"] == "submit"]) == 1


def test_submitted_answers_cannot_be_changed(house: House) -> None:
    case = house.submitted()
    assert problem(case.call("PATCH", "", {"answers": {"purpose": "school"}}))[0] == 409
    assert problem(case.upload(files.jpeg()))[0] == 409
    assert problem(case.call("DELETE"))[0] == 409


def test_correction_is_told_answered_and_seen(house: House) -> None:
    case = house.submitted()
    items = [{"target": "id_card", "reason": "看不清，请重拍"}, {"target": "current_address", "reason": "请写到街道"}]
    assert house.decide("cun", case.number, "request_correction", items=items).status_code == 200
    notice = case.seen()["correction"]
    assert [item["reason"] for item in notice["items"]] == [item["reason"] for item in items]
    assert "resubmit" in case.seen()["allowed_actions"]
    assert case.call("PATCH", "", {"answers": {"current_address": "昆山市玉山镇马鞍山路"}}).status_code == 200
    assert case.call("POST", "/resubmission").status_code == 200
    assert (case.seen()["status"], case.seen()["correction"]) == ("in_review", None)
    changes = (house.clerk("cun").call("GET", f"/staff/applications/{case.number}").json or {})["changes"]
    assert [change["target"] for change in changes] == ["current_address"]


def test_withdrawn_while_claimed_ends_the_claim(house: House) -> None:
    case = house.submitted()
    fence = claim(house.clerk("cun"), case.number)
    assert case.call("POST", "/withdrawal").status_code == 200
    late = house.clerk("cun").call(
        "POST",
        f"/staff/applications/{case.number}/decisions",
        {"decision": "approve", "note": "核对无误", "fence": fence},
    )
    assert problem(late) == (409, "not_reviewable")
    assert case.seen()["status"] == "withdrawn"
    assert problem(case.call("POST", "/withdrawal"))[0] == 409


def test_refused_move_says_what_the_case_is_and_allows(house: House) -> None:
    answer = house.submitted().call("POST", "/resubmission")
    assert problem(answer) == (409, "not_allowed_now")
    body = answer.json or {}
    assert (body["status"], body["state"], body["allowed_actions"]) == (409, "submitted", ["withdraw"])


def test_drafts_are_many_but_not_endless(house: House) -> None:
    phone = house.resident()
    for _ in range(50):
        phone.begin()
    answer = phone.call("POST", "/applications", {"service_item": "migrant-proof", "region": "370402001013"})
    assert problem(answer) == (429, "too_many_drafts")
    assert "Retry-After" in answer.headers
    first = phone.call("GET", "/applications?limit=30").json or {}
    rest = phone.call("GET", f"/applications?limit=30&cursor={first['next_cursor']}").json or {}
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (30, 20, None)
    assert len({item["id"] for item in first["items"] + rest["items"]}) == 50


def test_second_application_is_prefilled_from_the_first(house: House) -> None:
    case = house.submitted()
    assert case.phone.begin().seen()["answers"] == EXAMPLE


def test_progress_by_number_needs_the_mobile_and_ends_after_five_tries(house: House) -> None:
    case, anyone = house.submitted(), house.visitor()
    right = {"number": case.number, "mobile_last4": case.phone.mobile[-4:]}
    seen = anyone.call("POST", "/progress", right).json or {}
    assert (seen["status"], seen["due_on"]) == ("submitted", "2026-11-26")
    assert "王" not in str(seen)
    wrong = dict(right, mobile_last4="0000" if case.phone.mobile[-4:] != "0000" else "1111")
    answers = [anyone.call("POST", "/progress", wrong) for _ in range(5)]
    answers.append(anyone.call("POST", "/progress", right))
    assert {problem(answer) for answer in answers} == {(404, "not_found")}
    unknown = anyone.call("POST", "/progress", dict(right, number="YG2611-ZZZZZZ"))
    assert unknown.json == answers[-1].json


def test_new_year_without_holidays_counts_weekdays_and_warns(house: House) -> None:
    house.advance(timedelta(days=36))  # Tuesday 29 December 2026
    case = house.submitted()
    assert case.seen()["due_on"] == "2027-01-01"
    warnings = (house.app.test_client().get("/readyz").json or {})["warnings"]
    assert any("2027" in warning for warning in warnings)
