"""What the review refuses, asked from outside: late, twice, with numbers no address has."""

from __future__ import annotations

import pytest

from tests.api.desk import problem
from tests.api.house import House, claim


def test_the_same_decision_again_is_late_not_forbidden(house: House) -> None:
    case, clerk = house.submitted(), house.clerk("cun")
    fence = claim(clerk, case.number)
    path, body = f"/staff/applications/{case.number}/decisions", {"decision": "approve", "note": "好", "fence": fence}
    assert clerk.call("POST", path, body).status_code == 200
    assert problem(clerk.call("POST", path, body)) == (409, "stale_fence")


@pytest.mark.parametrize("number", ["１", "9" * 19, "9" * 5000, "-1", "01"])
def test_a_number_no_address_has_is_not_found(house: House, number: str) -> None:
    admin = house.clerk("admin")
    for path in ("/admin/service-items/migrant-proof/versions/", "/admin/calendars/"):
        assert admin.call("GET", path + number).status_code in (404, 405)
    assert problem(admin.call("GET", f"/admin/service-items/migrant-proof/versions/{number}"))[0] == 404


@pytest.mark.parametrize("query", ["to=0001-01-01", "to=9999-12-31", "from=0001-01-01&to=0001-01-02"])
def test_a_period_before_or_after_all_times_is_refused(house: House, query: str) -> None:
    for path in ("/staff/statistics?", "/staff/statistics.csv?"):
        assert problem(house.clerk("xian").call("GET", path + query)) == (422, "wrong_period")


@pytest.mark.parametrize("word", ["search", "bulk-decisions"])
def test_the_word_beside_a_case_is_not_a_case(house: House, word: str) -> None:
    answer = house.clerk("cun").call("GET", f"/staff/applications/{word}")
    assert problem(answer) == (405, "method_not_allowed")
    assert {name.strip() for name in answer.headers["Allow"].split(",")} == {"OPTIONS", "POST"}


def test_more_than_500_cases_are_refused_in_our_words(house: House) -> None:
    body = {"decision": "approve", "numbers": [f"YG2611-{one:06d}" for one in range(501)]}
    answer = house.clerk("cun").call("POST", "/staff/applications/bulk-decisions", body)
    assert problem(answer)[0] == 422
    assert (answer.json or {})["errors"] == {"numbers": ["这里要 0 到 500 项"]}


def test_a_case_on_the_desk_has_the_fields_of_the_document(house: House) -> None:
    document = house.visitor().call("GET", "/openapi.json").json or {}
    stated = set(document["components"]["schemas"]["StaffCase"]["properties"])
    seen = house.clerk("cun").call("GET", f"/staff/applications/{house.submitted().number}").json or {}
    assert not set(seen) - stated
