"""A second notice: its reason, who must agree, what may happen while it waits."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.applications import correction_due, corrections, due, next_case, wanted_consents
from backend.applications.policy import Reviewer
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.staff import Staff
from tests import correcting, factories as make
from tests.people import EMPTY_VILLAGE, TOWN, VILLAGE, Cast, hire, id_number

DAY = timedelta(days=1)


def leave_office(cast: Cast, level: str) -> None:
    def write(session: Session) -> None:
        session.execute(update(Staff).where(Staff.id == cast.reviewers[level].id).values(active=False))

    cast.db.transact(write)


def test_a_second_notice_needs_a_reason(cast: Cast) -> None:
    row = make.in_correction(cast)
    make.resubmit(cast, row.id)
    for code, words, field in (
        (None, "", "reason_code"),
        ("because", "", "reason_code"),
        ("other", " ", "reason_words"),
    ):
        with pytest.raises(Invalid) as refused:
            correcting.request(cast, row.number or "", reason_code=code, reason_words=words)
        assert field in refused.value.errors
    assert len(correcting.notices(cast, row.id)) == 1


def test_a_second_notice_waits_for_the_next_level_while_the_clock_runs(cast: Cast) -> None:
    row = correcting.proposed(cast)
    assert (row.status, row.queue, row.paused_at, row.claimed_by) == (S.IN_REVIEW, "village", None, None)
    assert correcting.seen(cast, row.id)["correction"] is None
    proposal = correcting.at_desk(cast, row.number or "", "town")["proposal"]
    assert (proposal["ordinal"], proposal["waits_for"], proposal["reason_code"]) == (2, "town", correcting.REASON)
    assert proposal["allowed_actions"] == ["consent", "refuse", "drop"]
    assert correcting.told(cast, "consent_wanted") == [cast.reviewers["town"].id]
    assert correcting.acts(cast, row.id)[-1] == "correction.propose"


def test_no_decision_is_possible_while_a_proposal_waits(cast: Cast) -> None:
    row = correcting.proposed(cast)
    for kind in ("approve", "reject", "return", "request_correction"):
        with pytest.raises(Conflict) as refused:
            make.decide(cast, row.number or "", "village", kind)
        assert refused.value.code == "consent_pending"


def test_a_waiting_case_is_not_handed_out(cast: Cast) -> None:
    correcting.proposed(cast)
    with pytest.raises(NotFound, match="nothing_waits"):
        cast.run(next_case.take, reviewer=cast.reviewers["village"], now=cast.clock())


def test_consent_sends_the_notice_with_all_its_days(cast: Cast) -> None:
    row = correcting.proposed(cast)
    cast.clock.advance(2 * DAY)
    correcting.consent(cast, row.number or "")
    after = make.load(cast, row.id)
    assert (after.status, after.queue, after.paused_at) == (S.CORRECTION, "", cast.clock())
    notice = correcting.notices(cast, row.id)[1]
    assert notice.due_on == cast.calendar.add(cast.clock().date(), 10)
    assert (notice.consented_by, notice.opened_by) == (cast.reviewers["town"].id, cast.reviewers["village"].id)
    assert correcting.acts(cast, row.id)[-2:] == ["correction.consent", "application.request_correction"]
    assert correcting.told(cast, "consent_given") == [cast.reviewers["village"].id]


def test_whoever_consented_may_still_decide_at_their_own_level(cast: Cast) -> None:
    row = correcting.proposed(cast)
    correcting.consent(cast, row.number or "")
    make.resubmit(cast, row.id)
    make.decide(cast, row.number or "", "village", "approve")
    make.decide(cast, row.number or "", "town", "approve")
    assert make.load(cast, row.id).status == S.APPROVED


def test_a_refusal_needs_words_and_the_case_goes_on(cast: Cast) -> None:
    row = correcting.proposed(cast)
    with pytest.raises(Invalid, match="note_missing"):
        correcting.consent(cast, row.number or "", agree=False, note=" ")
    correcting.consent(cast, row.number or "", agree=False, note="材料够了")
    [closed, _] = correcting.at_desk(cast, row.number or "")["corrections"]
    assert (closed["status"], closed["refusal"]) == ("refused", "材料够了")
    assert correcting.told(cast, "consent_refused") == [cast.reviewers["village"].id]
    make.decide(cast, row.number or "", "village", "approve")
    assert make.load(cast, row.id).queue == "town"


def test_a_refused_proposal_does_not_count_as_a_notice(cast: Cast) -> None:
    row = correcting.proposed(cast)
    correcting.consent(cast, row.number or "", agree=False)
    correcting.request(cast, row.number or "", reason_code="new_fact")
    assert correcting.at_desk(cast, row.number or "")["proposal"]["ordinal"] == 2
    assert len(corrections.sent(correcting.notices(cast, row.id))) == 1


def test_a_cancelled_notice_counts_so_that_consent_is_not_walked_around(cast: Cast) -> None:
    row = make.in_correction(cast)
    correcting.cancel(cast, row.number or "")
    with pytest.raises(Invalid, match="reason_missing"):
        correcting.request(cast, row.number or "")


def test_nobody_consents_to_their_own_proposal(cast: Cast) -> None:
    row = correcting.proposed(cast)
    village = cast.reviewers["village"]
    with pytest.raises(Forbidden, match="own_proposal"):
        correcting.consent(cast, row.number or "", village)
    colleague = hire(cast, "village", region=VILLAGE)
    with pytest.raises(Conflict, match="not_your_level"):
        correcting.consent(cast, row.number or "", colleague)


def test_one_person_under_two_accounts_is_one_person(cast: Cast) -> None:
    row = correcting.proposed(cast)
    index = "a" * 64

    def write(session: Session) -> None:
        session.execute(update(Staff).where(Staff.id == cast.reviewers["village"].id).values(person_index=index))

    cast.db.transact(write)
    twin = cast.reviewers["town"]
    same = Reviewer(twin.id, twin.level, twin.region, twin.post, index)
    with pytest.raises(Forbidden, match="own_proposal"):
        correcting.consent(cast, row.number or "", same)


def test_strangers_and_the_applicant_s_own_case_are_kept_out(cast: Cast) -> None:
    row = correcting.proposed(cast)
    for stranger in (hire(cast, "village", region=EMPTY_VILLAGE), hire(cast, "town", region="370402002000")):
        for act in (correcting.consent, correcting.drop):
            with pytest.raises(NotFound):
                act(cast, row.number or "", stranger)
    with pytest.raises(Forbidden):
        correcting.consent(cast, row.number or "", cast.reviewer("town", own=("resident_id", id_number(7))))


@pytest.mark.parametrize("who", ["village", "town", "county"])
def test_the_author_or_a_superior_takes_a_proposal_back(cast: Cast, who: str) -> None:
    row = correcting.proposed(cast)
    correcting.drop(cast, row.number or "", who)
    make.decide(cast, row.number or "", "village", "approve")
    with pytest.raises(Conflict, match="nothing_proposed"):
        correcting.consent(cast, row.number or "")


def test_a_colleague_does_not_take_it_back(cast: Cast) -> None:
    row = correcting.proposed(cast)
    with pytest.raises(Conflict, match="not_your_proposal"):
        correcting.drop(cast, row.number or "", hire(cast, "village", region=VILLAGE))


def test_at_the_top_another_person_of_the_office_agrees(cast: Cast) -> None:
    row = make.submitted(cast)
    leave_office(cast, "village")
    leave_office(cast, "town")
    colleague = hire(cast, "county", region=cast.reviewers["county"].region)
    assert cast.run(due.reroute, now=cast.clock()) == 1
    number = row.number or ""
    correcting.request(cast, number, "county")
    make.resubmit(cast, row.id)
    correcting.request(cast, number, "county", reason_code="law_changed")
    assert correcting.told(cast, "consent_wanted") == [colleague.id]
    correcting.consent(cast, number, colleague)
    assert make.load(cast, row.id).status == S.CORRECTION


def test_without_anybody_else_the_clerk_decides(cast: Cast) -> None:
    row = make.in_correction(cast)
    make.resubmit(cast, row.id)
    leave_office(cast, "town")
    leave_office(cast, "county")
    with pytest.raises(Conflict) as refused:
        correcting.request(cast, row.number or "", reason_code="new_fact")
    assert refused.value.code == "nobody_to_consent"
    make.decide(cast, row.number or "", "village", "reject", note="照片看不清")


def test_a_proposal_moves_on_when_its_office_empties_and_ends_when_nobody_is_left(cast: Cast) -> None:
    row = correcting.proposed(cast)
    assert cast.run(correction_due.move_consents, now=cast.clock()) == 0
    leave_office(cast, "town")
    assert cast.run(correction_due.move_consents, now=cast.clock()) == 1
    assert correcting.at_desk(cast, row.number or "")["proposal"]["waits_for"] == "county"
    assert cast.reviewers["county"].id in correcting.told(cast, "consent_wanted")
    leave_office(cast, "county")
    assert cast.run(correction_due.move_consents, now=cast.clock()) == 1
    assert correcting.at_desk(cast, row.number or "")["proposal"] is None
    assert correcting.told(cast, "consent_moot") == [cast.reviewers["village"].id]


def test_two_superiors_answer_at_once_and_one_answer_counts(cast: Cast) -> None:
    row = correcting.proposed(cast)
    colleague = hire(cast, "town", region=TOWN)
    refused: list[str] = []

    def work(clerk: Reviewer, agree: bool) -> None:
        try:
            correcting.consent(cast, row.number or "", clerk, agree=agree)
        except Problem as problem:
            refused.append(problem.code)

    pairs = [(cast.reviewers["town"], True), (colleague, False), (colleague, True), (cast.reviewers["town"], False)]
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert refused == ["nothing_proposed"] * 3
    assert len(correcting.notices(cast, row.id)) == 2


def test_a_withdrawal_ends_the_proposal_unsent(cast: Cast) -> None:
    row = correcting.proposed(cast)
    make.withdraw(cast, row.id)
    assert correcting.notices(cast, row.id)[1].closed_as == corrections.DROPPED
    with pytest.raises(Conflict, match="nothing_proposed"):
        correcting.consent(cast, row.number or "")


def test_the_list_of_wanted_consents_shows_each_office_its_own(cast: Cast) -> None:
    rows = [correcting.proposed(cast, who=f"人{chr(0x4E00 + at)}", serial=100 + at) for at in range(3)]
    elsewhere = hire(cast, "town", region="370402002000")
    assert wanted(cast, cast.reviewers["county"]) == wanted(cast, elsewhere) == []
    assert sorted(wanted(cast, cast.reviewers["town"])) == sorted(row.number or "" for row in rows)


def wanted(cast: Cast, clerk: Reviewer) -> list[str]:
    found, cursor = [], None
    while True:
        with cast.db.reading() as session:
            page = wanted_consents.wanted(session, reviewer=clerk, limit=2, cursor=cursor)
        found += [item["number"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found
