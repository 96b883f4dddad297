"""Payment batches: frozen once, approved by a second person, never twice for one person and period."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from backend.applications.policy import Reviewer
from backend.benefits import batch_views, batches, payments as looks, policy, recipients
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from backend.models.benefit import Payment, PaymentAttempt, PaymentBatch
from tests import benefits, payments as pay
from tests.benefits import AWARD, HARDSHIP, SUPPORT
from tests.people import COUNTY, EMPTY_VILLAGE, FAR_VILLAGE, TOWN, Cast, hire

FAR_TOWN = "370402002000"


@pytest.fixture
def paying(cast: Cast) -> Cast:
    """The items with a benefit, and a second clerk of the county."""
    benefits.publish(cast)
    cast.reviewers["second"] = hire(cast, "county", region=COUNTY)
    return cast


def plan(cast: Cast, level: str = "county", *, item: str = AWARD, period: str = "2026") -> batches.Plan:
    with cast.db.reading() as session:
        found: batches.Plan = batches.plan(
            session,
            cast.vault,
            reviewer=cast.reviewers[level],
            service_item=item,
            period=period,
            now=cast.clock(),
        )
        return found


def move(cast: Cast, recipient_id: int, bank: str = "另一家银行") -> None:
    """Another account, a day later."""
    cast.clock.advance(timedelta(days=1))
    account = policy.account(name="王㐂", bank=bank, number="1111 2222 3333 4444")
    cast.run(
        recipients.change_account,
        vault=cast.vault,
        clerk=cast.reviewers["county"],
        recipient_id=recipient_id,
        account=account,
        now=cast.clock(),
    )


def end(cast: Cast, recipient_id: int, on: date) -> None:
    clerk = cast.reviewers["county"]
    cast.run(recipients.end, clerk=clerk, recipient_id=recipient_id, reason="moved", on=on, now=cast.clock())


def test_a_batch_freezes_everybody_on_the_list(paying: Cast) -> None:
    benefits.crowd(paying, 3)
    batch = pay.prepare(paying)
    assert (batch.count, batch.total_fen, batch.region, batch.county) == (3, 288_000, TOWN, COUNTY)
    assert batch.number.startswith("FF2611-")
    assert {p.batch_id for p in pay.payments(paying, batch)} == {batch.id}
    assert batch.differences == {"new": 3, "amount": 0, "account": 0, "both": 0, "again": 0, "ended": 0}


def test_a_dry_run_writes_nothing(paying: Cast) -> None:
    benefits.crowd(paying, 2)
    found = plan(paying)
    assert (len(found.drawn.lines), found.drawn.total_fen) == (2, 192_000)
    with paying.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(PaymentBatch)) == 0
        assert session.scalar(select(func.count()).select_from(Payment)) == 0


def test_preparing_again_finds_nobody(paying: Cast) -> None:
    benefits.crowd(paying, 2)
    pay.prepare(paying)
    for level in ("town", "county"):
        assert pay.refused(lambda level=level: pay.prepare(paying, level), Conflict) == "nobody_to_pay"


def test_the_town_pays_its_own_and_the_county_the_rest(paying: Cast) -> None:
    benefits.crowd(paying, 2)
    benefits.recipient(paying, "李䶮", 8, village=FAR_VILLAGE, town=FAR_TOWN)
    assert pay.prepare(paying, "town").count == 2
    assert pay.prepare(paying, "county").count == 1


def test_villages_pay_nobody_and_strangers_see_nothing(paying: Cast) -> None:
    benefits.crowd(paying, 1)
    assert pay.refused(lambda: pay.prepare(paying, "village"), Forbidden) == "not_your_level"
    batch = pay.prepare(paying, "town")
    stranger = hire(paying, "town", region=FAR_TOWN)
    with paying.db.reading() as session, pytest.raises(NotFound):
        batches.held(session, stranger, batch.number, lock=False)
    with paying.db.reading() as session:
        assert batch_views.page(session, paying.vault, reviewer=stranger, limit=20, cursor=None) == ([], None)


@pytest.mark.parametrize(
    ("item", "period", "code"),
    [
        (AWARD, "2027", "period_not_begun"),
        (AWARD, "2026-11", "invalid_period"),
        (AWARD, "２０２６", "invalid_period"),
        (AWARD, "1999", "invalid_period"),
        (AWARD, "2026\n", "invalid_period"),
        (SUPPORT, "2026", "invalid_period"),
        (SUPPORT, "2026-13", "invalid_period"),
        (SUPPORT, "2026-12", "period_not_begun"),
        (HARDSHIP, "2026", "invalid_period"),
        ("migrant-proof", "2026", "no_benefit"),
    ],
)
def test_a_period_of_another_kind_is_refused(paying: Cast, item: str, period: str, code: str) -> None:
    assert pay.refused(lambda: pay.prepare(paying, item=item, period=period), Invalid) == code


def test_who_ended_before_the_period_is_not_in_it(paying: Cast) -> None:
    gone, kept = benefits.recipient(paying), benefits.recipient(paying, "李䶮", 8)
    paying.clock.advance(timedelta(days=60))
    end(paying, gone, date(2027, 1, 1))
    assert [line.recipient_id for line in plan(paying, period="2027").drawn.lines] == [kept]
    assert {line.recipient_id for line in plan(paying, period="2026").drawn.lines} == {gone, kept}


def test_who_began_after_the_period_is_not_in_it(paying: Cast) -> None:
    benefits.recipient(paying, service_item=SUPPORT, amount_class="disabled")
    assert plan(paying, item=SUPPORT, period="2026-10").drawn.lines == []
    assert [line.fen for line in plan(paying, item=SUPPORT, period="2026-11").drawn.lines] == [46_000]


def test_the_amount_is_that_of_the_class_in_the_period(paying: Cast) -> None:
    who = benefits.recipient(paying, service_item=SUPPORT, amount_class="disabled")
    paying.clock.advance(timedelta(days=40))
    clerk = paying.reviewers["county"]
    paying.run(
        recipients.change_class,
        clerk=clerk,
        recipient_id=who,
        amount_class="deceased",
        on=date(2027, 1, 1),
        now=paying.clock(),
    )
    amounts = {p: plan(paying, item=SUPPORT, period=p).drawn.total_fen for p in ("2026-11", "2026-12", "2027-01")}
    assert amounts == {"2026-11": 46_000, "2026-12": 46_000, "2027-01": 59_000}


def test_who_cannot_be_paid_is_named_with_the_reason(paying: Cast) -> None:
    benefits.recipient(paying, amount_class="")
    again = benefits.grant(paying, "李䶮", 8)
    benefits.enrol(paying, again)
    paying.clock.advance(timedelta(days=1))
    paying.run(
        recipients.reopened, application_id=again.application_id, decided_before=paying.clock(), now=paying.clock()
    )
    found = plan(paying)
    assert found.drawn.lines == []
    assert {(one.holder_masked, one.why) for one in found.drawn.left_out} == {("王*", "no_class"), ("李*", "reopened")}
    assert found.drawn.why == {"no_class": 1, "reopened": 1}


def test_later_changes_do_not_reach_a_frozen_batch(paying: Cast) -> None:
    who = benefits.recipient(paying)
    batch = pay.prepare(paying)
    move(paying, who)
    row = pay.export(paying, pay.approve(paying, batch)).rows[0]
    assert (row.account.bank, row.account.number) == (benefits.ACCOUNT.bank, benefits.ACCOUNT.number)


def test_the_next_period_says_what_differs(paying: Cast) -> None:
    same, moved, gone = (
        benefits.recipient(paying, name, serial) for name, serial in zip("甲乙丙", (8, 9, 10), strict=True)
    )
    pay.prepare(paying)
    move(paying, moved)
    paying.clock.advance(timedelta(days=60))
    end(paying, gone, date(2027, 1, 1))
    new = benefits.recipient(paying, "丁", 11)
    found = plan(paying, "town", period="2027")
    differences = {line.recipient_id: line.difference for line in found.drawn.lines}
    assert differences == {same: None, moved: "account", new: "new"}
    assert found.differences == {"new": 1, "amount": 0, "account": 1, "both": 0, "again": 0, "ended": 1}
    with paying.db.reading() as session:
        names = looks.gone(session, region=TOWN, service_item=AWARD, period="2027")
    batch = pay.prepare(paying, "town", period="2027")
    with paying.db.reading() as session:
        after = looks.gone(session, region=TOWN, service_item=AWARD, period="2027")
    assert len(names) == 3  # before anybody is in the new period
    assert [one["holder_masked"] for one in after] == ["丙"[:1]]
    assert batch.differences == found.differences


def test_a_second_batch_of_the_county_is_cut_at_the_most(paying: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    benefits.crowd(paying, 5)
    monkeypatch.setattr(batches.payees.draw, "__kwdefaults__", {"most": 3})
    assert plan(paying).drawn.more
    sizes = []
    for _ in range(2):
        sizes.append(pay.prepare(paying).count)
        paying.clock.advance(timedelta(minutes=1))
    assert sizes == [3, 2]


def test_two_who_prepare_at_once_never_pay_anybody_twice(paying: Cast) -> None:
    benefits.crowd(paying, 40)
    people: list[str | Reviewer] = ["town", "county", paying.reviewers["second"], "town"]
    found = pay.at_once(*((lambda level=level: pay.prepare(paying, level)) for level in people))
    made = [one for one in found if isinstance(one, PaymentBatch)]
    assert sum(batch.count for batch in made) == 40
    assert {str(one) for one in found if isinstance(one, Exception)} <= {"nobody_to_pay"}
    with paying.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Payment)) == 40


def test_two_who_prepare_again_at_once_take_each_payment_once(paying: Cast) -> None:
    benefits.crowd(paying, 30)
    pay.discard(paying, pay.prepare(paying))
    paying.clock.advance(timedelta(minutes=1))
    found = pay.at_once(*((lambda level=level: pay.prepare(paying, level)) for level in ("town", "county", "county")))
    made = [one for one in found if isinstance(one, PaymentBatch)]
    assert sum(batch.count for batch in made) == 30
    with paying.db.reading() as session:
        live = select(PaymentAttempt.payment_id).where(PaymentAttempt.outcome.is_(None))
        assert len(session.scalars(live).all()) == 30


def test_a_recipient_reads_their_own_payments(paying: Cast) -> None:
    who = benefits.recipient(paying, village=EMPTY_VILLAGE)
    pay.prepare(paying)
    with paying.db.reading() as session:
        (own,) = looks.of_recipient(session, who)
    assert (own["period"], own["fen"], own["status"]) == ("2026", 96_000, "open")
