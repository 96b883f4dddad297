"""The office's own figures: pages, pictures, table; and the ratings that want an answer."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask import Flask

from backend.kernel import ids
from tests import factories
from tests.h5.clerk import Clerk
from tests.h5.phone import Phone, hidden
from tests.people import TOWN, Cast
from tests.service.test_statistics import put
from workers.counting import count


@pytest.fixture
def county(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["county"].id)


def test_an_office_without_cases_is_told_what_will_appear(county: Clerk) -> None:
    assert "这段时间没有件" in county.page("/staff/statistics")


def test_places_stand_in_a_table_beside_their_picture(cast: Cast, county: Clerk) -> None:
    put(cast, 6, days=3, score=5)
    page = county.page("/staff/statistics")
    assert re.search(r'<th scope="row"><a href="[^"]+">中心街街道</a></th><td class="num nowrap">6</td>', page)
    picture = re.search(r'<img class="chart" src="([^"]+)"', page)
    assert picture is not None
    answer = county.get(picture[1].replace("&amp;", "&"))
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert b"<script" not in answer.data
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_clerk_of_the_town_sees_villages_and_not_the_county(app: Flask, cast: Cast) -> None:
    put(cast, 5)
    put(cast, 5, town="370402002000", village="370402002003")
    clerk = Clerk(app).sit_down(cast.reviewers["town"].id)
    assert "370402002" not in clerk.page("/staff/statistics").replace("370402002000", "")
    assert clerk.get("/staff/statistics?region=370402002000").status_code == 404


@pytest.mark.parametrize(
    "query", ["from=2026-02-01&to=2026-01-01", "from=yesterday", "region=1", "from=２０２６-01-01"]
)
def test_a_wrong_question_is_answered_in_words(county: Clerk, query: str) -> None:
    answer = county.get(f"/staff/statistics?{query}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_the_table_hides_small_numbers(cast: Cast, county: Clerk) -> None:
    put(cast, 7)
    put(cast, 2, town="370402002000", village="370402002003", days=9)
    put(cast, 6, town="370402003000", village="370402003001", days=2)
    answer = county.get("/staff/statistics/table.csv")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    received = {line[0]: line[2] for line in lines[1:]}
    assert received == {TOWN: "7", "370402002000": "<5", "370402003000": "<5", "370402000000": "15"}
    assert [line[5] for line in lines[1:-1]] == ["1", "", ""]


def test_five_faces_one_tap_and_the_answer_comes_back(app: Flask, cast: Cast, phone: Phone, county: Clerk) -> None:
    row = factories.issued(cast)
    address = f"/applications/{ids.encode(row.id)}"
    page = phone.page(address)
    assert page.count('name="score"') == 5
    done = phone.post(f"{address}/rating", score="1", comment="等了很久", tags="slow", data=hidden(page))
    assert (done.status_code, done.headers["Location"].split("?")[-1]) == (303, "said=rated")
    waiting = county.page("/staff/ratings")
    assert ("等了很久" in waiting, "王" in waiting) == (True, False)
    action = re.search(r'action="(/staff/ratings/[^"]+)"', waiting)
    assert action is not None
    assert county.post(action[1], text="已经改正", data=hidden(waiting)).status_code == 303
    page = phone.page(address)
    assert ("已经改正" in page, 'name="score"' in page) == (True, False)


def test_a_rating_with_a_number_of_a_person_keeps_its_words(cast: Cast, phone: Phone) -> None:
    row = factories.issued(cast)
    path = f"/applications/{ids.encode(row.id)}/rating"
    answer = phone.post(path, score="2", comment="打 13800013800")
    assert answer.status_code == 422
    assert ("不要写证件号" in answer.text, "打 13800013800</textarea>" in answer.text) == (True, True)


def test_an_open_case_shows_no_faces(cast: Cast, phone: Phone) -> None:
    row = factories.submitted(cast)
    assert 'name="score"' not in phone.page(f"/applications/{ids.encode(row.id)}")


def test_a_second_tap_changes_nothing(cast: Cast, phone: Phone) -> None:
    row = factories.issued(cast)
    path = f"/applications/{ids.encode(row.id)}/rating"
    assert [phone.post(path, score=score).status_code for score in ("5", "1")] == [303, 303]
    assert "非常满意" in phone.page(path)


def test_facts_follow_the_rating(cast: Cast, phone: Phone, county: Clerk) -> None:
    row = factories.issued(cast)
    phone.post(f"/applications/{ids.encode(row.id)}/rating", score="5")
    cast.db.transact(count, calendar=cast.calendar, application_id=row.id)
    put(cast, 4, score=5)
    assert "5.0（5 人）" in county.page("/staff/statistics")
