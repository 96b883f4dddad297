"""Rewards: an amount in the mailbox, a claim that the ledger hears of late, two signatures, one payment."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backend.kernel import sealing
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from backend.models.tip import Reward, TipEntry
from backend.tips import (
    claims,
    codes,
    desk,
    entries,
    investigators,
    leaving,
    ledger,
    recipients,
    redaction,
    renewing,
    vouchers,
)
from backend.tips_runtime import TipsRuntime, build_tips_runtime
from config.calendar_data import load_calendar
from config.settings import Settings
from tests.tip_rewards import DAY, Member, claim, file, found_true, holder, member, move, offer, voucher

CALENDAR = load_calendar()
PAYEE = {"name": "张某", "bank": "某银行", "account": "6222 0000 1111 2222"}


@pytest.fixture
def at(settings: Settings) -> Iterator[TipsRuntime]:
    found = build_tips_runtime(settings.tips)
    yield found
    found.db.dispose()


@pytest.fixture
def hecha(at: TipsRuntime) -> Member:
    return member(at, 1)


def sign(at: TipsRuntime, by: Member, reward_id: str) -> ledger.Line:
    return at.db.transact(ledger.release, who=by.row, reward_id=reward_id, calendar=CALENDAR, day=DAY)


def pay(at: TipsRuntime, by: Member, reward_id: str, *, proof: str | None = None, day: date) -> ledger.Line:
    return at.db.transact(ledger.pay, who=by.row, reward_id=reward_id, proof=proof, day=day)


def lines(at: TipsRuntime, by: Member, *, done: bool = False) -> list[ledger.Line]:
    with at.db.reading() as session:
        return ledger.listing(session, who=by.row, done=done, after=None, limit=20, day=DAY)


def rows(at: TipsRuntime) -> list[Reward]:
    with at.db.reading() as session:
        return list(session.scalars(select(Reward)))


@pytest.mark.parametrize("status", ["received", "verifying", "need_more", "transferred", "unsubstantiated", "closed"])
def test_reward_before_it_was_found_true_is_refused(at: TipsRuntime, hecha: Member, status: str) -> None:
    reporter = file(at)
    move(at, reporter, status)
    with pytest.raises(Conflict) as refused:
        offer(at, hecha, reporter)
    assert refused.value.code == "not_substantiated"


def test_reward_lies_in_the_mailbox_and_not_in_the_ledger(at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)
    offer(at, hecha, reporter)
    found = voucher(at, reporter)
    assert (found.amount, found.until) == (5000, DAY + timedelta(days=180))
    assert len(found.number) == 10
    assert len(found.proof) == 12
    assert rows(at) == []


def test_investigator_sees_the_amount_and_cannot_open_the_voucher(at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)
    offer(at, hecha, reporter)
    with at.db.reading() as session:
        _, key = desk.load(session, opener=hecha.opener, tip_id=reporter.tip_id)
        shown = entries.read(session, key, tip_id=reporter.tip_id, kinds=[entries.REWARD])
    assert shown[0].content
    assert shown[0].content["amount"] == 5000
    assert claims.voucher_of(at.keys, shown, hecha.pair.private) is None


def test_second_reward_for_a_tip_is_refused_also_at_the_same_moment(at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)

    def give(_: int) -> bool:
        try:
            offer(at, hecha, reporter)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(give, range(4))) == 1
    with at.db.reading() as session:
        assert len(list(session.scalars(select(TipEntry).where(TipEntry.kind == entries.REWARD)))) == 1


def test_form_sent_twice_is_one_reward(at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)
    for _ in range(2):
        offer(at, hecha, reporter, log_id="a" * 32)
    assert voucher(at, reporter).amount == 5000


def test_reward_for_a_mailbox_that_was_taken_away_is_refused(at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)
    at.db.transact(leaving.withdraw, holder=reporter, day=DAY)
    with pytest.raises(Conflict) as refused:
        offer(at, hecha, reporter)
    assert refused.value.code == "no_mailbox"


@pytest.mark.parametrize("amount", [0, -100, 99, 150, 1_000_100])
def test_odd_amounts_are_refused(at: TipsRuntime, hecha: Member, amount: int) -> None:
    with pytest.raises(Invalid):
        offer(at, hecha, found_true(at), amount=amount)


def test_ties_of_a_day_share(at: TipsRuntime, hecha: Member) -> None:
    first, second = found_true(at), found_true(at)
    found_true(at, day=DAY + timedelta(days=1))
    found_true(at, name="别的诊所")
    for one in (first, second):
        offer(at, hecha, one)
    assert [voucher(at, one).amount for one in (first, second)] == [2500, 2500]
    assert voucher(at, first).number != voucher(at, second).number


@pytest.mark.parametrize(("amount", "share"), [(5000, 1600), (300, 100), (200, None)])
def test_share_is_a_whole_hundred_too(at: TipsRuntime, hecha: Member, amount: int, share: int | None) -> None:
    first, *_ = [found_true(at) for _ in range(3)]
    if share is None:
        with pytest.raises(Invalid):
            offer(at, hecha, first, amount=amount)
        return
    offer(at, hecha, first, amount=amount)
    assert voucher(at, first).amount == share


def test_voucher_goes_along_with_a_new_code(at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)
    offer(at, hecha, reporter)
    before, code = voucher(at, reporter), codes.new_code()
    at.db.transact(renewing.renew, holder=reporter, mailbox=codes.new_mailbox(code, "", at.keys))
    assert voucher(at, holder(at, code)) == before


def test_voucher_cannot_be_redacted_away(at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)
    offer(at, hecha, reporter)
    with at.db.reading() as session:
        entry = session.scalars(select(TipEntry.id).where(TipEntry.kind == entries.REWARD)).one()
    with pytest.raises(Invalid) as refused:
        at.db.transact(redaction.destroy, opener=hecha.opener, at=redaction.At(reporter.tip_id, entry), day=DAY)
    assert refused.value.code == "reward_stays"


def test_claim_names_a_month_and_no_tip(at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)
    offer(at, hecha, reporter)
    assert claim(at, voucher(at, reporter)).status == "claimed"
    (row,) = rows(at)
    assert row.moved_on == DAY.replace(day=1)
    assert row.pay_on is None
    assert reporter.tip_id not in {str(value) for value in vars(row).values()}


def test_forged_voucher_is_worth_nothing(at: TipsRuntime) -> None:
    reporter = found_true(at)
    public = sealing.pair_of(reporter.private).public
    made = vouchers.draw(amount=100, county="370402", until=DAY)
    box = vouchers.seal(type(at.keys)(b"x" * 32), made, public)
    assert vouchers.read(at.keys, box, reporter.private) is None
    assert vouchers.read(at.keys, vouchers.seal(at.keys, made, public), reporter.private) == made


def test_twenty_claims_at_once_are_one(at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)
    offer(at, hecha, reporter)
    found = voucher(at, reporter)
    proof = vouchers.kept(at.keys, number=found.number, proof=found.proof)

    def once(number: int) -> str:
        way = claims.WAYS[number % 2]
        return at.db.transact(claims.claim, voucher=found, way=way, proof=proof, payee=None, day=DAY).status

    with ThreadPoolExecutor(5) as pool:
        assert set(pool.map(once, range(20))) == {"claimed"}
    assert len(rows(at)) == 1


def test_other_way_may_be_chosen_until_somebody_signed(at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)
    offer(at, hecha, reporter)
    found = voucher(at, reporter)
    claim(at, found)
    assert claim(at, found, claims.CHARITY).way == claims.CHARITY
    sign(at, hecha, rows(at)[0].id)
    assert claim(at, found, claims.CHARITY).open is False
    with pytest.raises(Conflict) as refused:
        claim(at, found, claims.COUNTER)
    assert refused.value.code == "already_claimed"


def test_reward_lapses_after_half_a_year(at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)
    offer(at, hecha, reporter)
    found, last = voucher(at, reporter), DAY + timedelta(days=180)
    with at.db.reading() as session:
        assert claims.look(session, voucher=found, day=last).status == "offered"
        assert claims.look(session, voucher=found, day=last + timedelta(days=1)).status == "lapsed"
    with pytest.raises(Conflict) as refused:
        claim(at, found, day=last + timedelta(days=1))
    assert refused.value.code == "reward_lapsed"


def test_one_person_alone_releases_nothing(at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)
    offer(at, hecha, reporter)
    claim(at, voucher(at, reporter))
    reward_id = rows(at)[0].id
    assert [sign(at, hecha, reward_id).status for _ in range(3)] == ["claimed"] * 3
    line = sign(at, member(at, 2), reward_id)
    assert line.status == "released"
    assert line.pay_on
    assert timedelta(days=3) <= line.pay_on - DAY <= timedelta(days=30)
    assert CALENDAR.is_workday(line.pay_on)


def test_two_who_sign_at_once_release_it_once(at: TipsRuntime, hecha: Member) -> None:
    reporter, other = found_true(at), member(at, 2)
    offer(at, hecha, reporter)
    claim(at, voucher(at, reporter))
    reward_id = rows(at)[0].id
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda by: sign(at, by, reward_id), [hecha, other] * 8))
    (row,) = rows(at)
    assert {row.first_release, row.second_release} == {hecha.row.id, other.row.id}


def test_stranger_of_another_county_finds_nothing(at: TipsRuntime, hecha: Member) -> None:
    reporter, stranger = found_true(at), member(at, 3, county="370403")
    offer(at, hecha, reporter)
    claim(at, voucher(at, reporter))
    assert lines(at, stranger) == []
    with pytest.raises(NotFound):
        sign(at, stranger, rows(at)[0].id)


def test_counter_pays_once_and_not_before_its_day(at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)
    offer(at, hecha, reporter)
    found = voucher(at, reporter)
    claim(at, found)
    reward_id = rows(at)[0].id
    sign(at, hecha, reward_id)
    due = sign(at, member(at, 2), reward_id).pay_on or DAY
    proof = vouchers.kept(at.keys, number=found.number, proof=found.proof)
    with pytest.raises(Forbidden):
        pay(at, hecha, reward_id, proof=vouchers.kept(at.keys, number=found.number, proof="0" * 12), day=due)
    with pytest.raises(Conflict) as early:
        pay(at, hecha, reward_id, proof=proof, day=due - timedelta(days=1))
    assert early.value.code == "not_yet"
    assert pay(at, hecha, reward_id, proof=proof, day=due).status == "paid"
    with pytest.raises(Conflict) as again:
        pay(at, hecha, reward_id, proof=proof, day=due)
    assert again.value.code == "already_paid"
    assert lines(at, hecha) == []
    assert [line.claim_number for line in lines(at, hecha, done=True)] == [found.number]


def test_payee_is_known_to_the_officer_alone_and_gone_once_paid(at: TipsRuntime, hecha: Member) -> None:
    reporter, officer = found_true(at), member(at, 9, duty=recipients.PAY)
    offer(at, hecha, reporter)
    with at.db.reading() as session:
        to = claims.officers(session, county="370402")
    assert list(to) == [officer.row.id]
    payee = claims.seal_payee(claims.payee_of(PAYEE), to=to)
    claim(at, voucher(at, reporter), claims.TRANSFER, payee=payee)
    reward_id = rows(at)[0].id
    with at.db.reading() as session:
        assert ledger.payee(session, opener=officer.opener, reward_id=reward_id).account == "6222000011112222"
        with pytest.raises(NotFound):
            ledger.payee(session, opener=hecha.opener, reward_id=reward_id)
    sign(at, hecha, reward_id)
    due = sign(at, officer, reward_id).pay_on or DAY
    pay(at, officer, reward_id, day=due)
    assert rows(at)[0].payee is None


@pytest.mark.parametrize("wrong", [{"name": ""}, {"account": "12345"}, {"account": "abc"}, {"bank": " "}])
def test_payee_that_is_wrong_says_where(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        claims.payee_of(PAYEE | wrong)
    assert set(refused.value.errors) == set(wrong)


def test_officer_is_sealed_no_tip(at: TipsRuntime, hecha: Member) -> None:
    officer, reporter = member(at, 9, duty=recipients.PAY), found_true(at)
    with pytest.raises(NotFound):
        offer(at, officer, reporter)
    with at.db.reading() as session:
        assert investigators.of_staff(session, staff_id=9) is not None
