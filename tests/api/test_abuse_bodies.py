"""What clients send as JSON, to every operation that reads JSON."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests import tipping
from tests.api.desk import problem
from tests.api.house import House, Phone
from tests.people import VILLAGE, id_number

RARE = "𠮷㐂䶮 👩🏽‍⚕️"
JSON = "application/json"
#: What only station nurses may do.
NURSES = re.compile(r"/api/v1/staff/(stations|bookings|check-ins|results|follow-ups)\b")
#: What only investigators may do; their rows have ids of 32 digits.
INVESTIGATORS = re.compile(r"/api/v1/staff/tip")
#: What the holder of an opened mailbox may do.
HOLDERS = re.compile(r"/api/v1/tips/(?!inbox\b)")
BODIES: dict[str, tuple[bytes, str, int]] = {
    "malformed": (b'{"a":', JSON, 400),
    "text": (b'{"a":1}', "text/plain", 415),
    "no-type": (b'{"a":1}', "", 415),
    "array": (b"[]", JSON, 422),
    "null": (b"null", JSON, 422),
    "word": (b'"x"', JSON, 422),
    "deep-array": (b"[" * 90_000, JSON, 400),
    "deep-object": (b'{"a":' * 90_000, JSON, 400),
    "closed-deep": (b"[" * 90_000 + b"]" * 90_000, JSON, 400),
    "nan": (b'{"a":NaN}', JSON, 422),
    "infinity": (b'{"a":-Infinity}', JSON, 422),
    "float-overflow": (b'{"a":1e999}', JSON, 422),
    "long-integer": (b'{"a":' + b"9" * 5000 + b"}", JSON, 422),
    "nul": (b'{"a":"x\\u0000y"}', JSON, 422),
    "raw-nul": (b'{"a":"x\x00y"}', JSON, 400),
    "surrogate": (b'{"a":"\\ud800"}', JSON, 422),
    "surrogate-key": (b'{"\\udfff":1}', JSON, 422),
    "twice": (b'{"a":1,"a":1}', JSON, 400),
    "gbk": ('{"a":"号"}'.encode("gbk"), JSON, 400),
    "utf16": ('{"a":1}'.encode("utf-16"), JSON, 400),
    "bom": (b'\xef\xbb\xbf{"a":1}', JSON, 400),
    "unknown": (b'{"no_such_field":1}', JSON, 422),
    "megabyte": (b'{"a":"' + b"x" * 2**20 + b'"}', JSON, 422),
}
#: An object that brings no work along.
NO_WORK = ("unknown", "megabyte")


def operations(house: House) -> list[tuple[str, str, str]]:
    """Method, path and kind of caller of every operation with a JSON body."""
    document: dict[str, Any] = house.app.test_client().get("/api/v1/openapi.json").json or {}
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters" and JSON in operation.get("requestBody", {}).get("content", {}):
                kind = next(iter(operation["security"][0])) if operation["security"] else "anyone"
                kind = "admin" if "/admin/" in path else "nurse" if NURSES.match(path) else kind
                tips = bool(INVESTIGATORS.match(path))
                kind = "investigator" if tips else kind
                kind = "tip" if HOLDERS.match(path) else kind
                address = re.sub(r"\{\w+_id\}", "0" * (32 if tips else 13), path).replace("{year}", "2027")
                found.append((method.upper(), re.sub(r"\{\w+\}", "migrant-proof", address), kind))
    return found


@pytest.fixture(scope="module")
def callers(whole_house: House) -> dict[str, str]:
    """A token for each kind of caller; administration and stations have their own."""
    names = {"staff": "cun", "admin": "admin", "nurse": "zhan", "investigator": "hecha"}
    staff = {kind: whole_house.clerk(username).token for kind, username in names.items()}
    code = {"receipt_code": tipping.filed(whole_house.app)["receipt_code"]}
    mailbox = tipping.call(whole_house.app, "POST", "/inbox", code).json["token"]
    return {"resident": whole_house.resident().token, "anyone": "", "tip": mailbox} | staff


@pytest.mark.parametrize("name", list(BODIES))
def test_every_operation_refuses_a_body_that_is_not_what_it_asks_for(
    house: House, callers: dict[str, str], name: str
) -> None:
    data, mimetype, status = BODIES[name]
    seen = {}
    for method, path, kind in operations(house):
        headers = {"Authorization": f"Bearer {callers[kind]}"} if callers[kind] else {}
        headers |= {"Tip-Token": callers["tip"]} if kind == "tip" else {}
        answer = house.app.test_client(use_cookies=False).open(
            path, method=method, data=data, content_type=mimetype, headers=headers
        )
        seen[method, path] = problem(answer)[0]
        assert "xxxxx" not in answer.text
    # The sum that a report stands for is looked at before its content.
    assert seen == dict.fromkeys(seen, status) | ({("POST", "/api/v1/tips"): 403} if name in NO_WORK else {})
    assert len(seen) > 12


@pytest.fixture
def phone(house: House) -> Phone:
    return house.applicant()


def save(phone: Phone, **answers: Any) -> TestResponse:
    return phone.begin().call("PATCH", "", {"answers": answers})


@pytest.mark.parametrize("wrong", [True, 1.5, 1.0, "1.0", "一", [1], {"n": 1}, 10**18, -1, 0, 21])
def test_integer_answer_must_be_one_and_in_bounds(phone: Phone, wrong: object) -> None:
    answer = save(phone, has_children=True, children_count=wrong)
    assert problem(answer)[0] == 422
    assert list((answer.json or {})["errors"]) == ["children_count"]


@pytest.mark.parametrize("wrong", [1, True, ["x"], {"x": "y"}, "   ", "\u3000", "a\u200bb", "a\u202eb", "x" * 101])
def test_text_answer_must_be_words_people_can_see(phone: Phone, wrong: object) -> None:
    answer = save(phone, current_address=wrong)
    assert problem(answer)[0] == 422
    assert list((answer.json or {})["errors"]) == ["current_address"]


@pytest.mark.parametrize("wrong", ["2026-02-30", "1992-5-18", 19920518, "1992-05-18T00:00:00", "0000-00-00"])
def test_date_answer_must_be_a_day(phone: Phone, wrong: object) -> None:
    assert problem(save(phone, born_on=wrong))[0] == 422


def test_answers_typed_in_full_width_are_kept_in_one_form(phone: Phone) -> None:
    case = phone.begin()
    typed = {"born_on": "１９９２-05-18", "has_children": True, "children_count": "１２"}
    assert case.call("PATCH", "", {"answers": typed}).status_code == 200
    kept = case.seen()["answers"]
    assert (kept["born_on"], kept["children_count"]) == ("1992-05-18", 12)


def test_unknown_answer_and_option_are_refused_by_name(phone: Phone) -> None:
    answer = save(phone, no_such_question=1, marital_status="complicated")
    assert problem(answer)[0] == 422
    assert set((answer.json or {})["errors"]) >= {"marital_status"}


def test_rare_characters_and_emoji_are_kept_byte_equal(phone: Phone) -> None:
    case = phone.begin()
    assert case.call("PATCH", "", {"answers": {"current_address": RARE}}).status_code == 200
    assert case.seen()["answers"]["current_address"].encode() == RARE.encode()


def test_answers_may_be_taken_back_with_null(phone: Phone) -> None:
    case = phone.begin()
    case.call("PATCH", "", {"answers": {"current_address": "苏州"}})
    assert case.call("PATCH", "", {"answers": {"current_address": None}}).status_code == 200
    assert "current_address" not in case.seen()["answers"]


@pytest.mark.parametrize(
    "body",
    [
        {"service_item": "no-such-item", "region": VILLAGE},
        {"service_item": "migrant-proof", "region": "370402999999"},
        {"service_item": "migrant-proof", "region": "３７０４０２００１０１３"},
        {"service_item": "migrant-proof", "region": "370402000000"},
        {"service_item": "migrant-proof", "region": "370402' OR 1"},
        {"service_item": "childcare-subsidy-guide", "region": VILLAGE},
        {"service_item": "../../etc/passwd", "region": VILLAGE},
    ],
)
def test_wrong_region_or_item_is_refused(phone: Phone, body: dict[str, str]) -> None:
    assert problem(phone.call("POST", "/applications", body))[0] in (404, 409, 422)
    assert (phone.call("GET", "/applications").json or {})["items"] == []


@pytest.mark.parametrize("name", ["张\u202e三", "张\u200b三", "  ", "张3", "<b>", "张" * 51, "\u0301", "a\nb"])
def test_name_that_deceives_is_422(house: House, name: str) -> None:
    body = {"name": name, "id_type": "resident_id", "id_number": id_number(5)}
    answer = house.resident().call("PUT", "/me/identity", body)
    assert problem(answer)[0] == 422
    assert list((answer.json or {})["errors"]) == ["name"]
    assert id_number(5) not in answer.text


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", f"limit={10**20}", "limit=１２３", "limit=", "limit=1&limit=2"]
)
@pytest.mark.parametrize("path", ["/applications", "/me/messages", "/certificates", "/service-items", "/regions"])
def test_limit_out_of_bounds_or_twice_is_422(phone: Phone, path: str, query: str) -> None:
    assert problem(phone.call("GET", f"{path}?{query}"))[0] == 422


@pytest.mark.parametrize("cursor", ["x", "' OR 1=1", "9" * 200, "９", "AAAA", "eyJhIjoxfQ"])
@pytest.mark.parametrize("path", ["/applications", "/me/messages", "/certificates", "/service-items"])
def test_foreign_cursor_is_422(phone: Phone, path: str, cursor: str) -> None:
    assert problem(phone.call("GET", path, query_string={"cursor": cursor}))[0] == 422


@pytest.mark.parametrize("word", ["%", "_", "\\", "婚_", "%育"])
def test_search_takes_wildcards_literally(house: House, word: str) -> None:
    found = house.visitor().call("GET", "/service-items", query_string={"q": word})
    assert (found.status_code, (found.json or {})["items"]) == (200, [])


@pytest.mark.parametrize(
    "path", ["/applications/１", "/applications/1", "/applications/-1", "/service-items/１", "/me/exports/１"]
)
def test_address_that_is_none_of_ours_is_404(phone: Phone, path: str) -> None:
    assert problem(phone.call("GET", path))[0] == 404


def test_query_of_8_kib_is_414(house: House) -> None:
    assert problem(house.visitor().call("GET", f"/service-items?q={'x' * 8200}")) == (414, "uri_too_long")


@pytest.mark.parametrize("path", ["/me/identity", "/auth/sms", "/applications"])
def test_errors_never_echo_what_was_typed(house: House, path: str) -> None:
    phone, number = house.resident(), id_number(77)
    body = {"name": number, "id_type": number, "id_number": number + "9", "mobile": "1380000777712", "code": number}
    method = "PUT" if path == "/me/identity" else "POST"
    answer = phone.call(method, path, body)
    assert problem(answer)[0] == 422
    assert number not in answer.text
    assert "13800007777" not in answer.text


def test_refusals_come_in_english_when_asked(house: House) -> None:
    answer = house.visitor().call("POST", "/auth/sms-codes", {"mobile": "1"}, headers={"Accept-Language": "en"})
    assert (answer.json or {})["title"].isascii()
