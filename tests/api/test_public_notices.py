"""Notices over HTTP: from submission to approval by three offices and three notices, and what strangers send."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests import files
from tests.announced import TEXT
from tests.api.desk import problem
from tests.api.house import Case, House, Phone, upload
from tests.people import TOWN, VILLAGE, id_number
from workers import notices

DECISIONS = {"family-award": {"cun": True, "zhen": True, "xian": True}}
DECISIONS |= {item: {"cun": False, "zhen": False, "xian": True} for item in ("special-support", "hardship-support")}


def handed_in(house: House, item: str) -> Case:
    """A case with the item's own sample answers."""
    phone = house.applicant()
    guide = phone.call("GET", f"/service-items/{item}").json or {}
    case = phone.begin(item)
    assert case.call("PATCH", "", {"answers": guide["example"]}).status_code == 200
    for material in guide["materials"]:
        if material["mode"] == "required":
            assert upload(phone, case.id, files.jpeg(), material=material["code"]).status_code == 201
    answer = case.call("POST", "/submission")
    assert answer.status_code == 200, answer.text
    return Case(phone, case.id, (answer.json or {})["number"])


def announced(house: House, item: str = "family-award") -> tuple[Case, dict[str, Any]]:
    """A case whose village approved it, in the first day of its notice."""
    case = handed_in(house, item)
    answer = house.decide("cun", case.number, "approve")
    assert answer.status_code == 200, answer.text
    notice = (answer.json or {})["notice"]
    to(house, f"{notice['opens_on']}T10:00:00+08:00")
    return case, notice


def to(house: House, moment: str) -> None:
    house.runtime.clock.set(datetime.fromisoformat(moment).astimezone(UTC))  # type: ignore[attr-defined]


def run_out(house: House, case: Case) -> None:
    """The days of the notice pass, and the relay comes by."""
    last = datetime.fromisoformat(f"{case.seen()['notice']['closes_on']}T23:59:00+08:00").timestamp()
    house.runtime.clock.set(datetime.fromtimestamp(last + 9 * 3600, UTC))  # type: ignore[attr-defined]
    notices.conclude(house.runtime)


def read(house: House, path: str, **options: Any) -> Any:
    return house.visitor().call("GET", path, **options)


@pytest.mark.parametrize("item", list(DECISIONS))
def test_an_item_goes_from_the_phone_to_its_result(house: House, item: str) -> None:
    case = handed_in(house, item)
    for username, announces in DECISIONS[item].items():
        answer = house.decide(username, case.number, "approve")
        assert answer.status_code == 200, answer.text
        if announces:
            seen = case.seen()
            assert (seen["status"], seen["status_label"], seen["allowed_actions"]) == (
                "in_notice",
                "公示中",
                ["withdraw"],
            )
            assert [step["until"] for step in seen["steps"] if step["state"] == "now"] == [seen["notice"]["closes_on"]]
            early = house.clerk("xian").call("POST", f"/staff/applications/{case.number}/claim")
            assert (problem(early), (early.json or {})["until"]) == ((409, "in_notice"), seen["notice"]["closes_on"])
            run_out(house, case)
    assert case.seen()["status"] == "approved"


def test_the_list_says_no_more_than_it_may(house: House) -> None:
    case, notice = announced(house)
    for region in ("370402", "370402001", TOWN, VILLAGE):
        answer = read(house, f"/public-notices?region={region}&limit=100")
        mine = [one for one in (answer.json or {})["items"] if one["id"] == notice["id"]]
        assert (mine[0]["holder_masked"], mine[0]["amount"]) == ("王*", {"yuan": 960, "period": "year"})
        assert answer.headers["X-Robots-Tag"].startswith("noindex")
        assert [word for word in ("王㐂", case.number, "family-award", "1960") if word in answer.text] == []
    english = read(house, f"/public-notices/{notice['id']}", headers={"Accept-Language": "en"})
    assert (english.json or {})["title"].startswith("Award for rural")


def test_pages_of_the_list_meet_every_notice_once(house: House) -> None:
    wanted = {announced(house)[1]["id"] for _ in range(3)}
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        body = read(house, f"/public-notices?region={TOWN}&limit=1{cursor}").json or {}
        seen += [one["id"] for one in body["items"]]
        cursor = f"&cursor={body['next_cursor']}" if body["next_cursor"] else None  # type: ignore[assignment]
    assert wanted <= set(seen)
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422),
        ("?region=1", 422),
        ("?region=999999", 422),
        ("?region=370402&cursor=x", 422),
        ("?region=370402&limit=0", 422),
    ],
)
def test_a_query_that_is_none_is_refused(house: House, query: str, status: int) -> None:
    assert read(house, f"/public-notices{query}").status_code == status


def test_an_objection_needs_no_name_and_the_same_key_makes_one(house: House) -> None:
    _, notice = announced(house)
    path = f"/public-notices/{notice['id']}/objections"
    visitor, headers = house.visitor(), {"Idempotency-Key": "abc"}
    answers = [visitor.call("POST", path, {"text": TEXT}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    codes = {(answer.json or {})["code"] for answer in answers}
    assert len(codes) == 1
    other = visitor.call("POST", path, {"text": "说了别的话。"}, headers=headers)
    assert problem(other) == (422, "idempotency_mismatch")
    told = visitor.call("POST", "/objections/progress", {"code": codes.pop()})
    assert (told.json or {})["status"] == "waiting"
    assert problem(visitor.call("POST", "/objections/progress", {"code": "2" * 12})) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_input"),
        ({"text": "   "}, "invalid_input"),
        ({"text": "短"}, "invalid_input"),
        ({"text": "字" * 1001}, "invalid_input"),
        ({"text": TEXT, "phone": "1"}, "invalid_input"),
        ({"text": 5}, "invalid_input"),
        ({"text": "他\u200b不住在村里了"}, "invalid_input"),
        ({"text": f"证件 {id_number(4)}"}, "third_party"),
    ],
)
def test_what_strangers_send_is_refused_in_words(house: House, body: dict[str, Any], code: str) -> None:
    _, notice = announced(house)
    answer = house.visitor().call("POST", f"/public-notices/{notice['id']}/objections", body)
    assert problem(answer) == (422, code)
    assert id_number(4) not in answer.text


def test_a_dismissed_objection_lets_the_case_go_on(house: House) -> None:
    case, notice = announced(house)
    code = objected(house.visitor(), notice)
    listed = house.clerk("cun").call("GET", "/staff/notices").json or {}
    objection = next(one for one in listed["objections"] if one["number"] == case.number)
    opened = house.clerk("cun").call("GET", f"/staff/objections/{objection['id']}").json or {}
    assert (opened["text"], opened["allowed_actions"]) == (TEXT, ["answer"])
    seen = house.clerk("cun").call("GET", f"/staff/applications/{case.number}").json or {}
    assert "answer_objection" in seen["allowed_actions"]
    answer = house.clerk("cun").call(
        "POST", f"/staff/objections/{objection['id']}/answer", {"upheld": False, "answer": "入户核实过，仍住在村里。"}
    )
    assert (answer.status_code, (answer.json or {})["upheld"]) == (200, False)
    told = house.visitor().call("POST", "/objections/progress", {"code": code}).json or {}
    assert (told["status"], told["answer"]) == ("dismissed", "入户核实过，仍住在村里。")
    run_out(house, case)
    assert case.seen()["owner"]["office"] == "中心街街道办事处"


def objected(visitor: Phone, notice: dict[str, Any]) -> str:
    answer = visitor.call("POST", f"/public-notices/{notice['id']}/objections", {"text": TEXT})
    assert answer.status_code == 201, answer.text
    return str((answer.json or {})["code"])


def test_after_the_end_the_answer_is_gone(house: House) -> None:
    case, notice = announced(house)
    run_out(house, case)
    for method, rest, body in (("GET", "", None), ("POST", "/objections", {"text": TEXT})):
        answer = house.visitor().call(method, f"/public-notices/{notice['id']}{rest}", body)
        assert problem(answer) in ((410, "notice_ended"), (409, "notice_over"))
        assert "王*" not in answer.text
    assert problem(read(house, "/public-notices/0000000000000")) == (404, "not_found")


def test_staff_pages_are_for_staff(house: House) -> None:
    assert read(house, "/staff/notices").status_code == 401
    assert house.applicant().call("GET", "/staff/notices").status_code == 401
    assert house.clerk("admin").call("GET", "/staff/notices").status_code == 403
