"""Results and follow-ups over HTTP: who gets in, what is told, and that staff read no more than was sent to them."""

from __future__ import annotations

import io
import itertools
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from backend.accounts import codes, queries
from backend.kernel.clock import system_clock, today
from backend.models.session import AuthSession, SmsCode
from tests import files
from tests.api.desk import Desk, problem
from tests.api.house import House, Phone
from tests.api.test_staff_bookings import OTHER, slot, to_the_day

#: 20 seats each; the house is shared with other tests.
DAYS = itertools.cycle(("2026-12-10", "2026-12-14", "2026-12-15"))
FORM = {"content_type": "multipart/form-data"}


class Couple:
    """Two phones whose owners were checked together; ``id`` of the booking."""

    def __init__(self, house: House) -> None:
        self.house, self.nurse = house, house.clerk("zhan")
        self.he, self.she = house.applicant("王㐂"), house.applicant("李䶮")
        code = (self.he.call("POST", "/me/partner-invitations").json or {})["code"]
        assert self.she.call("POST", f"/partner-invitations/{code}/acceptance").status_code == 200
        self.day = next(DAYS)
        wish = {"slot_id": slot(self.he, self.day, OTHER), "plan": "first", "partner": True}
        made = dict(self.he.call("POST", "/bookings", wish).json or {})
        self.id = made["id"]
        seen = self.he.call("POST", f"/bookings/{self.id}/confirmation")
        self.code = (seen.json or {})["code"]

    def been(self) -> Couple:
        to_the_day(self.house, self.day)
        assert self.nurse.call("POST", f"/staff/bookings/{self.id}/check-in").status_code == 200
        assert self.nurse.call("POST", f"/staff/bookings/{self.id}/completion", {}).status_code == 200
        return self

    def upload(
        self,
        whose: str = "booker",
        risk: str = "consult",
        *,
        letter: bytes = b"",
        by: Desk | None = None,
        **options: Any,
    ) -> TestResponse:
        data: dict[str, Any] = {"whose": whose, "risk": risk}
        if letter:
            data["file"] = (io.BytesIO(letter), "王㐂.pdf")
        return (by or self.nurse).call("POST", f"/staff/bookings/{self.id}/results", data=data, **FORM, **options)

    def read(self, phone: Phone, rest: str = "", **options: Any) -> TestResponse:
        return phone.call("GET", f"/bookings/{self.id}/result{rest}", **options)


@pytest.fixture
def couple(house: House) -> Couple:
    return Couple(house).been()


def step(phone: Phone) -> None:
    """A fresh code, given on this session."""
    assert phone.call("POST", "/me/second-step/codes").status_code == 202
    answer = phone.call("POST", "/me/second-step", {"code": newest(phone)})
    assert answer.status_code == 204, answer.text


def newest(phone: Phone) -> str:
    at = phone.runtime
    with at.db.reading() as session:
        theirs = codes.index(at.vault, phone.mobile, codes.SECOND_STEP)
        waiting = select(SmsCode.id).where(SmsCode.mobile_index == theirs, SmsCode.closed_at.is_(None))
        found = queries.sms_code(session, at.vault, session.scalars(waiting).one(), at.clock())
    assert found is not None
    return found[1]


def test_a_result_is_read_by_one_person_after_the_second_step(couple: Couple) -> None:
    assert problem(couple.read(couple.he)) == (404, "no_result")
    made = couple.upload(letter=files.pdf())
    assert made.status_code == 201
    assert (made.json or {})["people"][0] == {
        "whose": "booker", "name_masked": "王*", "online": True, "uploaded": True,
    }  # fmt: skip
    assert problem(couple.read(couple.he)) == (403, "second_step_required")
    assert problem(couple.read(couple.he, "/letter.pdf")) == (403, "second_step_required")
    step(couple.he)
    found = dict(couple.read(couple.he).json or {})
    assert (found["ready"], found["risk"], found["risk_label"]) == (True, "consult", "建议再和医生聊一聊")
    letter = couple.read(couple.he, "/letter.pdf")
    assert (letter.mimetype, letter.data[:4]) == ("application/pdf", b"%PDF")
    assert (letter.headers["Cache-Control"], "王" in letter.headers["Content-Disposition"]) == ("no-store", False)


def test_the_partner_a_stranger_and_staff_get_nothing(house: House, couple: Couple) -> None:
    couple.upload(letter=files.pdf())
    step(couple.she)
    stranger = house.resident()
    for rest in ("", "/letter.pdf"):
        assert problem(couple.read(couple.she, rest)) == (404, "no_result")
        assert problem(couple.read(stranger, rest)) == (404, "not_found")
        path = f"/bookings/{couple.id}/result{rest}"
        assert problem(couple.nurse.call("GET", path))[0] == 401
    assert problem(couple.she.call("DELETE", f"/bookings/{couple.id}/result"))[0] == 404


def test_the_step_lasts_a_quarter_of_an_hour_and_is_of_one_session(couple: Couple) -> None:
    couple.upload()
    step(couple.he)
    other = Phone(couple.he.app, couple.he.serial)
    other.sign_in(other.mobile)
    assert problem(couple.read(other)) == (403, "second_step_required")
    assert couple.read(couple.he).status_code == 200
    old = update(AuthSession).values(second_step_at=system_clock() - timedelta(minutes=15))
    couple.house.runtime.db.transact(lambda session: session.execute(old))
    assert problem(couple.read(couple.he)) == (403, "second_step_required")


def test_a_sign_in_code_is_no_second_step_and_a_wrong_one_keeps_the_session(couple: Couple) -> None:
    for code in (couple.he.code(), "000000"):
        assert problem(couple.he.call("POST", "/me/second-step", {"code": code})) == (422, "wrong_code")
    for body in ({}, {"code": "12345"}, {"code": 123456}, {"code": "123456", "x": 1}):
        assert problem(couple.he.call("POST", "/me/second-step", body))[0] == 422
    assert couple.he.call("GET", "/me").status_code == 200


def test_erased_is_gone_and_the_nurse_learns_nothing(couple: Couple) -> None:
    couple.upload(letter=files.pdf())
    path = f"/bookings/{couple.id}/result"
    assert problem(couple.he.call("DELETE", path)) == (403, "second_step_required")
    step(couple.he)
    assert couple.he.call("DELETE", path).status_code == 204
    assert problem(couple.read(couple.he)) == (404, "no_result")
    assert problem(couple.he.call("DELETE", path)) == (404, "no_result")
    sheet = couple.nurse.call("GET", f"/staff/results?code={couple.code.lower()}").json or {}
    assert sheet["people"][0]["uploaded"] is True


def test_without_consent_the_nurse_is_told_to_use_paper(couple: Couple) -> None:
    assert couple.she.call("DELETE", "/me/consents/health").status_code == 204
    answer = couple.upload("partner")
    assert problem(answer) == (409, "on_paper")
    assert "当面交给本人" in (answer.json or {})["title"]
    assert couple.upload("booker").status_code == 201


def test_bad_forms_and_wrong_hands_are_refused(house: House, couple: Couple) -> None:
    assert problem(couple.upload("", "")) == (422, "invalid_input")
    assert problem(couple.upload(risk="dead")) == (422, "invalid_input")
    assert problem(couple.upload(letter=files.jpeg())) == (415, "file_type")
    assert problem(couple.upload(letter=b"%PDF-1.7\nnothing")) == (422, "file_rejected")
    assert problem(couple.nurse.call("POST", f"/staff/bookings/{couple.id}/results", {"whose": "booker"}))[0] == 400
    assert problem(couple.upload(by=house.clerk("xian"))) == (403, "forbidden")
    assert problem(couple.upload(by=couple.he))[0] == 401
    assert problem(couple.read(couple.he))[1] == "no_result"


def test_the_same_upload_twice_is_one(couple: Couple) -> None:
    headers = {"Idempotency-Key": f"result-{couple.id}"}
    for _ in range(2):
        assert couple.upload(letter=files.pdf(), headers=headers).status_code == 201
    other = couple.upload(risk="general", letter=files.pdf(), headers=headers)
    assert problem(other) == (422, "idempotency_mismatch")


def test_a_visit_that_has_not_begun_cannot_be_looked_up(house: House) -> None:
    there = Couple(house)
    unknown = problem(there.nurse.call("GET", "/staff/results?code=ABCD2345"))
    assert unknown == problem(there.nurse.call("GET", f"/staff/results?code={there.code}")) == (404, "not_found")
    assert problem(there.upload())[0] == 404


def ask(couple: Couple, **days: int) -> list[dict[str, Any]]:
    on = today(couple.house.runtime.clock())
    items = [{"kind": kind, "ask_on": str(on + timedelta(days=more))} for kind, more in days.items()]
    answer = couple.she.call("PUT", f"/bookings/{couple.id}/follow-ups", {"items": items})
    assert answer.status_code == 200, answer.text
    return list((answer.json or {})["items"])


def test_she_asks_to_be_asked_answers_and_the_nurse_reads_only_that(couple: Couple) -> None:
    first = today(couple.house.runtime.clock()) - timedelta(days=30)
    proposed = couple.she.call("POST", "/me/follow-ups/proposals", {"first_day": str(first)}).json or {}
    assert [one["kind"] for one in proposed["items"]] == ["early", "outcome"]
    early, outcome = ask(couple, early=0, outcome=300)
    assert (early["open"], outcome["open"]) == (True, False)
    assert couple.he.call("GET", "/me/follow-ups").json == {"items": []}
    path = f"/me/follow-ups/{early['id']}/answer"
    assert problem(couple.he.call("POST", path, {"answers": {"how": "well"}}))[0] == 404
    assert problem(couple.she.call("POST", path, {"answers": {"how": "x"}}))[0] == 422
    assert couple.she.call("POST", path, {"answers": {"how": "worried"}}).status_code == 204
    page = couple.nurse.call("GET", "/staff/follow-ups?limit=1").json or {}
    sent = page["items"][0]
    assert sent["answers"] == [{"question": "您现在怎么样？", "answer": "怀上了，有些担心"}]
    assert (sent["name"], sent["contact"], sent["seen"]) == ("", "", False)
    assert couple.nurse.call("POST", f"/staff/follow-ups/{sent['id']}/seen").status_code == 204
    assert couple.she.call("DELETE", "/me/follow-ups").status_code == 204
    assert couple.she.call("GET", "/me/follow-ups").json == {"items": []}


def test_stopping_needs_no_login_and_answers_alike(house: House, couple: Couple) -> None:
    ask(couple, early=0)
    for word in ("x", "0" * 26):
        answer = house.visitor().call("POST", "/follow-ups/stop", {"word": word})
        assert (answer.status_code, answer.data) == (204, b"")
    assert len((couple.she.call("GET", "/me/follow-ups").json or {})["items"]) == 1


def test_bad_days_and_twice_the_same_are_refused(couple: Couple) -> None:
    path = f"/bookings/{couple.id}/follow-ups"
    on = str(today(couple.house.runtime.clock()))
    for items in (
        [{"kind": "early", "ask_on": "2020-01-01"}],
        [{"kind": "early", "ask_on": on}, {"kind": "early", "ask_on": on}],
        [{"kind": "never", "ask_on": on}],
        [{"kind": "early"}],
    ):
        assert problem(couple.she.call("PUT", path, {"items": items}))[0] == 422
    assert problem(couple.she.call("POST", "/me/follow-ups/proposals", {"first_day": "2030-01-01"})) == (422, "bad_day")
    assert problem(couple.house.resident().call("PUT", path, {"items": []}))[0] == 404


def test_only_nurses_read_answers(house: House) -> None:
    for clerk in ("xian", "cun", "admin"):
        assert problem(house.clerk(clerk).call("GET", "/staff/follow-ups")) == (403, "forbidden")
    assert problem(house.resident().call("GET", "/staff/follow-ups"))[0] == 401
