"""The clerk's tools over HTTP: views, counts, search, bulk acts, templates — and what they are sent by mistake."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.desk import Desk, problem
from tests.api.house import House, claim
from tests.people import FAR_VILLAGE, id_number

WORDS = {"decision": "reject", "title": "不符合条件", "note": "户籍不在本区"}


def bulk(desk: Desk, numbers: list[str], decision: str = "approve", **body: Any) -> TestResponse:
    headers = body.pop("headers", {})
    body = {"decision": decision, "numbers": numbers, **body}
    return desk.call("POST", "/staff/applications/bulk-decisions", body, headers=headers)


def outcomes(answer: TestResponse) -> list[str]:
    assert answer.status_code in (200, 202), answer.text
    return [item["outcome"] for item in (answer.json or {})["items"]]


def test_views_and_filters_are_offered_over_the_api(house: House) -> None:
    number, desk = house.submitted().number, house.clerk("cun")
    page = desk.call("GET", "/staff/applications?view=todo&level=village&limit=100").json or {}
    line = next(item for item in page["items"] if item["number"] == number)
    assert (line["age_days"], line["opened"], line["news"]) == (0, False, [])
    old = desk.call("GET", "/staff/applications?view=todo&older_than_days=3650&limit=100").json or {}
    assert number not in {item["number"] for item in old["items"]}


@pytest.mark.parametrize(
    "query", ["view=x", "level=moon", "older_than_days=0", "older_than_days=1e3", "view=all&view=mine"]
)
def test_a_view_that_is_none_is_422(house: House, query: str) -> None:
    assert house.clerk("cun").call("GET", f"/staff/applications?{query}").status_code == 422


def test_counts_are_capped(house: House) -> None:
    house.submitted()
    answer = house.clerk("cun").call("GET", "/staff/applications/counts").json or {}
    assert answer["capped_at"] == 100
    assert 1 <= answer["counts"]["todo"] <= 100


def test_a_search_by_person_is_read_by_the_applicant(house: House) -> None:
    case, desk = house.submitted(), house.clerk("cun")
    found = desk.call("POST", "/staff/applications/search", {"number": f" {case.number.lower()} "}).json or {}
    assert [item["number"] for item in found["items"]] == [case.number]
    assert desk.call("POST", "/staff/applications/search", {}).status_code == 422
    assert desk.call("POST", "/staff/applications/search", {"name": 1}).status_code == 422
    body = {"id_type": "resident_id", "id_number": id_number(case.phone.serial % 1000)}
    found = desk.call("POST", "/staff/applications/search", body).json or {}
    assert case.number in {item["number"] for item in found["items"]}
    acts = [one["act"] for one in (desk.call("GET", f"/staff/applications/{case.number}/audit").json or {})["items"]]
    assert "search.person" in acts
    assert "村级核对岗" in case.call("GET", "/looks").text


def test_a_resident_has_no_desk(house: House) -> None:
    phone = house.submitted().phone
    for method, path in (
        ("GET", "/staff/applications/counts"),
        ("POST", "/staff/applications/search"),
        ("POST", "/staff/applications/bulk-decisions"),
        ("GET", "/staff/reply-templates"),
        ("GET", "/staff/colleagues"),
    ):
        assert phone.call(method, path).status_code == 401


def test_a_small_act_answers_with_its_results(house: House) -> None:
    near, far = house.submitted().number, house.submitted(region=FAR_VILLAGE).number
    answer = bulk(house.clerk("cun"), [near, far, near, "x"])
    assert outcomes(answer) == ["done", "not_found", "duplicate", "not_found"]
    body = answer.json or {}
    assert (body["status"], body["total"], body["done"], body["succeeded"]) == ("finished", 4, 4, 1)
    assert body["items"][1]["title"] == "辖区里没有这一件"


def test_a_dry_run_changes_nothing(house: House) -> None:
    number, desk = house.submitted().number, house.clerk("cun")
    answer = bulk(desk, [number], dry_run=True)
    assert (outcomes(answer), (answer.json or {})["status"], (answer.json or {})["id"]) == (["ready"], "dry_run", None)
    case = desk.call("GET", f"/staff/applications/{number}").json or {}
    assert (case["status"], case["claim"]) == ("submitted", None)


def test_the_same_key_is_one_act(house: House) -> None:
    number, desk = house.submitted().number, house.clerk("cun")
    headers = {"Idempotency-Key": f"bulk-{number}"}
    first, second = (bulk(desk, [number], headers=headers) for _ in range(2))
    assert (first.json or {})["id"] == (second.json or {})["id"]
    assert outcomes(second) == ["done"]
    assert problem(bulk(desk, [number, "x"], headers=headers)) == (422, "idempotency_mismatch")


def test_a_case_that_changed_since_is_left_alone(house: House) -> None:
    number, desk = house.submitted().number, house.clerk("cun")
    version = (desk.call("GET", f"/staff/applications/{number}").json or {})["version"]
    cases = [{"number": number, "version": version - 1}]
    body = {"decision": "accept", "cases": cases}
    assert outcomes(desk.call("POST", "/staff/applications/bulk-decisions", body)) == ["changed_since"]


def test_a_long_act_is_followed_and_stopped(house: House) -> None:
    number, desk = house.submitted().number, house.clerk("cun")
    answer = bulk(desk, [number, *(f"YG2611-{at:06d}" for at in range(30))])
    assert answer.status_code == 202
    act = answer.json or {}
    assert (act["status"], act["allowed_actions"]) == ("running", ["stop"])
    stopped = desk.call("POST", f"/staff/bulk-acts/{act['id']}/stop").json or {}
    assert stopped["status"] == "stopped"
    again = desk.call("GET", f"/staff/bulk-acts/{act['id']}").json or {}
    assert (again["status"], again["done"]) == ("stopped", 0)
    assert problem(house.clerk("xian").call("GET", f"/staff/bulk-acts/{act['id']}")) == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"decision": "reject", "numbers": ["x"]},
        {"decision": "approve"},
        {"decision": "approve", "numbers": "x"},
        {"decision": "approve", "numbers": [1]},
        {"decision": "approve", "numbers": ["x"] * 501},
        {"decision": "approve", "cases": [{"number": "x", "version": True}]},
        {"decision": "approve", "numbers": ["x"], "dry_run": "yes"},
        {"decision": "request_correction", "numbers": ["x"]},
        {"decision": "hand_over", "numbers": ["x"]},
        {"decision": "approve", "numbers": ["x"], "fence": 1},
        {"decision": "approve", "numbers": ["x"], "template": "x"},
        {"decision": "approve", "numbers": ["\u202e"]},
    ],
)
def test_an_act_that_is_none_is_refused_whole(house: House, body: dict[str, Any]) -> None:
    answer = house.clerk("cun").call("POST", "/staff/applications/bulk-decisions", body)
    assert answer.status_code in (400, 422), answer.text


def test_templates_are_kept_and_used_below(house: House) -> None:
    town, village = house.clerk("zhen"), house.clerk("cun")
    made = town.call("POST", "/staff/reply-templates", WORDS)
    assert made.status_code == 201
    where = f"/staff/reply-templates/{(made.json or {})['id']}"
    listed = village.call("GET", "/staff/reply-templates?decision=reject").json or {}
    assert "不符合条件" in {one["title"] for one in listed["items"]}
    assert problem(village.call("PUT", where, WORDS)) == (404, "not_found")
    assert problem(village.call("DELETE", where)) == (404, "not_found")
    assert town.call("PUT", where, WORDS | {"title": "新"}, headers={"If-Match": '"1"'}).status_code == 200
    assert town.call("PUT", where, WORDS, headers={"If-Match": '"1"'}).status_code == 412
    assert town.call("DELETE", where).status_code == 204
    assert town.call("GET", where).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        WORDS | {"title": " "},
        WORDS | {"decision": "x"},
        WORDS | {"items": [{"target": "born_on", "reason": "x"}]},
        WORDS | {"service_item": "no-such-item"},
        WORDS
        | {
            "decision": "request_correction",
            "service_item": "migrant-proof",
            "items": [{"target": "x", "reason": "y"}],
        },
    ],
)
def test_a_template_that_says_nothing_usable_is_422(house: House, body: dict[str, Any]) -> None:
    assert house.clerk("zhen").call("POST", "/staff/reply-templates", body).status_code == 422


def test_a_held_case_keeps_its_holder_in_a_bulk_act(house: House) -> None:
    number = house.submitted().number
    claim(house.clerk("cun"), number)
    assert outcomes(bulk(house.clerk("zhen"), [number])) == ["not_your_level"]
