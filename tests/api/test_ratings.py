"""Ratings, statistics, looks and published heads from outside: shapes, refusals, nobody else's."""

from __future__ import annotations

import csv
import io

import pytest

from tests.api.desk import problem
from tests.api.house import Case, House


@pytest.fixture
def finished(house: House) -> Case:
    """A case that the village refused."""
    case = house.submitted()
    assert house.decide("cun", case.number, "reject", note="请到户籍地办理").status_code == 200
    return case


def test_a_finished_case_is_rated_once_over_the_api(house: House, finished: Case) -> None:
    assert (finished.call("GET", "/rating").json or {})["allowed_actions"] == ["rate"]
    body = {"score": 1, "tags": ["slow"], "comment": "等了很久"}
    first = finished.call("POST", "/rating", body, headers={"Idempotency-Key": "r1"})
    again = finished.call("POST", "/rating", body, headers={"Idempotency-Key": "r1"})
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert problem(finished.call("POST", "/rating", body)) == (409, "already_rated")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"score": 0},
        {"score": 6},
        {"score": True},
        {"score": "5"},
        {"score": 5, "tags": ["x"]},
        {"score": 5, "to": 1},
    ],
)
def test_a_wrong_rating_is_refused(finished: Case, body: dict[str, object]) -> None:
    assert finished.call("POST", "/rating", body).status_code == 422


def test_anothers_case_cannot_be_rated_or_read(house: House, finished: Case) -> None:
    stranger = Case(house.resident(), finished.id)
    assert stranger.call("POST", "/rating", {"score": 1}).status_code == 404
    assert stranger.call("GET", "/rating").status_code == 404
    assert house.visitor().call("GET", f"/applications/{finished.id}/rating").status_code == 401


def test_a_bad_rating_is_answered_by_the_office_above(house: House, finished: Case) -> None:
    finished.call("POST", "/rating", {"score": 2, "comment": "没说明白"})
    waiting = (house.clerk("zhen").call("GET", "/staff/ratings?limit=100").json or {})["items"]
    (mine,) = [one for one in waiting if one["number"] == finished.number]
    answer = house.clerk("zhen").call("POST", f"/staff/ratings/{mine['id']}/answer", {"text": "已经说明白了"})
    assert answer.status_code == 200, answer.text
    assert (finished.call("GET", "/rating").json or {})["answer"] == "已经说明白了"
    late = house.clerk("zhen").call("POST", f"/staff/ratings/{mine['id']}/answer", {"text": "再说一次"})
    assert problem(late) == (409, "already_answered")


def test_statistics_are_for_reviewers_and_their_place(house: House) -> None:
    found = house.clerk("xian").call("GET", "/staff/statistics")
    assert found.status_code == 200
    assert set(found.json or {}) == {"region", "level", "from", "to", "service_item", "total", "places", "months"}
    assert house.clerk("zhan").call("GET", "/staff/statistics").status_code == 403
    assert house.clerk("zhen").call("GET", "/staff/statistics?region=370402002").status_code == 404
    assert house.clerk("xian").call("GET", "/staff/statistics?from=2026-02-30").status_code == 422
    assert house.visitor().call("GET", "/staff/statistics").status_code == 401


def test_the_table_is_a_csv_file(house: House) -> None:
    answer = house.clerk("xian").call("GET", "/staff/statistics.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert lines[0][0] == "地方代码"


def test_the_applicant_reads_who_looked(house: House, finished: Case) -> None:
    house.clerk("xian").call("GET", f"/staff/applications/{finished.number}")
    items = (finished.call("GET", "/looks").json or {})["items"]
    assert (items[0]["act"], items[0]["office"], items[0]["post"]) == ("look.case", "市中区卫生健康局", "区级审批岗")


def test_heads_are_open_to_anyone(house: House) -> None:
    answer = house.app.test_client().get("/.well-known/audit-heads.json")
    assert (answer.status_code, list(answer.json or {})) == (200, ["heads"])
