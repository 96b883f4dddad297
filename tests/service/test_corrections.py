"""Correction notices: what they say, until when, edited and cancelled, answered or not."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest

from backend.applications import correction_due, due
from backend.applications.corrections import Defect
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Stale
from backend.lifecycles.application import ApplicationStatus as S
from tests import correcting, factories as make
from tests.people import EMPTY_VILLAGE, VILLAGE, Cast, hire, id_number

#: The cast's clock stands on Monday 23 November 2026.
IN_TEN = date(2026, 12, 7)
DAY = timedelta(days=1)


def test_a_notice_says_what_to_hand_in_and_until_when(cast: Cast) -> None:
    row = make.submitted(cast)
    defects = (correcting.defect(cast, hand_in="身份证正面照片"), Defect("current_address", "写到村"))
    correcting.request(cast, row.number or "", defects=defects)
    notice = correcting.seen(cast, row.id)["correction"]
    assert [item["hand_in"] for item in notice["items"]] == ["身份证正面照片", ""]
    assert (notice["due_on"], notice["ordinal"], notice["status"]) == (IN_TEN.isoformat(), 1, "open")
    assert correcting.notices(cast, row.id)[0].closed_at is None


@pytest.mark.parametrize("day", [date(2026, 11, 26), date(2027, 1, 4)])
def test_a_clerk_may_set_the_last_day_within_bounds(cast: Cast, day: date) -> None:
    row = make.submitted(cast)
    correcting.request(cast, row.number or "", due_on=day)
    assert correcting.notices(cast, row.id)[0].due_on == day


@pytest.mark.parametrize("day", [date(2026, 11, 25), date(2026, 11, 23), date(2027, 2, 1), date(1, 1, 1)])
def test_a_last_day_out_of_bounds_is_refused_and_nothing_happens(cast: Cast, day: date) -> None:
    row = make.submitted(cast)
    with pytest.raises(Invalid) as refused:
        correcting.request(cast, row.number or "", due_on=day)
    assert "due_on" in refused.value.errors
    assert make.load(cast, row.id).status == S.SUBMITTED
    assert correcting.notices(cast, row.id) == []


def test_a_last_day_off_moves_on_to_the_next_working_day(cast: Cast) -> None:
    row = make.submitted(cast)
    correcting.request(cast, row.number or "", due_on=date(2026, 11, 28))
    assert correcting.notices(cast, row.id)[0].due_on == date(2026, 11, 30)


def test_the_clock_stands_still_between_notice_and_answer(cast: Cast) -> None:
    row = make.in_correction(cast)
    begun = make.load(cast, row.id)
    cast.clock.advance(2 * DAY)
    make.resubmit(cast, row.id)
    after = make.load(cast, row.id)
    [pause] = correcting.pauses(cast, row.id)
    assert (pause.began_at, pause.ended_at) == (begun.paused_at, cast.clock())
    assert begun.due_on
    assert after.due_on == cast.calendar.add(begun.due_on, 2)
    assert correcting.notices(cast, row.id)[0].closed_as == "answered"


def test_an_edit_keeps_the_earlier_text_and_tells_the_applicant(cast: Cast) -> None:
    row = make.in_correction(cast)
    correcting.edit(cast, row.number or "")
    notice = correcting.seen(cast, row.id)["correction"]
    assert (notice["note"], notice["items"][0]["hand_in"]) == ("照片还是看不清", "身份证正面照片")
    [old] = notice["earlier"]
    assert (old["note"], old["items"][0]["reason"], old["due_on"]) == ("照片看不清", "看不清，请重拍", str(IN_TEN))
    assert correcting.acts(cast, row.id)[-1] == "correction.edit"


def test_an_edit_pressed_twice_is_one_edit(cast: Cast) -> None:
    row = make.in_correction(cast)
    correcting.edit(cast, row.number or "")
    version = make.load(cast, row.id).version
    correcting.edit(cast, row.number or "")
    assert make.load(cast, row.id).version == version
    assert correcting.acts(cast, row.id).count("correction.edit") == 1


def test_an_edit_never_shortens_the_time(cast: Cast) -> None:
    row = make.in_correction(cast)
    with pytest.raises(Invalid, match="due_on_out_of_bounds"):
        correcting.edit(cast, row.number or "", due_on=IN_TEN - DAY)
    correcting.edit(cast, row.number or "", due_on=IN_TEN + DAY)
    assert correcting.notices(cast, row.id)[0].due_on == IN_TEN + DAY


def test_an_edit_on_the_last_day_gives_three_working_days(cast: Cast) -> None:
    row = make.in_correction(cast)
    cast.clock.advance(14 * DAY)  # Monday 7 December, the last day
    correcting.edit(cast, row.number or "")
    assert correcting.notices(cast, row.id)[0].due_on == date(2026, 12, 10)
    cast.clock.advance(DAY)
    assert cast.run(due.lapse_corrections, now=cast.clock()) == 0


def test_a_stale_edit_is_refused_and_both_texts_stay(cast: Cast) -> None:
    row = make.in_correction(cast)
    correcting.edit(cast, row.number or "", note="第一个人改的", version=row.version)
    with pytest.raises(Stale):
        correcting.edit(cast, row.number or "", note="第二个人改的", version=row.version)
    correcting.edit(cast, row.number or "", note="第二个人改的")
    content = correcting.words(cast, correcting.notices(cast, row.id)[0])
    assert [content["note"], *(old["note"] for old in content["earlier"])] == [
        "第二个人改的",
        "照片看不清",
        "第一个人改的",
    ]


def test_a_cancelled_notice_gives_the_case_back_with_its_clock(cast: Cast) -> None:
    row = make.in_correction(cast)
    cast.clock.advance(DAY)
    correcting.cancel(cast, row.number or "")
    after = make.load(cast, row.id)
    assert (after.status, after.queue, after.paused_at, after.expires_at) == (S.IN_REVIEW, "village", None, None)
    assert row.due_on
    assert after.due_on == cast.calendar.add(row.due_on, 1)
    [closed] = correcting.at_desk(cast, row.number or "")["corrections"]
    assert (closed["status"], closed["note"]) == ("cancelled", "照片看不清")
    assert correcting.at_desk(cast, row.number or "")["timeline"][-1]["note"] == "照片其实清楚"


def test_a_cancelled_notice_leaves_what_was_handed_in(cast: Cast) -> None:
    row = make.in_correction(cast)
    before = make.answers_of(cast, row.id)
    make.answer(cast, row.id, current_address="改了一半")
    extra = make.hand_in(cast, row.id, "王㐂", make.photo(cast), "two")
    correcting.cancel(cast, row.number or "")
    assert make.answers_of(cast, row.id) == before
    files = correcting.at_desk(cast, row.number or "")["materials"]
    assert len(files) == 1
    assert extra not in files


@pytest.mark.parametrize("act", [correcting.edit, correcting.cancel])
def test_a_notice_is_changed_by_its_level_or_above_only(cast: Cast, act: object) -> None:
    row = make.submitted(cast)
    make.decide(cast, row.number or "", "village", "approve")
    correcting.request(cast, row.number or "", "town")
    other = hire(cast, "village", region=EMPTY_VILLAGE)
    for clerk, refusal in ((cast.reviewers["village"], Conflict), (other, NotFound)):
        with pytest.raises(refusal):
            act(cast, row.number or "", clerk)  # type: ignore[operator]
    own = cast.reviewer("county", own=("resident_id", id_number(7)))
    with pytest.raises(Forbidden):
        act(cast, row.number or "", own)  # type: ignore[operator]
    act(cast, row.number or "", cast.reviewers["county"])  # type: ignore[operator]


def test_a_superior_who_cancels_may_still_act_at_their_own_level(cast: Cast) -> None:
    row = make.in_correction(cast)
    correcting.cancel(cast, row.number or "", "town")
    make.decide(cast, row.number or "", "village", "approve")
    make.decide(cast, row.number or "", "town", "approve")
    assert make.load(cast, row.id).status == S.APPROVED


def test_two_browsers_edit_and_cancel_at_once_and_one_state_comes_out(cast: Cast) -> None:
    row = make.in_correction(cast)
    colleague = hire(cast, "village", region=VILLAGE)
    refused: list[str] = []

    def work(act: object, clerk: object) -> None:
        try:
            act(cast, row.number, clerk)  # type: ignore[operator]
        except Problem as problem:
            refused.append(problem.code)

    pairs = [
        (correcting.edit, cast.reviewers["village"]),
        (correcting.cancel, colleague),
        (correcting.cancel, colleague),
    ]
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    [each.start() for each in threads]
    [each.join() for each in threads]
    [notice] = correcting.notices(cast, row.id)
    assert (make.load(cast, row.id).status, notice.closed_as) == (S.IN_REVIEW, "cancelled")
    assert 1 <= refused.count("no_correction_open") <= 2
    assert correcting.acts(cast, row.id).count("application.cancel_correction") == 1


def test_the_reminder_comes_three_working_days_before_the_end_once(cast: Cast) -> None:
    row = make.in_correction(cast)  # until Monday 7 December
    remind = {"calendar": cast.calendar}
    cast.clock.advance(8 * DAY)  # Tuesday 1 December
    assert cast.run(correction_due.remind, now=cast.clock(), **remind) == 0
    cast.clock.advance(DAY)
    assert cast.run(correction_due.remind, now=cast.clock(), **remind) == 1
    assert cast.run(correction_due.remind, now=cast.clock(), **remind) == 0
    assert correcting.notices(cast, row.id)[0].reminded_at == cast.clock()


def test_nobody_is_reminded_before_eight(cast: Cast) -> None:
    make.in_correction(cast)
    cast.clock.advance(9 * DAY - timedelta(hours=2, minutes=1))  # Wednesday 2 December, 7:59
    assert cast.run(correction_due.remind, calendar=cast.calendar, now=cast.clock()) == 0
    cast.clock.advance(timedelta(minutes=1))
    assert cast.run(correction_due.remind, calendar=cast.calendar, now=cast.clock()) == 1


def test_a_prolonged_notice_is_called_to_mind_again(cast: Cast) -> None:
    row = make.in_correction(cast)
    cast.clock.advance(9 * DAY)
    cast.run(correction_due.remind, calendar=cast.calendar, now=cast.clock())
    correcting.edit(cast, row.number or "", due_on=date(2026, 12, 21))
    assert cast.run(correction_due.remind, calendar=cast.calendar, now=cast.clock()) == 0
    cast.clock.advance(14 * DAY)
    assert cast.run(correction_due.remind, calendar=cast.calendar, now=cast.clock()) == 1


def test_the_last_day_counts_to_midnight_in_china(cast: Cast) -> None:
    row = make.in_correction(cast)
    cast.clock.advance(14 * DAY + timedelta(hours=13, minutes=59, seconds=59))  # 7 December, 23:59:59
    assert cast.run(due.lapse_corrections, now=cast.clock()) == 0
    cast.clock.advance(timedelta(seconds=1))
    assert cast.run(due.lapse_corrections, now=cast.clock()) == 1
    after = make.load(cast, row.id)
    assert (after.status, after.ended_as) == (S.WITHDRAWN, "lapsed")
    assert correcting.notices(cast, row.id)[0].closed_as == "lapsed"
    assert correcting.pauses(cast, row.id)[0].ended_at == cast.clock()
    assert str(correcting.seen(cast, row.id)["status_label"]) == "逾期未补正，已终止"


def test_a_withdrawal_closes_the_notice_as_the_applicant_s(cast: Cast) -> None:
    row = make.in_correction(cast)
    make.withdraw(cast, row.id)
    assert correcting.notices(cast, row.id)[0].closed_as == "withdrawn"


def test_no_decision_is_possible_while_a_notice_is_open(cast: Cast) -> None:
    row = make.in_correction(cast)
    for kind in ("approve", "reject", "return", "request_correction"):
        with pytest.raises(Conflict) as refused:
            make.decide(cast, row.number or "", "village", kind, fence=row.fence)
        assert refused.value.code == "correction_open"


def test_the_desk_marks_which_lines_were_mended(cast: Cast) -> None:
    row = make.submitted(cast)
    defects = (correcting.defect(cast), Defect("current_address", "写到村"), Defect("purpose", "选一个"))
    correcting.request(cast, row.number or "", defects=defects)
    make.answer(cast, row.id, current_address="江苏省苏州市昆山市周庄镇")
    make.hand_in(cast, row.id, "王㐂", make.photo(cast), "two")
    make.resubmit(cast, row.id)
    found = correcting.at_desk(cast, row.number or "")["touched"]
    assert (found["asked"], found["touched"]) == (3, 2)
    assert [item["touched"] for item in found["items"]] == [True, True, False]


def test_the_difference_is_against_the_revision_the_notice_was_about(cast: Cast) -> None:
    row = make.in_correction(cast)
    make.answer(cast, row.id, current_address="第一次改")
    make.resubmit(cast, row.id)
    correcting.request(cast, row.number or "", reason_code="new_fact")
    correcting.consent(cast, row.number or "")
    make.answer(cast, row.id, current_address="第二次改")
    make.resubmit(cast, row.id)
    [change] = correcting.at_desk(cast, row.number or "")["changes"]
    assert (change["before"], change["after"]) == ("第一次改", "第二次改")
    assert [one["ordinal"] for one in correcting.at_desk(cast, row.number or "")["corrections"]] == [2, 1]
