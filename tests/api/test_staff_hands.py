"""Takeover, hand-over, family, days off and the inbox over HTTP; and what a disabled clerk hears."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.accounts import demo, staff
from backend.applications import handover
from backend.kernel.clock import system_clock
from backend.kernel.ids import encode
from tests.api.desk import Desk, problem
from tests.api.house import House, claim
from tests.people import FAR_VILLAGE, VILLAGE, id_number

REASON = {"reason": "经办人请假"}
NOBODY = {"id_type": "resident_id", "id_number": id_number(950, "19750101")}


def hire(house: House, username: str, level: str = "village", region: str = VILLAGE) -> Desk:
    """A colleague, signed in."""
    house.runtime.db.transact(
        staff.add,
        username=username,
        name="核对岗二",
        post="核对岗二",
        role="reviewer",
        level=level,
        region=region,
        password=demo.PASSWORD,
        now=house.runtime.clock(),
    )
    return house.clerk(username)


@pytest.fixture(scope="module")
def colleague(whole_house: House) -> Desk:
    return hire(whole_house, "cun3")


def take_over(desk: Desk, number: str, **body: object) -> tuple[int, dict[str, object]]:
    answer = desk.call("POST", f"/staff/applications/{number}/takeover", REASON | body)
    return answer.status_code, answer.json or {}


def messages(desk: Desk) -> list[dict[str, object]]:
    return list((desk.call("GET", "/staff/messages").json or {})["items"])


def test_a_takeover_tells_the_loser_and_spoils_the_fence(house: House) -> None:
    number = house.submitted().number
    fence = claim(house.clerk("cun"), number)
    seen = house.clerk("zhen").call("GET", f"/staff/applications/{number}").json or {}
    assert "takeover" in seen["allowed_actions"]
    status, case = take_over(house.clerk("zhen"), number)
    assert (status, case["claim"]) == (200, None)
    late = house.clerk("cun").call(
        "POST", f"/staff/applications/{number}/decisions", {"decision": "approve", "note": "好", "fence": fence}
    )
    assert problem(late) == (409, "stale_fence")
    told = [one for one in messages(house.clerk("cun")) if one["kind"] == "taken_over"]
    assert (told[0]["words"], told[0]["read_at"]) == (REASON["reason"], None)


def test_a_takeover_twice_with_one_key_happens_once(house: House) -> None:
    number = house.submitted().number
    claim(house.clerk("cun"), number)
    key = {"headers": {"Idempotency-Key": f"takeover-{number}"}}
    path = f"/staff/applications/{number}/takeover"
    answers = [house.clerk("zhen").call("POST", path, REASON, **key).status_code for _ in range(2)]
    assert answers == [200, 200]


@pytest.mark.parametrize(
    ("who", "body", "refusal"),
    [
        ("cun3", REASON, (403, "not_above")),
        ("zhen", {"reason": "   "}, (422, "invalid")),
        ("zhen", {}, (422, "invalid")),
        ("zhen", REASON | {"to": "xian"}, (409, "not_there")),
        ("zhen", REASON | {"to": "nobody"}, (404, "not_found")),
    ],
)
@pytest.mark.usefixtures("colleague")
def test_a_takeover_that_must_not_be(house: House, who: str, body: dict[str, str], refusal: tuple[int, str]) -> None:
    number = house.submitted().number
    claim(house.clerk("cun"), number)
    answer = house.clerk(who).call("POST", f"/staff/applications/{number}/takeover", body)
    status, code = problem(answer)
    assert status == refusal[0]
    assert code == refusal[1] or status == 422


def test_another_town_s_clerk_finds_nothing_to_take_over(house: House) -> None:
    number = house.submitted(region=FAR_VILLAGE).number
    assert take_over(house.clerk("zhen"), number)[0] == 404


def test_all_cases_of_a_clerk_go_to_a_colleague(house: House, colleague: Desk) -> None:
    house.clerk("cun").call("POST", "/staff/handovers", {"from": "cun"})
    numbers = [house.submitted().number for _ in range(3)]
    for number in numbers:
        claim(house.clerk("cun"), number)
    answer = house.clerk("zhen").call("POST", "/staff/handovers", {"from": "cun", "to": "cun3"})
    assert answer.json == {"moved": 3}
    assert claim(colleague, numbers[0]) == 2
    mine = colleague.call("GET", "/staff/applications?owner=me").json or {}
    assert set(numbers) <= {line["number"] for line in mine["items"]}
    for stranger in (hire(house, "cun4", region=FAR_VILLAGE), hire(house, "zhen4", "town", "370402002000")):
        refused = stranger.call("POST", "/staff/handovers", {"from": "cun3"})
        assert problem(refused) == (404, "not_found")


def test_family_is_declared_by_number_and_shown_as_a_day(house: House, colleague: Desk) -> None:
    made = colleague.call("POST", "/staff/me/relatives", NOBODY)
    assert made.status_code == 201
    listed = colleague.call("GET", "/staff/me/relatives")
    assert [set(item) for item in (listed.json or {})["items"]] == [{"id", "declared_at"}]
    assert NOBODY["id_number"] not in listed.text
    path = f"/staff/me/relatives/{(made.json or {})['id']}"
    assert problem(house.clerk("cun").call("DELETE", path)) == (404, "not_found")
    assert colleague.call("DELETE", path).status_code == 204
    assert problem(colleague.call("DELETE", path)) == (404, "not_found")


def test_a_wrong_document_is_refused_without_echo(colleague: Desk) -> None:
    body = NOBODY | {"id_number": "11010119900101123X"}
    answer = colleague.call("POST", "/staff/me/relatives", body)
    assert problem(answer) == (422, "wrong_document")
    assert body["id_number"] not in answer.text


def test_a_relative_s_case_is_closed_and_says_why(house: House, colleague: Desk) -> None:
    person = house.applicant()
    number = house.submitted(person).number
    document = {"id_type": "resident_id", "id_number": id_number(person.serial % 1000)}
    made = colleague.call("POST", "/staff/me/relatives", document).json or {}
    assert problem(colleague.call("POST", f"/staff/applications/{number}/claim")) == (403, "own_family")
    assert problem(colleague.call("GET", f"/staff/applications/{number}")) == (403, "own_family")
    colleague.call("DELETE", f"/staff/me/relatives/{made['id']}")


def test_days_off_are_one_s_own_or_set_from_above(house: House, colleague: Desk) -> None:
    until = (house.runtime.clock() + timedelta(days=3)).date().isoformat()
    assert colleague.call("PUT", "/staff/me/absence", {"until": until}).json == {"until": until}
    assert house.clerk("zhen").call("PUT", "/staff/absences/cun3", {"until": None}).json == {"until": None}
    assert colleague.call("GET", "/staff/me/absence").json == {"until": None}
    assert problem(house.clerk("cun").call("PUT", "/staff/absences/cun3", {"until": until})) == (404, "not_found")
    past = colleague.call("PUT", "/staff/me/absence", {"until": "2026-01-01"})
    assert problem(past) == (422, "wrong_day")


def test_a_message_is_read_by_its_clerk_only(house: House, colleague: Desk) -> None:
    number = house.submitted().number
    claim(house.clerk("cun"), number)
    take_over(house.clerk("zhen"), number)
    message = messages(house.clerk("cun"))[0]["id"]
    assert problem(colleague.call("POST", f"/staff/messages/{message}/read")) == (404, "not_found")
    assert house.clerk("cun").call("POST", f"/staff/messages/{message}/read").status_code == 204
    assert messages(house.clerk("cun"))[0]["read_at"]
    assert problem(colleague.call("POST", f"/staff/messages/{encode(5)}/read")) == (404, "not_found")


def test_a_clerk_disabled_in_mid_session_is_out_and_holds_nothing(house: House) -> None:
    leaver, number = hire(house, "cun5"), house.submitted().number
    claim(leaver, number)
    at = house.runtime
    assert at.db.transact(handover.disable, username="cun5", now=at.clock(), at=system_clock()) == 1
    assert problem(leaver.call("POST", f"/staff/applications/{number}/claim")) == (401, "unauthenticated")
    assert claim(house.clerk("cun"), number) == 3


def test_looking_at_a_case_keeps_it(house: House) -> None:
    number = house.submitted().number
    desk = house.clerk("cun")
    claim(desk, number)
    for _ in range(3):
        house.advance(timedelta(minutes=20))
        case = desk.call("GET", f"/staff/applications/{number}").json or {}
        assert case["claim"]["mine"]
    house.advance(timedelta(minutes=31))
    assert (desk.call("GET", f"/staff/applications/{number}").json or {})["claim"] is None


def test_a_paused_case_tells_both_sides_its_projected_end(house: House) -> None:
    case = house.submitted()
    item = {"items": [{"target": "id_card", "reason": "看不清"}]}
    assert house.decide("cun", case.number, "request_correction", **item).status_code == 200
    theirs = (house.clerk("cun").call("GET", f"/staff/applications/{case.number}").json or {})["projected"]
    assert case.seen()["projected"] == theirs == {"if_today": "2026-11-26", "if_last_day": "2026-12-10"}
