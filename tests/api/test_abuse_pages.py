"""HTML in every text field is shown as text, to the person, to the office and on what is printed."""

from __future__ import annotations

from backend.kernel import ids
from tests.api.house import EXAMPLE, Case, House, Phone
from tests.h5.phone import Phone as Browser

TAG = "<img src=x onerror=alert(1)>\"'&amp;{{7*7}}"


def resident_id(house: House, phone: Phone) -> int:
    card = phone.call("GET", "/me").json or {}
    return int(ids.decode(card["id"]))


def test_markup_in_text_fields_is_text_on_every_page(house: House) -> None:
    phone = house.applicant()
    case = Case(phone, house.draft(phone).id)
    answers = {**EXAMPLE, "current_address": TAG, "purpose": "other", "purpose_other": TAG, "recipient": TAG[:60]}
    assert case.call("PATCH", "", {"answers": answers}).status_code == 200
    browser = Browser(house.app).enter(resident_id(house, phone))
    shown = [browser.page(f"/applications/{case.id}/{page}") for page in ("review", "steps/place", "steps/purpose")]
    number = (case.call("POST", "/submission").json or {})["number"]
    items = [{"target": "id_card", "reason": TAG}]
    assert house.decide("cun", number, "request_correction", note=TAG, items=items).status_code == 200
    shown += [browser.page(f"/applications/{case.id}{page}") for page in ("", "/correction", "/copy")]
    assert all("&lt;img src=x" in page for page in shown)
    assert not [page for page in shown if "<img src=x" in page]


def test_markup_is_no_name(house: House) -> None:
    body = {"name": TAG, "id_type": "passport", "id_number": "E12345678"}
    assert house.resident().call("PUT", "/me/identity", body).status_code == 422


def test_json_answers_cannot_be_read_as_a_page(house: House) -> None:
    case = house.resident().begin()
    assert case.call("PATCH", "", {"answers": {"current_address": TAG}}).status_code == 200
    answer = case.call("GET")
    assert answer.mimetype == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
