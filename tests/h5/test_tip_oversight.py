"""The desk's way to the city-level oversight, and what else of the investigators' pages must be true and reachable."""

from __future__ import annotations

import re
from datetime import date, timedelta

import orjson
import pytest
from flask import Flask
from sqlalchemy import select, update

from backend.models.tip import Investigator, Reward, Tip, TipLog
from backend.tips import recipients, unlocking
from tests import investigating, tip_rewards
from tests.clock import MovableClock
from tests.h5.test_pages_render import CHOICES, sound
from tests.h5.test_staff_tips import LIST, Desk, desk, picture
from tests.h5.test_tip_rewards import PAYEE, _sit_down, _tip
from tests.people import Cast

__all__ = ("desk",)
PAGE, LEDGER = f"{LIST}/oversight", f"{LIST}/rewards"


def late(desk: Desk) -> None:
    """A day was missed."""
    missed = {"acknowledge_by": desk.at.today - timedelta(days=1), "escalated_on": desk.at.today}
    desk.at.db.transact(lambda session: session.execute(update(Tip).values(**missed)))


def test_missed_day_leads_from_the_tip_to_the_parcel_only_the_oversight_opens(desk: Desk) -> None:
    assert "没有超过期限的" in desk.unlock().clerk.page(PAGE)
    late(desk)
    assert f'href="{PAGE}"' in desk.page()
    assert "有 1 件超过了期限" in desk.clerk.page(PAGE)
    answer = desk.clerk.post(f"{PAGE}/parcel")
    lines = [orjson.loads(line) for line in answer.data.splitlines()]
    assert [line["what"] for line in lines] == ["parcel", "tip", "entry", "end"]
    assert (lines[0]["holder"], lines[1]["id"]) == ("oversight", desk.holder.tip_id)
    assert "阳光门诊部".encode() not in answer.data
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "下载了给市级监督的密封包" in desk.page()


def test_parcel_has_nothing_that_is_not_theirs_to_see_and_waits_for_the_passphrase(desk: Desk) -> None:
    late(desk)
    assert desk.clerk.post(f"{PAGE}/parcel").status_code == 423
    desk.unlock()
    with desk.at.db.reading() as session:
        [mine] = session.scalars(select(Investigator.id))
    tip_id, _ = investigating.filed(desk.at, name="别的诊所", left_out=[mine])
    desk.at.db.transact(lambda session: session.execute(update(Tip).values(released_on=desk.at.today)))
    late(desk)
    assert "有 1 件超过了期限" in desk.clerk.page(PAGE)
    assert tip_id.encode() not in desk.clerk.post(f"{PAGE}/parcel").data
    with desk.at.db.reading() as session:
        assert set(session.scalars(select(TipLog.tip_id).where(TipLog.act == "sent_up"))) == {desk.holder.tip_id}


@pytest.mark.parametrize("choice", CHOICES, ids=("zh", "en", "care"))
def test_pages_of_the_oversight_are_whole(desk: Desk, choice: dict[str, str]) -> None:
    for name, value in choice.items():
        desk.clerk.choose(name, value)
    assert sound(desk.clerk.page(PAGE))
    late(desk)
    assert sound(desk.clerk.page(PAGE))


def test_lock_says_what_its_button_does(desk: Desk, clock: MovableClock) -> None:
    assert ">打开举报</button>" in desk.clerk.page(LIST)
    assert ">打开举报</button>" in desk.clerk.get(desk.path).text
    desk.unlock()
    clock.advance(unlocking.LIFE)
    asked = desk.clerk.post(f"{desk.path}/merge").text
    assert "刚才点的还没有办" in asked
    assert ">打开举报，接着办</button>" in asked


def test_evidence_says_what_it_is_and_how_to_destroy_it(desk: Desk) -> None:
    entry = picture(desk)
    assert "照片 · 收费单" in desk.unlock().page()
    shown = desk.post(f"/evidence/{entry}").text
    assert f'href="{desk.path}/entries/{entry}/redaction"' in shown
    # Another language or size of a page that came from a form leads to a page that is there.
    (elsewhere,) = re.findall(r'href="(/mode\?lang=en[^"]*)"', shown)
    assert desk.clerk.get(desk.clerk.get(elsewhere.replace("&amp;", "&")).location).status_code == 200


def test_missing_choice_is_said_at_the_top_and_leads_to_its_place(desk: Desk) -> None:
    answer = desk.unlock().post("/moves", note="查过了")
    assert (answer.status_code, 'id="errors"' in answer.text, 'href="#f-move"' in answer.text) == (422, True, True)


def test_officer_of_rewards_is_told_that_tips_are_not_theirs(app: Flask, cast: Cast) -> None:
    page = _sit_down(app, cast, "丙某", recipients.PAY).page(LIST)
    assert "您管发奖励，看不到举报" in page
    assert 'href="/staff/tips/rewards"' in page
    assert 'name="unlock_with"' not in page


def test_name_of_a_transfer_is_shown_to_the_officer_before_it_can_be_destroyed(app: Flask, cast: Cast) -> None:
    officer, clerk = _sit_down(app, cast, "丙某", recipients.PAY), _sit_down(app, cast, "甲某")
    at = clerk.runtime.tips
    tip_id, holder = _tip(clerk)
    clerk.post(f"{LIST}/{tip_id}/reward", amount="2000")
    assert "奖励已经放进举报人的信箱" in clerk.page(f"{LIST}/{tip_id}/reward")
    assert f"{LIST}/{tip_id}/reward" not in clerk.page(f"{LIST}/{tip_id}")
    tip_rewards.transfer(at, tip_rewards.voucher(at, holder), PAYEE)
    paying = {"status": "released", "pay_on": at.today - timedelta(days=1)}
    at.db.transact(lambda session: session.execute(update(Reward).values(**paying)))
    assert '/payment"' not in clerk.page(LEDGER)
    (action,) = re.findall(r'action="(/staff/tips/rewards/\w+/payee)"', officer.page(LEDGER))
    refused = clerk.post(action)
    assert (refused.status_code, "没有要您转账的" in refused.text, "奖励账" in refused.text) == (404, True, True)
    (pay,) = re.findall(r'action="(/staff/tips/rewards/\w+/payment)"', officer.post(action).text)
    assert officer.post(pay).status_code == 303


def test_day_of_a_payment_is_said_with_its_weekday(app: Flask, cast: Cast) -> None:
    clerk = _sit_down(app, cast, "甲某")
    at = clerk.runtime.tips
    tip_id, holder = _tip(clerk)
    clerk.post(f"{LIST}/{tip_id}/reward", amount="2000")
    found = tip_rewards.voucher(at, holder)
    tip_rewards.claim(at, found)
    coming = {"status": "released", "pay_on": date(2026, 12, 8)}
    at.db.transact(lambda session: session.execute(update(Reward).values(**coming)))
    answer = clerk.post(f"{LEDGER}/payments", claim_number=found.number, proof=found.proof)
    assert (answer.status_code, "最早 12 月 8 日（周二）" in answer.text) == (409, True)
