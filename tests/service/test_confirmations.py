"""One person's yearly confirmation: one tap, a change that a clerk looks at, an offer that may be refused."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from backend.benefits import campaigns, changes, confirmations, policy, recipients
from backend.benefits.accounts import of_recipient
from backend.benefits.confirmations import Outcome
from backend.benefits.policy import Account, Change
from backend.events import chains
from backend.kernel.clock import today
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from backend.models.benefit import Recipient
from tests import benefits as make
from tests.clock import MONDAY
from tests.people import Cast, hire, id_number

NEW = Account("王㐂", "新银行", "1111222233334444")
CHANGED = Change(("account",), account=NEW)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    make.publish(cast)
    return cast


def confirm(cast: Cast, one: int, who: str = "王㐂") -> int:
    mine = {"resident_id": cast.residents[who], "confirmation_id": one, "now": cast.clock()}
    done: int = cast.run(confirmations.confirm, **mine)
    return done


def report(cast: Cast, one: int, change: Change = CHANGED) -> None:
    mine = {"resident_id": cast.residents["王㐂"], "confirmation_id": one, "now": cast.clock()}
    cast.db.transact(confirmations.report, cast.vault, change=change, **mine)


def answer(cast: Cast, one: int, what: str) -> None:
    mine = {"resident_id": cast.residents["王㐂"], "confirmation_id": one, "now": cast.clock()}
    cast.run(confirmations.answer_offer, answer=what, **mine)


def review(cast: Cast, one: int, outcome: Outcome = Outcome(), level: str = "town", **changed: Any) -> None:  # noqa: B008 - frozen
    seen = changed.get("seen", make.confirmation(cast, one).changed_at)
    clerk = changed.get("clerk", cast.reviewers[level])
    act = {"clerk": clerk, "confirmation_id": one, "seen": seen, "outcome": outcome, "now": cast.clock()}
    cast.db.transact(confirmations.review, cast.vault, **act)


def record(cast: Cast, one: int, way: str = "call", level: str = "village", **more: Any) -> None:
    act = {"clerk": cast.reviewers[level], "confirmation_id": one, "way": way, "now": cast.clock()}
    cast.db.transact(confirmations.record, cast.vault, **act, **more)


def offered(cast: Cast) -> int:
    """Somebody who was reminded twice and is now offered a call or a visit."""
    one = make.asked(cast)
    for _ in range(3):
        cast.clock.advance(timedelta(days=20))
        cast.run(campaigns.remind, now=cast.clock(), limit=10)
    return one


def recipient_of(cast: Cast, one: int) -> Recipient:
    return make.load(cast, make.confirmation(cast, one).recipient_id)


def test_one_tap_confirms_and_the_second_changes_nothing(cast: Cast) -> None:
    one = make.asked(cast)
    confirm(cast, one)
    first = make.confirmation(cast, one).confirmed_at
    cast.clock.advance(timedelta(minutes=1))
    confirm(cast, one)
    row = make.confirmation(cast, one)
    assert (row.confirmed_at, row.confirmed_way, row.next_at) == (first, "online", None)


def test_two_taps_at_once_leave_one_row_in_the_chain(cast: Cast) -> None:
    one = make.asked(cast)
    threads = [threading.Thread(target=confirm, args=(cast, one)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with cast.db.reading() as session:
        row = session.get_one(Recipient, make.confirmation(cast, one).recipient_id)
        assert (row.audit_sequence, chains.faults(session, [row])) == (2, [])


def test_a_helper_confirms_for_the_one_they_filed_for(cast: Cast) -> None:
    one = make.asked(cast, helped=True)
    confirm(cast, one)
    assert make.confirmation(cast, one).confirmed_way == "helper"


def test_a_stranger_finds_nothing(cast: Cast) -> None:
    one = make.asked(cast)
    cast.resident("陌生人", 99)
    with pytest.raises(NotFound):
        confirm(cast, one, "陌生人")


def test_a_change_waits_for_a_clerk_and_moves_nothing(cast: Cast) -> None:
    one = make.asked(cast)
    before = recipient_of(cast, one).account
    report(cast, one)
    row = make.confirmation(cast, one)
    assert (row.waiting, row.next_at, row.confirmed_at) == ("change", None, None)
    assert recipient_of(cast, one).account == before
    assert "4444" not in (row.change or "")
    with pytest.raises(Conflict) as refused:
        confirm(cast, one)
    assert refused.value.code == "change_waiting"


def test_a_reviewed_account_is_the_one_that_was_told(cast: Cast) -> None:
    one = make.asked(cast)
    report(cast, one)
    review(cast, one, Outcome(account=True))
    assert of_recipient(make.grant(cast).seal, recipient_of(cast, one)) == NEW
    row = make.confirmation(cast, one)
    assert (row.waiting, row.confirmed_way, row.reviewed_by) == (None, "review", cast.reviewers["town"].id)
    assert make.told(cast, recipients.ACCOUNT_CHANGED) == [row.recipient_id]


def test_a_change_that_moves_nothing_is_answered(cast: Cast) -> None:
    one = make.asked(cast)
    report(cast, one, Change(("other",), words="换了手机号"))
    review(cast, one)
    assert make.told(cast, confirmations.REVIEWED) == [one]
    assert recipient_of(cast, one).ended_on is None


def test_a_review_may_end_the_benefit_with_its_reason(cast: Cast) -> None:
    one = make.asked(cast)
    day = today(cast.clock())
    report(cast, one, Change(("died",), died_on=day))
    review(cast, one, Outcome(end_reason="died", end_on=day))
    row = recipient_of(cast, one)
    assert (row.end_reason, row.ended_on) == ("died", day)


def test_two_clerks_who_review_at_once_decide_once(cast: Cast) -> None:
    one, outcomes = make.asked(cast), []
    report(cast, one)
    seen = make.confirmation(cast, one).changed_at

    def act(level: str) -> None:
        try:
            review(cast, one, Outcome(account=True), level, seen=seen)
            outcomes.append("done")
        except Problem as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=act, args=(level,)) for level in ("town", "county")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "reviewed_already"]
    assert len(make.told(cast, recipients.ACCOUNT_CHANGED)) == 1


def test_a_change_told_again_must_be_read_again(cast: Cast) -> None:
    one = make.asked(cast)
    report(cast, one)
    seen = make.confirmation(cast, one).changed_at
    cast.clock.advance(timedelta(minutes=1))
    report(cast, one, Change(("stop",)))
    with pytest.raises(Conflict) as refused:
        review(cast, one, Outcome(account=True), seen=seen)
    assert refused.value.code == "change_renewed"


def test_an_account_that_nobody_told_cannot_be_taken_over(cast: Cast) -> None:
    one = make.asked(cast)
    report(cast, one, Change(("other",), words="什么都没变"))
    with pytest.raises(Invalid):
        review(cast, one, Outcome(account=True))


def test_a_village_and_the_person_themselves_do_not_review(cast: Cast) -> None:
    one = make.asked(cast)
    report(cast, one)
    with pytest.raises(Forbidden):
        review(cast, one, level="village")
    with pytest.raises(Forbidden):
        review(cast, one, clerk=cast.reviewer("town", own=("resident_id", id_number(7))))
    with pytest.raises(NotFound):
        review(cast, one, clerk=hire(cast, "town", region="370402002000"))


def test_an_offer_is_work_only_once_it_is_accepted(cast: Cast) -> None:
    one = offered(cast)
    assert make.confirmation(cast, one).waiting is None
    answer(cast, one, "visit")
    assert make.confirmation(cast, one).waiting == "visit"
    record(cast, one, "visit")
    row = make.confirmation(cast, one)
    assert (row.waiting, row.offer, row.confirmed_way) == (None, "made", "visit")


def test_an_offer_may_be_refused_and_the_mind_changed(cast: Cast) -> None:
    one = offered(cast)
    answer(cast, one, "none")
    assert (make.confirmation(cast, one).offer, recipient_of(cast, one).ended_on) == ("declined", None)
    answer(cast, one, "call")
    assert make.confirmation(cast, one).waiting == "call"


def test_nobody_offered_nothing_to_answer(cast: Cast) -> None:
    one = make.asked(cast)
    with pytest.raises(Conflict):
        answer(cast, one, "call")


def test_a_call_that_met_nobody_keeps_nothing_against_anyone(cast: Cast) -> None:
    one = offered(cast)
    answer(cast, one, "call")
    record(cast, one, reached=False)
    row = make.confirmation(cast, one)
    assert (row.waiting, row.confirmed_at, recipient_of(cast, one).ended_on) == (None, None, None)
    confirm(cast, one)


def test_the_family_may_call_without_any_offer(cast: Cast) -> None:
    one = make.asked(cast)
    record(cast, one)
    assert make.confirmation(cast, one).confirmed_way == "call"
    with pytest.raises(Conflict):
        record(cast, one)


def test_a_change_told_on_the_telephone_goes_to_review(cast: Cast) -> None:
    one = make.asked(cast)
    record(cast, one, change=Change(("moved",), moved_to="邻县"))
    assert make.confirmation(cast, one).waiting == "change"


def told(**values: Any) -> Change:
    form: dict[str, Any] = {"kinds": (), "moved_to": "", "bank": "", "account_number": "", "died_on": None, "words": ""}
    return changes.told(**form | values, holder="王㐂", now=MONDAY)


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, ["kinds"]),
        ({"kinds": ("gone",)}, ["kinds"]),
        ({"kinds": ("moved",)}, ["moved_to"]),
        ({"kinds": ("account",), "bank": "某行", "account_number": "12"}, ["account_number"]),
        ({"kinds": ("account",)}, ["bank", "account_number"]),
        ({"kinds": ("died",)}, ["died_on"]),
        ({"kinds": ("died",), "died_on": date(2027, 1, 1)}, ["died_on"]),
        ({"kinds": ("family",)}, ["words"]),
        ({"kinds": ("other",), "words": "\u202e"}, ["words"]),
    ],
)
def test_an_unfinished_change_names_every_field(values: dict[str, Any], wrong: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        told(**values)
    assert sorted(refused.value.errors) == sorted(wrong)


def test_what_belongs_to_no_chosen_kind_is_left_out() -> None:
    change = told(kinds=("stop",), moved_to="x", bank="y", account_number="12345678")
    assert change == Change(("stop",))


@given(
    closed=st.booleans(),
    waiting=st.sampled_from([None, "change", "call", "visit"]),
    confirmed=st.booleans(),
    offer=st.sampled_from([None, "offered", "accepted_call", "accepted_visit", "declined", "made"]),
)
def test_every_confirmation_is_in_one_named_state(
    closed: bool, waiting: str | None, confirmed: bool, offer: str | None
) -> None:
    state = policy.state(closed=closed, waiting=waiting, confirmed=confirmed, offer=offer)
    assert state in policy.STATES
    assert set(policy.STATES) == set(policy.ACTIONS)
