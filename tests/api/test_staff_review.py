"""Review over HTTP: jurisdiction, one's own case, leases and fences, two clerks on one case."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from backend.accounts import demo, staff
from backend.kernel.ids import new_id
from backend.models.application import Application
from backend.models.delivery import Delivery
from tests.api.desk import Desk, problem
from tests.api.house import House, claim
from tests.people import FAR_VILLAGE, id_number


def decide(desk: Desk, number: str, fence: int, decision: str = "approve", **body: Any) -> TestResponse:
    path = f"/staff/applications/{number}/decisions"
    return desk.call("POST", path, {"decision": decision, "note": "核对无误", "fence": fence, **body})


@pytest.fixture(scope="module")
def colleague(whole_house: House) -> Desk:
    """A second clerk of the same village."""
    at = whole_house.runtime
    at.db.transact(
        staff.add,
        username="cun2",
        name="村级核对岗",
        post="村级核对岗",
        role="reviewer",
        level="village",
        region="370402001013",
        password=demo.PASSWORD,
        now=at.clock(),
    )
    return whole_house.clerk("cun2")


def test_outside_the_jurisdiction_there_is_no_case(house: House) -> None:
    number = house.submitted(region=FAR_VILLAGE).number
    for username in ("cun", "zhen"):
        desk = house.clerk(username)
        for method, path in (("GET", ""), ("POST", "/claim"), ("POST", "/release"), ("GET", "/audit")):
            assert problem(desk.call(method, f"/staff/applications/{number}{path}")) == (404, "not_found")
        assert problem(decide(desk, number, 1)) == (404, "not_found")
        reopening = desk.call("POST", f"/staff/applications/{number}/reopening", {"reason": "信息有误"})
        assert problem(reopening) == (404, "not_found")
    assert house.clerk("xian").call("GET", f"/staff/applications/{number}").status_code == 200


@pytest.mark.parametrize("number", ["YG2611-ZZZZZZ", "x", "%", "１", "' OR 1=1 --", "a" * 500])
def test_number_that_is_none_is_404(house: House, number: str) -> None:
    desk = house.clerk("xian")
    assert problem(desk.call("POST", f"/staff/applications/{number}/claim")) == (404, "not_found")


def test_queue_shows_only_the_jurisdiction(house: House) -> None:
    far, near = house.submitted(region=FAR_VILLAGE).number, house.submitted().number
    seen = {name: house.clerk(name).call("GET", "/staff/applications?limit=100").json or {} for name in ("cun", "xian")}
    numbers = {name: {item["number"] for item in page["items"]} for name, page in seen.items()}
    assert near in numbers["cun"]
    assert far not in numbers["cun"]
    assert {near, far} <= numbers["xian"]


@pytest.mark.parametrize(
    "query",
    [
        "status=nonsense",
        "region=37",
        "region=3704020010131",
        "owner=someone",
        "due=never",
        "sort=name",
    ],
)
def test_queue_refuses_a_filter_it_does_not_know(house: House, query: str) -> None:
    assert problem(house.clerk("cun").call("GET", f"/staff/applications?{query}"))[0] == 422


def test_nurse_and_resident_review_nothing(house: House) -> None:
    assert problem(house.clerk("zhan").call("GET", "/staff/applications")) == (403, "forbidden")
    assert problem(house.resident().call("GET", "/staff/applications"))[0] == 401


def test_own_case_is_403(house: House) -> None:
    number = house.submitted(phone := house.applicant()).number
    at, desk = house.runtime, house.clerk("xian")
    document = {"id_type": "resident_id", "id_number": id_number(phone.serial % 1000)}
    at.db.transact(staff.know_person, at.vault, username="xian", now=at.clock(), **document)
    assert problem(desk.call("POST", f"/staff/applications/{number}/claim")) == (403, "own_case")
    assert problem(decide(desk, number, 1)) == (403, "own_case")
    assert problem(desk.call("GET", f"/staff/applications/{number}")) == (403, "own_case")


def test_taken_case_names_post_and_time_but_no_person(house: House, colleague: Desk) -> None:
    number = house.submitted().number
    fence = claim(house.clerk("cun"), number)
    assert claim(house.clerk("cun"), number) == fence
    answer = colleague.call("POST", f"/staff/applications/{number}/claim")
    assert problem(answer) == (409, "already_claimed")
    assert (answer.json or {})["post"] == "村级核对岗"
    assert "until" in (answer.json or {})
    assert problem(decide(colleague, number, fence)) == (409, "stale_fence")


def test_another_level_waits_for_its_turn(house: House) -> None:
    number = house.submitted().number
    for username in ("zhen", "xian"):
        answer = house.clerk(username).call("POST", f"/staff/applications/{number}/claim")
        assert problem(answer) == (409, "not_your_level")


def race(calls: list[Callable[[], TestResponse]]) -> Counter[tuple[int, str]]:
    """All at once; how often which status and code."""
    answers: list[TestResponse] = []
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], TestResponse]) -> None:
        gate.wait()
        answers.append(call())

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter((a.status_code, "" if a.status_code < 400 else (a.json or {})["code"]) for a in answers)


def test_of_two_clerks_who_claim_at_once_one_gets_the_case(house: House, colleague: Desk) -> None:
    number = house.submitted().number
    desks = [house.clerk("cun"), colleague] * 3
    found = race([partial(d.call, "POST", f"/staff/applications/{number}/claim") for d in desks])
    assert found == {(200, ""): 3, (409, "already_claimed"): 3}


def test_two_decisions_at_once_are_one(house: House) -> None:
    number = house.submitted().number
    desk = house.clerk("cun")
    fence = claim(desk, number)
    found = race([partial(decide, desk, number, fence, kind) for kind in ("approve", "reject")])
    assert found[200, ""] == 1
    assert sum(count for (status, _), count in found.items() if status == 409) == 1
    history = (desk.call("GET", f"/staff/applications/{number}").json or {})["timeline"]
    assert len([e for e in history if e["event"] in ("hand_up", "reject")]) == 1


def test_decision_and_withdrawal_at_once_leave_one_outcome(house: House) -> None:
    case = house.submitted()
    desk = house.clerk("cun")
    fence = claim(desk, case.number)
    found = race([partial(decide, desk, case.number, fence, "reject"), partial(case.call, "POST", "/withdrawal")])
    assert found[200, ""] == 1
    assert case.seen()["status"] in ("rejected", "withdrawn")


def test_lease_runs_out_after_half_an_hour(house: House, colleague: Desk) -> None:
    number = house.submitted().number
    fence = claim(house.clerk("cun"), number)
    house.advance(timedelta(minutes=31))
    assert problem(decide(house.clerk("cun"), number, fence)) == (409, "stale_fence")
    newer = claim(colleague, number)
    assert newer > fence
    assert problem(decide(house.clerk("cun"), number, newer)) == (409, "stale_fence")
    assert decide(colleague, number, newer).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"decision": "reject"}, "note_missing"),
        ({"decision": "request_correction", "note": "请补正"}, "items_missing"),
        (
            {"decision": "request_correction", "note": "请补正", "items": [{"target": "x", "reason": "y"}]},
            "unknown_target",
        ),
        ({"decision": "destroy", "note": "x"}, "invalid_input"),
        ({"decision": "approve", "fence": "1"}, "invalid_input"),
        ({"decision": "approve", "fence": -1}, "invalid_input"),
        ({"decision": "approve", "fence": 2**31}, "invalid_input"),
        ({"decision": "reject", "note": "a\u202eb"}, "invalid_input"),
        ({"decision": "reject", "note": "x" * 2001}, "invalid_input"),
    ],
)
def test_decision_without_its_words_is_422_and_decides_nothing(house: House, body: dict[str, Any], code: str) -> None:
    number = house.submitted().number
    desk = house.clerk("cun")
    fence = claim(desk, number)
    answer = desk.call("POST", f"/staff/applications/{number}/decisions", {"fence": fence, **body})
    assert problem(answer) == (422, code)
    case = desk.call("GET", f"/staff/applications/{number}").json or {}
    assert (case["status"], case["fence"]) == ("submitted", fence)


def test_reopening_is_for_the_level_that_decided_or_above(house: House) -> None:
    case = house.submitted()
    assert house.decide("cun", case.number, "approve").status_code == 200
    assert house.decide("zhen", case.number, "reject", note="与登记不符").status_code == 200
    path = f"/staff/applications/{case.number}/reopening"
    assert problem(house.clerk("cun").call("POST", path, {"reason": "信息有误"})) == (409, "not_your_level")
    assert problem(house.clerk("zhen").call("POST", path, {"reason": "  "}))[0] == 422
    assert house.clerk("zhen").call("POST", path, {"reason": "信息有误"}).status_code == 200
    assert case.seen()["status"] == "in_review"


def test_audit_is_a_chain_of_posts_without_personal_data(house: House) -> None:
    case = house.submitted()
    assert house.decide("cun", case.number, "approve").status_code == 200
    answer = house.clerk("zhen").call("GET", f"/staff/applications/{case.number}/audit")
    lines = (answer.json or {})["items"]
    assert [line["sequence"] for line in lines] == list(range(1, len(lines) + 1))
    assert {line["post"] for line in lines if line["actor"] == "staff"} == {"村级核对岗", "镇街审核岗"}, (
        "and its reader"
    )
    for hidden in ("王㐂", id_number(case.phone.serial % 1000), case.phone.mobile):
        assert hidden not in answer.text


def test_owner_is_an_office_and_a_post_never_a_name(house: House) -> None:
    seen = house.submitted().seen()
    assert seen["owner"] == {"office": "铁西居委会", "post": "核对岗"}


def test_case_says_since_when_nothing_reaches_its_applicant(house: House) -> None:
    case, at = house.submitted(), house.runtime
    path, now = f"/staff/applications/{case.number}", at.clock()
    assert (house.clerk("cun").call("GET", path).json or {})["unreachable"] is None
    at.db.transact(failed, number=case.number, now=now)
    assert (house.clerk("cun").call("GET", path).json or {})["unreachable"] == {"since": now.isoformat()}


def failed(session: Session, *, number: str, now: datetime) -> None:
    """A text message about the case that was given up."""
    row = session.scalars(select(Application).where(Application.number == number)).one()
    session.add(
        Delivery(
            id=new_id(now),
            resident_id=row.resident_id,
            kind="correction_requested",
            event=number,
            channel="sms",
            status="failed",
            priority=1,
            application_id=row.id,
            created_at=now,
            updated_at=now,
        )
    )
