"""Pages of rewards: honest words before a choice, numbers for the counter, and a ledger where two sign."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import update

from backend.models.tip import Investigator, Reward, Tip
from backend.tips import investigators, recipients
from backend.tips.investigators import Staff
from backend.tips.tokens import Holder
from backend.tips_runtime import TipsRuntime
from config.settings import Settings
from tests import investigating, tip_rewards
from tests.h5.clerk import Clerk
from tests.people import Cast, hire
from tests.tip_line import TipLine

INBOX = "/tips/inbox"
PAYEE = {"name": "张某", "bank": "某银行", "account": "6222 0000 1111"}


class Reporter:
    """A phone at the mailbox of a tip that was found true and rewarded."""

    def __init__(self, settings: Settings, *, rewarded: bool = True) -> None:
        self.line = TipLine(settings, None)
        self.at: TipsRuntime = self.line.at
        self.hecha = tip_rewards.member(self.at, 1)
        self.holder: Holder = tip_rewards.found_true(self.at, day=self.at.today)
        if rewarded:
            tip_rewards.offer(self.at, self.hecha, self.holder, day=self.at.today)
        self.token = tip_rewards.token(self.at, self.holder)

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        answer = self.line.client.post(INBOX + path, data={"token": self.token, **fields})
        return answer.status_code, answer.text

    def released(self) -> None:
        found = {"status": "released", "pay_on": self.at.today}
        self.at.db.transact(lambda session: session.execute(update(Reward).values(**found)))


@pytest.fixture
def reporter(sqlite_settings: Settings) -> Reporter:
    return Reporter(sqlite_settings)


def test_mailbox_leads_to_the_reward_and_only_where_there_is_one(sqlite_settings: Settings) -> None:
    bare = Reporter(sqlite_settings, rewarded=False)
    assert "看怎么领" not in bare.post("/again")[1]
    assert bare.post("/reward")[0] == 409
    tip_rewards.offer(bare.at, bare.hecha, bare.holder, day=bare.at.today)
    assert "奖励 5000 元" in bare.post("/again")[1]


def test_choice_comes_after_honest_words_and_without_a_transfer_nobody_could_read(reporter: Reporter) -> None:
    status, page = reporter.post("/reward")
    assert status == 200
    assert "看得见您的脸" in page
    assert re.findall(r'name="way"[^>]*value="(\w+)"', page) == ["charity", "counter"]
    assert "checked" not in page
    assert "领奖凭码" not in page


def test_counter_shows_what_to_write_down(reporter: Reporter) -> None:
    found = tip_rewards.voucher(reporter.at, reporter.holder)
    status, page = reporter.post("/reward/claim", way="counter")
    assert status == 200
    assert f"{found.number[:5]} {found.number[5:]}" in page
    assert f"{found.proof[:4]} {found.proof[4:8]} {found.proof[8:]}" in page
    reporter.released()
    assert "从哪天起付" in reporter.post("/reward")[1]


@pytest.mark.parametrize("fields", [{}, {"way": "gold"}, {"way": "transfer"}])
def test_choice_that_is_wrong_is_told_and_nothing_is_lost(reporter: Reporter, fields: dict[str, str]) -> None:
    status, page = reporter.post("/reward/claim", **fields)
    assert status == 422
    assert 'class="error"' in page
    assert reporter.post("/reward")[1].count('name="way"') == 2


def test_account_that_is_wrong_is_marked_and_kept(reporter: Reporter) -> None:
    tip_rewards.member(reporter.at, 9, duty=recipients.PAY)
    status, page = reporter.post("/reward/claim", way="transfer", **PAYEE | {"account": "12"})
    assert status == 422
    assert 'id="e-account"' in page
    assert 'value="张某"' in page
    assert re.search(r'value="transfer" checked', page)
    assert reporter.post("/reward/claim", way="transfer", **PAYEE)[0] == 200


def test_page_without_a_token_is_the_same_404(reporter: Reporter) -> None:
    reporter.token = "x"
    assert [reporter.post(path)[0] for path in ("/reward", "/reward/claim")] == [404, 404]


@pytest.fixture
def clerk(app: Flask, cast: Cast) -> Clerk:
    """An investigator at the console with the key open."""
    return _sit_down(app, cast, "甲某")


def _sit_down(app: Flask, cast: Cast, name: str, duty: str = recipients.INVESTIGATE) -> Clerk:
    member, clerk = hire(cast, "county", role="investigator"), Clerk(app)
    clerk.sit_down(member.id)
    at = clerk.runtime.tips
    key = investigators.new_key(investigating.PASSPHRASE)
    who = Staff(member.id, name, "举报核查岗", investigating.COUNTY)
    at.db.transact(investigators.enrol, staff=who, key=key, duty=duty, day=at.today)
    at.db.transact(lambda session: session.execute(update(Investigator).values(status="active")))
    assert clerk.post("/staff/tips/unlock", unlock_with=investigating.PASSPHRASE).status_code == 303
    return clerk


def _tip(clerk: Clerk, **values: str) -> tuple[str, Holder]:
    at = clerk.runtime.tips
    tip_id, holder = investigating.filed(at)
    found = {"released_on": at.today, "status": "substantiated"} | values
    at.db.transact(lambda session: session.execute(update(Tip).where(Tip.id == tip_id).values(**found)))
    return tip_id, holder


def test_reward_is_set_once_by_a_form(clerk: Clerk) -> None:
    tip_id, holder = _tip(clerk)
    path = f"/staff/tips/{tip_id}/reward"
    assert path in clerk.page(f"/staff/tips/{tip_id}")
    wrong = clerk.post(path, amount="150")
    assert wrong.status_code == 422
    assert 'value="150"' in wrong.text
    assert clerk.post(path, amount="2000").status_code == 303
    assert tip_rewards.voucher(clerk.runtime.tips, holder).amount == 2000
    assert "2000 元" in clerk.page(f"/staff/tips/{tip_id}")
    assert "一件只定一次" in clerk.page(path)


def test_form_tells_who_shares(clerk: Clerk) -> None:
    tip_id, _ = _tip(clerk)
    _tip(clerk)
    assert "同一天有 2 件" in clerk.page(f"/staff/tips/{tip_id}/reward")


def test_tip_that_is_not_found_true_offers_no_form(clerk: Clerk) -> None:
    tip_id, _ = _tip(clerk, status="verifying")
    assert 'name="amount"' not in clerk.page(f"/staff/tips/{tip_id}/reward")


def test_ledger_lets_two_sign_and_the_counter_pay(app: Flask, cast: Cast, clerk: Clerk) -> None:
    other, at = _sit_down(app, cast, "乙某"), clerk.runtime.tips
    tip_id, holder = _tip(clerk)
    clerk.post(f"/staff/tips/{tip_id}/reward", amount="2000")
    found = tip_rewards.voucher(at, holder)
    tip_rewards.claim(at, found)
    page = clerk.page("/staff/tips/rewards")
    assert tip_id not in page
    (action,) = re.findall(r'action="(/staff/tips/rewards/\w+/releases)"', page)
    assert [one.post(action).status_code for one in (clerk, clerk, other)] == [303] * 3
    at.db.transact(lambda session: session.execute(update(Reward).values(pay_on=at.today)))
    paper = {"claim_number": found.number, "proof": found.proof}
    assert clerk.post("/staff/tips/rewards/payments", **paper | {"proof": "1"}).status_code == 403
    assert clerk.post("/staff/tips/rewards/payments", **paper).status_code == 303
    assert clerk.post("/staff/tips/rewards/payments", **paper).status_code == 409
    assert "2000 元" in clerk.page("/staff/tips/rewards?paid=1")


def test_name_is_shown_to_the_officer_alone(app: Flask, cast: Cast, clerk: Clerk) -> None:
    officer, at = _sit_down(app, cast, "乙某", recipients.PAY), clerk.runtime.tips
    tip_id, holder = _tip(clerk)
    clerk.post(f"/staff/tips/{tip_id}/reward", amount="2000")
    tip_rewards.transfer(at, tip_rewards.voucher(at, holder), PAYEE)
    (action,) = re.findall(r'action="(/staff/tips/rewards/\w+/payee)"', officer.page("/staff/tips/rewards"))
    assert "622200001111" in officer.post(action).text
    assert clerk.post(action).status_code == 404
    assert "622200001111" not in officer.page("/staff/tips/rewards")
