"""How people are told, what was sent to them, and the inbox, as clients ask for it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from backend.kernel import ids
from backend.notifications import service
from backend.notifications.planning import Reach
from tests.api.desk import problem
from tests.api.house import House, Phone

PATH = "/me/notification-preferences"
PARAMS = {"service": "证明", "number": "YG2611-ABCDEF", "phone": "0632-12345", "due_on": date(2026, 12, 8)}
CASE = 7_000_000_001


@pytest.fixture
def phone(house: House) -> Phone:
    """Signed in with a number, nothing else."""
    return house.resident()


def me(phone: Phone) -> int:
    return ids.decode((phone.call("GET", "/me").json or {})["id"])


def tell(house: House, phone: Phone, event: str = "e1", case: int | None = CASE) -> int:
    at = house.runtime
    house.advance(timedelta(minutes=1))
    made = at.db.transact(
        service.tell,
        at.vault,
        resident_id=me(phone),
        template="correction_requested",
        event=event,
        params=PARAMS,
        application_id=case,
        application_number="YG2611-ABCDEF",
        reach=Reach(at.settings.base_url),
        now=at.clock(),
    )
    assert made is not None
    return int(made)


def get(phone: Phone, path: str, **options: Any) -> dict[str, Any]:
    answer = phone.call("GET", path, **options)
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def test_preferences_begin_with_the_defaults(phone: Phone) -> None:
    answer = phone.call("GET", PATH)
    found = answer.json or {}
    assert (answer.headers["ETag"], found["version"]) == ('"1"', 1)
    assert (found["quiet_from"], found["quiet_to"], found["stopped"], found["language"]) == (21, 8, False, "zh")
    assert found["reach"] == {"wechat": False, "sms": True}
    todo = next(kind for kind in found["kinds"] if kind["kind"] == "todo")
    assert todo["channels"] == todo["default"] == found["choices"]["todo"] == ["wechat", "sms"]
    assert (todo["label"], "sms" in todo["offered"]) == ("要您做的事", True)


def test_put_changes_what_is_named_and_the_version_guards_it(phone: Phone) -> None:
    answer = phone.call("PUT", PATH, {"choices": {"todo": ["sms"]}, "quiet_to": 9}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    found = answer.json or {}
    assert (found["choices"]["todo"], found["choices"]["result"]) == (["sms"], ["wechat", "sms"])
    stale = phone.call("PUT", PATH, {"stopped": True}, headers={"If-Match": '"1"'})
    assert problem(stale) == (412, "stale")
    assert get(phone, PATH)["stopped"] is False
    stopped = phone.call("PUT", PATH, {"stopped": True, "language": "en"}).json or {}
    assert (stopped["stopped"], bool(stopped["stopped_at"]), stopped["quiet_to"]) == (True, True, 9)
    assert get(phone, "/me")["language"] == "en"


def test_the_same_put_again_is_no_new_version(house: House, phone: Phone) -> None:
    bodies = [{"choices": {"todo": ["sms"]}, "quiet_from": 20}] * 3
    assert len({phone.call("PUT", PATH, body).headers["ETag"] for body in bodies}) <= 3
    assert get(phone, PATH)["choices"]["todo"] == ["sms"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"quiet_from": 22}, "quiet_from"),
        ({"quiet_to": 7}, "quiet_to"),
        ({"quiet_from": 24}, "quiet_from"),
        ({"quiet_from": 12, "quiet_to": 12}, "quiet_to"),
        ({"quiet_from": "21"}, "quiet_from"),
        ({"choices": {"security": []}}, "choices.security"),
        ({"choices": {"todo": ["pigeon"]}}, "choices.todo.0"),
        ({"choices": {"todo": ["sms", "sms", "sms"]}}, "choices.todo"),
        ({"choices": ["todo"]}, "choices"),
        ({"stopped": 1}, "stopped"),
        ({"language": "fr"}, "language"),
    ],
)
def test_wrong_choices_are_refused_in_words(phone: Phone, body: dict[str, Any], field: str) -> None:
    answer = phone.call("PUT", PATH, body)
    assert problem(answer)[0] == 422
    errors = (answer.json or {})["errors"]
    assert list(errors) == [field]
    assert all("一" <= text[0] <= "鿿" for text in errors[field])
    assert phone.call("GET", PATH).headers["ETag"] == '"1"'


def test_nobody_reads_or_changes_without_signing_in(house: House) -> None:
    visitor = house.visitor()
    for method, path in (("GET", PATH), ("PUT", PATH), ("GET", "/me/deliveries"), ("POST", "/me/messages/read")):
        assert problem(visitor.call(method, path, {} if method != "GET" else None))[0] == 401


def test_the_record_tells_what_was_sent_and_calls_off_what_waits(house: House, phone: Phone) -> None:
    message = tell(house, phone)
    [line] = get(phone, "/me/deliveries")["items"]
    assert (line["channel"], line["status"], line["status_label"]) == ("sms", "waiting", "等着发")
    assert (line["message_id"], line["allowed_actions"]) == (ids.encode(message), ["drop"])
    path = f"/me/deliveries/{line['id']}/cancellation"
    assert problem(house.resident().call("POST", path))[0] == 404
    for _ in range(2):
        assert phone.call("POST", path, headers={"Idempotency-Key": "k1"}).status_code == 204
    assert phone.call("POST", path).status_code == 204
    [line] = get(phone, "/me/deliveries")["items"]
    assert (line["status"], line["allowed_actions"]) == ("dropped", [])


def test_the_inbox_counts_filters_by_case_and_reads_all(house: House, phone: Phone) -> None:
    first, other = tell(house, phone), tell(house, phone, "e2", None)
    found = get(phone, "/me/messages")
    assert (found["unread"], [item["application_id"] for item in found["items"]]) == (2, [None, ids.encode(CASE)])
    one = get(phone, f"/me/messages?application={ids.encode(CASE)}")
    assert [item["id"] for item in one["items"]] == [ids.encode(first)]
    assert get(phone, f"/me/messages?application={'0' * 13}")["items"] == []
    assert problem(phone.call("GET", "/me/messages?application=x"))[0] == 422
    assert phone.call("POST", "/me/messages/read", {"until": ids.encode(first)}).status_code == 204
    assert get(phone, "/me/messages")["unread"] == 1
    assert phone.call("POST", "/me/messages/read").status_code == 204
    found = get(phone, "/me/messages")
    assert (found["unread"], found["items"][0]["id"], bool(found["items"][0]["read_at"])) == (
        0,
        ids.encode(other),
        True,
    )
