"""Who is on the list of a benefit, since when, in which class; every day can be asked for again."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from backend.benefits import recipients, standing
from backend.benefits.accounts import of_recipient
from backend.benefits.policy import Account
from backend.events import chains
from backend.kernel.clock import today
from backend.kernel.crypto import Unreadable
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from backend.models.benefit import BenefitTerm, Recipient
from backend.models.outbox import Outbox
from tests import benefits as make
from tests.people import COUNTY, EMPTY_VILLAGE, Cast, hire, id_number


@pytest.fixture
def cast(cast: Cast) -> Cast:
    make.publish(cast)
    return cast


def on(cast: Cast, day: date, item: str = make.AWARD, **where: str) -> list[tuple[int, str]]:
    with cast.db.reading() as session:
        found = standing.current_on(session, county=COUNTY, service_item=item, day=day, piece=2, **where)
        return [(one.recipient_id, one.amount_class) for one in found]


def day(cast: Cast) -> date:
    return today(cast.clock())


def end(cast: Cast, who: int, reason: str = "moved", when: date | None = None, level: str = "town") -> None:
    clerk = cast.reviewers[level]
    cast.run(recipients.end, clerk=clerk, recipient_id=who, reason=reason, on=when or day(cast), now=cast.clock())


def test_an_approval_puts_a_person_on_the_list(cast: Cast) -> None:
    who = make.recipient(cast)
    assert on(cast, day(cast)) == [(who, "standard")]
    assert on(cast, day(cast) - timedelta(days=1)) == []


def test_the_same_decision_enrols_once(cast: Cast) -> None:
    given = make.grant(cast)
    assert make.enrol(cast, given) == make.enrol(cast, given)
    with cast.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(BenefitTerm)) == 1


def test_a_retry_after_an_end_does_not_bring_it_back(cast: Cast) -> None:
    given = make.grant(cast)
    who = make.enrol(cast, given)
    end(cast, who)
    make.enrol(cast, given)
    assert make.load(cast, who).end_reason == "moved"


def test_two_workers_at_once_make_one_recipient(cast: Cast) -> None:
    given = make.grant(cast)
    threads = [threading.Thread(target=make.enrol, args=(cast, given)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(on(cast, day(cast))) == 1


def test_a_person_who_comes_back_is_enrolled_again_and_the_gap_stays(cast: Cast) -> None:
    who = make.recipient(cast)
    start = day(cast)
    cast.clock.advance(timedelta(days=10))
    end(cast, who)
    cast.clock.advance(timedelta(days=10))
    assert make.recipient(cast) == who
    listed = [bool(on(cast, start + timedelta(days=n))) for n in (0, 9, 10, 19, 20)]
    assert listed == [True, True, False, False, True]
    assert make.load(cast, who).started_on == day(cast)


def test_a_newer_case_changes_class_and_keeps_the_place_on_the_list(cast: Cast) -> None:
    old = make.recipient(cast, service_item=make.SUPPORT, amount_class="disabled")
    first = day(cast)
    cast.clock.advance(timedelta(days=5))
    assert make.recipient(cast, service_item=make.SUPPORT, amount_class="deceased") == old
    assert on(cast, first + timedelta(days=4), make.SUPPORT) == [(old, "disabled")]
    assert on(cast, day(cast), make.SUPPORT) == [(old, "deceased")]
    assert make.load(cast, old).started_on == first


def test_a_reopened_case_ends_the_benefit(cast: Cast) -> None:
    given = make.grant(cast)
    who = make.enrol(cast, given)
    later = cast.clock.advance(timedelta(days=3))
    cast.run(recipients.reopened, application_id=given.application_id, decided_before=later, now=later)
    assert (make.load(cast, who).end_reason, on(cast, day(cast))) == ("reopened", [])


def test_a_late_reopening_leaves_the_newer_decision_alone(cast: Cast) -> None:
    given = make.grant(cast)
    who = make.enrol(cast, given)
    reopened = cast.clock.advance(timedelta(days=1))
    again = replace(given, granted_at=cast.clock.advance(timedelta(days=1)))
    make.enrol(cast, again)
    cast.run(recipients.reopened, application_id=given.application_id, decided_before=reopened, now=cast.clock())
    assert make.load(cast, who).ended_on is None


def test_an_end_known_late_corrects_the_days_after_it(cast: Cast) -> None:
    who = make.recipient(cast)
    begun = day(cast)
    cast.clock.advance(timedelta(days=30))
    end(cast, who, "died", begun + timedelta(days=12))
    assert on(cast, begun + timedelta(days=11)) == [(who, "standard")]
    assert on(cast, begun + timedelta(days=12)) == []


def test_an_end_before_a_change_of_class_leaves_no_later_day(cast: Cast) -> None:
    who = make.recipient(cast, service_item=make.SUPPORT, amount_class="disabled")
    begun = day(cast)
    cast.clock.advance(timedelta(days=20))
    change = {"amount_class": "deceased", "on": begun + timedelta(days=15), "now": cast.clock()}
    cast.run(recipients.change_class, clerk=cast.reviewers["town"], recipient_id=who, **change)
    end(cast, who, "no_longer_meets", begun + timedelta(days=10))
    days = [on(cast, begun + timedelta(days=n), make.SUPPORT) for n in (9, 10, 15, 16, 20)]
    assert days == [[(who, "disabled")], [], [], [], []]


def test_what_is_paid_once_may_be_granted_again(cast: Cast) -> None:
    support = {"service_item": make.HARDSHIP, "amount_class": "illness"}
    given = make.grant(cast, occasion="1", **support)
    first = make.enrol(cast, given)
    assert make.enrol(cast, given) == first
    assert make.recipient(cast, occasion="2", **support) != first
    assert len(on(cast, day(cast), make.HARDSHIP)) == 2


def test_the_list_is_read_in_pieces_and_by_town(cast: Cast) -> None:
    make.crowd(cast, 5)
    make.recipient(cast, "李远", 8, town="370402002000", village="370402002003")
    assert len(on(cast, day(cast))) == 6
    assert len(on(cast, day(cast), town="370402002000")) == 1


@pytest.mark.parametrize(("reason", "days"), [("reopened", 0), ("silence", 0), ("died", 1), ("died", -1)])
def test_an_end_without_reason_or_outside_its_days_is_refused(cast: Cast, reason: str, days: int) -> None:
    who = make.recipient(cast)
    with pytest.raises(Invalid):
        end(cast, who, reason, day(cast) + timedelta(days=days))


def test_ending_twice_is_a_conflict(cast: Cast) -> None:
    who = make.recipient(cast)
    end(cast, who)
    with pytest.raises(Conflict):
        end(cast, who)


def test_two_clerks_who_end_at_once_end_it_once(cast: Cast) -> None:
    who, outcomes = make.recipient(cast), []

    def act(level: str) -> None:
        try:
            end(cast, who, level=level)
            outcomes.append("ended")
        except Problem as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=act, args=(level,)) for level in ("town", "county")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ended", "ended_already"]
    with cast.db.reading() as session:
        told = select(func.count()).select_from(Outbox).where(Outbox.topic == recipients.ENDED)
        assert session.scalar(told) == 1


def test_a_village_does_not_decide_and_a_stranger_finds_nothing(cast: Cast) -> None:
    who = make.recipient(cast)
    with pytest.raises(Forbidden):
        end(cast, who, level="village")
    elsewhere = hire(cast, "town", region="370402002000")
    with pytest.raises(NotFound):
        cast.db.transact(recipients.seen, elsewhere, who)
    with pytest.raises(NotFound):
        cast.db.transact(recipients.seen, hire(cast, "village", region=EMPTY_VILLAGE), who)


def test_nobody_decides_about_their_own_benefit(cast: Cast) -> None:
    who = make.recipient(cast)
    me = cast.reviewer("town", own=("resident_id", id_number(7)))
    with pytest.raises(Forbidden) as refused:
        cast.db.transact(recipients.held, me, who)
    assert refused.value.code == "own_case"


def test_another_account_is_sealed_recorded_and_told(cast: Cast) -> None:
    who = make.recipient(cast)
    new = Account("王㐂", "样例银行", "1111222233334444")
    clerk = cast.reviewers["town"]
    cast.db.transact(
        recipients.change_account, cast.vault, clerk=clerk, recipient_id=who, account=new, now=cast.clock()
    )
    row = make.load(cast, who)
    assert of_recipient(make.grant(cast).seal, row) == new
    assert "4444" not in row.account
    with cast.db.reading() as session:
        told = select(Outbox.subject_id).where(Outbox.topic == recipients.ACCOUNT_CHANGED)
        assert session.scalars(told).all() == [who]


def test_an_unknown_class_is_refused(cast: Cast) -> None:
    who = make.recipient(cast)
    with pytest.raises(Invalid):
        cast.run(
            recipients.change_class,
            clerk=cast.reviewers["town"],
            recipient_id=who,
            amount_class="golden",
            on=day(cast),
            now=cast.clock(),
        )


def test_the_chain_of_a_recipient_verifies(cast: Cast) -> None:
    who = make.recipient(cast)
    cast.clock.advance(timedelta(days=1))
    end(cast, who)
    with cast.db.reading() as session:
        row = session.get_one(Recipient, who)
        assert (row.audit_sequence, chains.faults(session, [row])) == (2, [])


def test_an_account_does_not_open_for_another_person(cast: Cast) -> None:
    row = make.load(cast, make.recipient(cast))
    with pytest.raises(Unreadable):
        of_recipient(make.grant(cast, "李远", 8).seal, row)
