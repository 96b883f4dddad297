"""The investigators' desk over HTTP: locked and open, said and done once, out of reach for everybody else."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from backend.models.staff import Staff
from backend.models.tip import Investigator, Tip, Used
from backend.tips import lines
from tests import tipping
from tests.api.desk import Desk, problem
from tests.api.house import House
from tests.statements import said

UNLOCK = {"passphrase": "Demo-Unlock-2026!"}


@dataclass
class Case:
    """A released tip before the demo's investigator, who has it open."""

    house: House
    desk: Desk
    code: str
    id: str

    def call(self, method: str, path: str = "", body: Any = None, **options: Any) -> TestResponse:
        return self.desk.call(method, f"/staff/tips/{self.id}{path}", body, **options)

    def seen(self) -> dict[str, Any]:
        answer = self.call("GET")
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def inbox(self) -> dict[str, Any]:
        answer = tipping.call(self.house.app, "POST", "/inbox", {"receipt_code": self.code})
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})


def fresh(house: House, username: str = "hecha") -> Desk:
    """The same person on another program."""
    desk = Desk(house.app)
    desk.token = (desk.staff(username).json or {})["access_token"]
    return desk


@pytest.fixture
def case(house: House) -> Case:
    tips = house.runtime.tips
    with tips.db.reading() as session:
        before = set(session.scalars(select(Tip.id)))
    code = tipping.filed(house.app, target=tipping.TARGET | {"name": f"诊所{uuid.uuid4().hex[:6]}"})["receipt_code"]
    with tips.db.reading() as session:
        [tip_id] = set(session.scalars(select(Tip.id))) - before
    release = update(Tip).where(Tip.id == tip_id).values(released_on=tips.today)
    tips.db.transact(lambda session: session.execute(release))
    desk = fresh(house)
    assert desk.call("POST", "/staff/tips/unlock", UNLOCK).status_code == 200
    return Case(house, desk, code, tip_id)


def test_tip_is_asked_about_and_concluded_over_the_api(case: Case) -> None:
    assert case.seen()["acknowledged_on"] is not None
    asked = case.call("POST", "/messages", {"text": "请问是哪一层？", "ask": True})
    assert (asked.status_code, (asked.json or {})["status"]) == (201, "need_more")
    inbox = case.inbox()
    assert (inbox["status"], inbox["messages"][-1]["text"]) == ("need_more", "请问是哪一层？")
    done = case.call("POST", "/moves", {"move": "substantiate", "note": "现场查获", "tell": "查实了"})
    assert (done.status_code, (done.json or {})["allowed_actions"]) == (200, ["close", "reopen"])
    assert [one["kind"] for one in (done.json or {})["messages"]] == ["report", "message", "finding", "message"]
    assert "现场查获" not in str(case.inbox())


def test_log_says_who_did_what_on_which_day(case: Case) -> None:
    case.seen()
    case.call("POST", "/moves", {"move": "verify"})
    items = (case.call("GET", "/log").json or {})["items"]
    assert [(one["act"], one["name"]) for one in items] == [("opened", "举报核查岗"), ("verify", "举报核查岗")]
    assert set(items[0]) == {"day", "act", "name", "post", "entry_id"}


def test_old_version_gets_409_and_nothing_is_done(case: Case) -> None:
    version = case.seen()["version"]
    assert case.call("POST", "/moves", {"move": "verify", "version": version}).status_code == 200
    for path, body in (("/moves", {"move": "close"}), ("/messages", {"text": "在吗"}), ("/merge", {"into": None})):
        assert problem(case.call("POST", path, {**body, "version": version})) == (409, "changed_meanwhile")
    assert (case.seen()["status"], len(case.inbox()["messages"])) == ("verifying", 1)


def test_same_key_is_carried_out_once(case: Case) -> None:
    for _ in range(3):
        headers = {"Idempotency-Key": "one-tap"}
        assert case.call("POST", "/messages", {"text": "我们在查"}, headers=headers).status_code == 201
        assert case.call("POST", "/moves", {"move": "verify"}, headers=headers).status_code == 200
    assert len(case.inbox()["messages"]) == 2


@pytest.mark.parametrize("path", ["/messages", "/transfers"])
def test_key_of_other_words_is_refused_and_nothing_of_them_is_kept_for_long(case: Case, path: str) -> None:
    words = {"text": "我们在查"} if path == "/messages" else {"to": "police", "office": "公安分局"}
    others = {name: f"{value}了" if name in ("text", "office") else value for name, value in words.items()}
    headers = {"Idempotency-Key": "one-key"}
    with case.house.runtime.tips.db.reading() as session:
        before = set(session.scalars(select(Used.digest)))
    first = case.call("POST", path, words, headers=headers)
    assert first.status_code == 201, first.text
    assert problem(case.call("POST", path, others, headers=headers)) == (422, "idempotency_mismatch")
    again = case.call("POST", path, words, headers=headers)
    assert again.status_code == 201
    with case.house.runtime.tips.db.reading() as session:
        fresh_ones = session.scalars(select(Used).where(Used.digest.not_in(before))).all()
    assert [one.day for one in fresh_ones] == [case.house.runtime.tips.today]  # gone with its key (``days.forget``)


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/messages", {"text": ""}, 422),
        ("/messages", {"text": "x" * 2001}, 422),
        ("/messages", {"text": "孕妇王小红是谁"}, 422),
        ("/messages", {"text": "好", "ask": "yes"}, 422),
        ("/messages", {"text": "好", "to": "someone"}, 422),
        ("/moves", {"move": "transfer"}, 422),
        ("/moves", {"move": "answer"}, 422),
        ("/moves", {}, 422),
        ("/moves", {"move": "reopen"}, 409),
        ("/moves", {"move": "verify", "version": True}, 422),
        ("/merge", {}, 422),
        ("/merge", {"into": "x"}, 422),
        ("/merge", {"into": "f" * 32}, 404),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(case: Case, path: str, body: dict[str, Any], expected: int) -> None:
    answer = case.call("POST", path, body)
    assert answer.status_code == expected, answer.text
    assert (case.seen()["status"], len(case.inbox()["messages"])) == ("received", 1)


def test_nothing_opens_while_locked(house: House, case: Case) -> None:
    locked = fresh(house)
    for method, path, body in [
        ("GET", "", None),
        ("GET", "/log", None),
        ("POST", "/messages", {"text": "在吗"}),
        ("POST", "/moves", {"move": "verify"}),
        ("POST", "/merge", {"into": None}),
    ]:
        assert problem(locked.call(method, f"/staff/tips/{case.id}{path}", body)) == (423, "tips_locked")
    assert problem(locked.call("GET", "/staff/tips/patterns")) == (423, "tips_locked")
    assert case.desk.call("POST", "/staff/tips/lock").status_code == 204
    assert problem(case.call("GET")) == (423, "tips_locked")


def test_other_posts_and_strangers_reach_no_tip(house: House, case: Case) -> None:
    for username in ("cun", "zhen", "xian", "zhan", "admin"):
        desk = house.clerk(username)
        assert desk.call("GET", "/staff/tips").status_code == 403
        assert desk.call("GET", f"/staff/tips/{case.id}").status_code == 403
    assert Desk(house.app).call("GET", "/staff/tips").status_code == 401


@pytest.mark.parametrize("change", [{"active": False}, {"role": "reviewer"}, {"region": "370402001000"}])
def test_whoever_is_moved_or_disabled_loses_access_at_once(house: House, case: Case, change: dict[str, Any]) -> None:
    def put(**values: Any) -> None:
        statement = update(Staff).where(Staff.username == "hecha").values(**values)
        house.runtime.db.transact(lambda session: session.execute(statement))

    put(**change)
    try:
        assert case.call("GET").status_code in (401, 403, 423)
        assert case.call("POST", "/messages", {"text": "在吗"}).status_code in (401, 403, 423)
        again = case.desk.call("POST", "/staff/tips/unlock", UNLOCK)
        assert again.status_code in (401, 403), again.text
        listed = case.desk.call("GET", "/staff/tips")
        assert listed.status_code in (401, 403) or (listed.json or {})["items"] == []
    finally:
        put(active=True, role="investigator", region="370402000000")


def test_key_that_is_ended_opens_nothing_more(house: House, case: Case) -> None:
    tips = house.runtime.tips
    statement = update(Investigator).values(status="ended")
    tips.db.transact(lambda session: session.execute(statement))
    try:
        assert problem(case.call("GET")) == (423, "tips_locked")
        assert case.desk.call("POST", "/staff/tips/unlock", UNLOCK).status_code == 403
        assert (case.desk.call("GET", "/staff/tips").json or {})["items"] == []
    finally:
        tips.db.transact(lambda session: session.execute(statement.values(status="active")))


def test_tips_about_one_target_are_merged_and_counted(house: House, case: Case) -> None:
    name = case.seen()["report"]["target"]["name"]
    second = tipping.filed(house.app, target=tipping.TARGET | {"name": name}, text="门口有人拉客")["receipt_code"]
    tips = house.runtime.tips
    waiting = update(Tip).where(Tip.released_on.is_(None)).values(released_on=tips.today)
    tips.db.transact(lambda session: session.execute(waiting))
    [other] = case.seen()["same_target"]
    merged = case.desk.call("POST", f"/staff/tips/{other['id']}/merge", {"into": case.id})
    assert (merged.json or {})["merged_into"] == case.id
    case.call("POST", "/moves", {"move": "verify"})
    found = tipping.call(house.app, "POST", "/inbox", {"receipt_code": second}).json
    assert found["status"] == case.inbox()["status"] == "verifying"
    patterns = (case.desk.call("GET", "/staff/tips/patterns").json or {})["items"]
    [pattern] = [one for one in patterns if one["target"]["name"] == name]
    assert (pattern["tips"], pattern["months"], pattern["outcomes"]) == (2, 1, {"verifying": 2})


@pytest.mark.parametrize("view", lines.VIEWS)
def test_list_is_cut_by_view_and_status_and_paged(case: Case, view: str) -> None:
    found = case.desk.call("GET", f"/staff/tips?view={view}&limit=100").json or {}
    assert (case.id in {one["id"] for one in found["items"]}) is (view in ("open", "all"))
    assert case.desk.call("GET", "/staff/tips?view=x").status_code == 422
    other = case.desk.call("GET", "/staff/tips?status=closed&limit=100").json or {}
    assert case.id not in {one["id"] for one in other["items"]}


def test_unlocked_list_takes_four_statements(case: Case) -> None:
    case.desk.call("GET", "/staff/tips")
    with said() as asked:
        assert (case.desk.call("GET", "/staff/tips").json or {})["locked"] is False
    assert len(asked) <= 4, asked
