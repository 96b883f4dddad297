"""Rewards over HTTP: set by an investigator, found in the mailbox, claimed unseen, released by two, paid once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from backend.kernel import ids
from backend.kernel.clock import today
from backend.models.staff import Staff
from backend.models.tip import Investigator, Reward, Tip, TipEntry
from backend.tips import investigators, recipients
from tests import tipping
from tests.api.desk import Desk, problem
from tests.api.house import House

UNLOCK = "Demo-Unlock-2026!"
PAYEE = {"name": "张某", "bank": "某银行", "account": "6222000011112222"}


class Case:
    """A tip that was found true, its reporter and its investigator."""

    def __init__(self, house: House) -> None:
        self.house, self.app, self.tips = house, house.app, house.runtime.tips
        self.tips.db.transact(lambda session: session.execute(delete(Reward)))
        self.code = tipping.filed(house.app)["receipt_code"]
        self.entry = self.inbox()["messages"][0]["id"]
        with self.tips.db.reading() as session:
            self.id = session.scalars(select(TipEntry.tip_id).where(TipEntry.id == self.entry)).one()
        found = {"released_on": self.tips.today, "status": "substantiated", "received_on": self.tips.today}
        self.tips.db.transact(lambda session: session.execute(update(Tip).where(Tip.id == self.id).values(**found)))
        self.only()
        self.hecha = house.clerk("hecha")
        assert self.hecha.call("POST", "/staff/tips/unlock", {"passphrase": UNLOCK}).status_code == 200

    def only(self) -> None:
        """Others of the same day about the same target were not found true."""
        others = update(Tip).where(Tip.id != self.id).values(status="unsubstantiated")
        self.tips.db.transact(lambda session: session.execute(others))

    def inbox(self) -> dict[str, Any]:
        return dict(tipping.call(self.app, "POST", "/inbox", {"receipt_code": self.code}).json)

    def offer(self, amount: Any = 5000, **options: Any) -> Any:
        return self.hecha.call("POST", f"/staff/tips/{self.id}/reward", {"amount": amount}, **options)

    def claim(self, way: str = "counter", **more: Any) -> Any:
        token = self.inbox()["token"]
        return tipping.call(self.app, "POST", "/reward-claim", {"way": way, **more}, token=token)

    def claimed(self, way: str = "counter", **more: Any) -> str:
        """Set and claimed; the id in the ledger."""
        assert self.offer().status_code == 201
        answer = self.claim(way, **more)
        assert answer.status_code == 200, answer.text
        (line,) = self.hecha.call("GET", "/staff/tips/rewards").json["items"]
        return str(line["id"])

    def released(self, reward_id: str) -> None:
        """Signed by two, and its day has come."""
        for desk in (self.hecha, colleague(self.house)):
            answer = desk.call("POST", f"/staff/tips/rewards/{reward_id}/releases")
            assert answer.status_code == 200, answer.text
        assert answer.json["status"] == "released"
        due = {"pay_on": self.tips.today}
        self.tips.db.transact(lambda session: session.execute(update(Reward).values(**due)))


def colleague(house: House, username: str = "hecha2", duty: str = recipients.INVESTIGATE) -> Desk:
    """Another member of the staff with an active key (the way there is another test's)."""
    at, staff_id = house.runtime, ids.new_id(house.runtime.clock())
    with at.db.reading() as session:
        if session.scalar(select(Staff.id).where(Staff.username == username)):
            return house.clerk(username)
        first = session.scalars(select(Staff).where(Staff.username == "hecha")).one()
    copy = {column.key: getattr(first, column.key) for column in Staff.__table__.columns}
    at.db.transact(lambda session: session.add(Staff(**copy | {"id": staff_id, "username": username})))
    who = investigators.Staff(staff_id, first.name, first.post, first.region)
    key = investigators.new_key(UNLOCK)
    made = at.tips.db.transact(investigators.enrol, staff=who, key=key, duty=duty, day=today(at.clock()))
    active = update(Investigator).where(Investigator.id == made).values(status="active")
    at.tips.db.transact(lambda session: session.execute(active))
    return house.clerk(username)


@pytest.fixture
def case(house: House) -> Case:
    return Case(house)


def test_mailbox_without_a_reward_says_so(case: Case) -> None:
    assert case.inbox()["reward"] is None
    assert problem(case.claim()) == (409, "no_reward")


def test_reward_is_found_in_the_mailbox(case: Case) -> None:
    answer = case.offer()
    assert answer.status_code == 201, answer.text
    found = case.inbox()
    assert [one["kind"] for one in found["messages"]] == ["report"]
    reward = found["reward"]
    assert (reward["amount"], reward["status"], reward["way"]) == (5000, "offered", None)
    assert len(reward["claim_number"]) == 10
    assert len(reward["proof"]) == 12
    assert [one["way"] for one in reward["ways"]] == ["charity", "counter"]


def test_office_never_reads_number_or_proof_in_the_tip(case: Case) -> None:
    case.offer()
    reward, shown = case.inbox()["reward"], case.hecha.call("GET", f"/staff/tips/{case.id}").text
    assert "5000" in shown
    assert reward["claim_number"] not in shown
    assert reward["proof"] not in shown


@pytest.mark.parametrize("amount", [0, 150, -100, 10**7, "5000", True, None, 100.5])
def test_amount_that_is_wrong_is_refused(case: Case, amount: Any) -> None:
    assert case.offer(amount).status_code == 422


def test_second_reward_is_refused_and_the_same_request_is_not(case: Case) -> None:
    headers = {"Idempotency-Key": case.entry}
    assert [case.offer(headers=headers).status_code for _ in range(2)] == [201, 201]
    assert problem(case.offer()) == (409, "reward_offered")


def test_locked_desk_sets_no_reward(case: Case) -> None:
    assert case.hecha.call("POST", "/staff/tips/lock").status_code == 204
    assert problem(case.offer()) == (423, "tips_locked")


def test_claim_twice_is_one_line_of_the_ledger(case: Case) -> None:
    case.claimed()
    assert case.claim().json["status"] == "claimed"
    assert case.claim("charity").json["way"] == "charity"
    (line,) = case.hecha.call("GET", "/staff/tips/rewards").json["items"]
    assert (line["way"], line["amount"], line["released"], line["allowed_actions"]) == ("charity", 5000, 0, ["release"])
    assert line["month"].endswith("-01")


@pytest.mark.parametrize("body", [{}, {"way": "gold"}, {"way": "counter", "name": "x"}, {"way": "transfer"}])
def test_claim_that_is_wrong_is_refused(case: Case, body: dict[str, Any]) -> None:
    case.offer()
    answer = tipping.call(case.app, "POST", "/reward-claim", body, token=case.inbox()["token"])
    assert answer.status_code == 422


def test_claim_without_a_token_is_the_same_404(case: Case) -> None:
    case.offer()
    unknown = tipping.call(case.app, "POST", "/inbox", {"receipt_code": "0" * 28})
    answers = [tipping.call(case.app, "POST", "/reward-claim", {"way": "counter"}, token=t) for t in ("", "x.y", None)]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json["code"] for answer in answers} == {unknown.json["code"]}


def test_two_release_and_the_counter_pays_once(case: Case) -> None:
    reward_id = case.claimed()
    reward = case.inbox()["reward"]
    paper = {"claim_number": f"{reward['claim_number'][:5]} {reward['claim_number'][5:]}", "proof": reward["proof"]}
    assert problem(case.hecha.call("POST", "/staff/tips/rewards/payments", paper)) == (409, "not_allowed_now")
    case.released(reward_id)
    assert case.inbox()["reward"]["pay_on"] == case.tips.today.isoformat()
    wrong = paper | {"proof": "0" * 12}
    assert problem(case.hecha.call("POST", "/staff/tips/rewards/payments", wrong)) == (403, "wrong_proof")
    assert case.hecha.call("POST", f"/staff/tips/rewards/{reward_id}/payment").status_code == 403
    assert case.hecha.call("POST", "/staff/tips/rewards/payments", paper).json["status"] == "paid"
    assert problem(case.hecha.call("POST", "/staff/tips/rewards/payments", paper)) == (409, "already_paid")
    assert case.inbox()["reward"]["status"] == "paid"


def test_one_alone_releases_nothing(case: Case) -> None:
    reward_id = case.claimed()
    lines = [case.hecha.call("POST", f"/staff/tips/rewards/{reward_id}/releases").json for _ in range(2)]
    assert [(line["status"], line["released"], line["mine"]) for line in lines] == [("claimed", 1, True)] * 2
    assert problem(case.claim("charity")) == (409, "already_claimed")


def test_transfer_is_read_by_the_officer_alone(case: Case) -> None:
    officer = colleague(case.house, "jiangli", recipients.PAY)
    assert officer.call("POST", "/staff/tips/unlock", {"passphrase": UNLOCK}).status_code == 200
    assert officer.call("GET", f"/staff/tips/{case.id}").status_code == 404
    reward_id = case.claimed("transfer", payee=PAYEE)
    assert officer.call("GET", f"/staff/tips/rewards/{reward_id}/payee").json == PAYEE
    assert case.hecha.call("GET", f"/staff/tips/rewards/{reward_id}/payee").status_code == 404
    case.released(reward_id)
    assert officer.call("POST", f"/staff/tips/rewards/{reward_id}/payment").json["status"] == "paid"
    assert officer.call("GET", f"/staff/tips/rewards/{reward_id}/payee").status_code == 404


def test_reviewer_sees_no_ledger(case: Case) -> None:
    assert case.house.clerk("zhen").call("GET", "/staff/tips/rewards").status_code == 403
    assert problem(case.hecha.call("GET", "/staff/tips/rewards?cursor=x")) == (422, "invalid_cursor")


def test_new_code_opens_the_same_reward(case: Case) -> None:
    case.offer()
    found = case.inbox()
    answer = tipping.call(case.app, "POST", "/receipt-renewal", {}, token=found["token"])
    case.code = answer.json["receipt_code"]
    assert case.inbox()["reward"] == found["reward"]


def test_counts_of_this_year_are_not_told(case: Case) -> None:
    assert tipping.call(case.app, "GET", "/counts").json == {"items": []}


def test_payment_waits_for_its_day(case: Case) -> None:
    reward_id = case.claimed("charity")
    case.released(reward_id)
    later = {"pay_on": case.tips.today + timedelta(days=1)}
    case.tips.db.transact(lambda session: session.execute(update(Reward).values(**later)))
    assert problem(case.hecha.call("POST", f"/staff/tips/rewards/{reward_id}/payment")) == (409, "not_yet")
