"""Bulk acts: a result per case, never outside the rules, never twice, whatever breaks in between."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.applications import bulk, bulk_acts, bulk_checks, bulk_run, review
from backend.applications.bulk import Tools
from backend.applications.bulk_checks import Pick, Wish
from backend.applications.corrections import Defect
from backend.applications.policy import Reviewer
from backend.kernel.errors import Conflict, Invalid, NotFound, Problem
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import Application, ApplicationHistory
from backend.models.audit import AuditEntry
from backend.models.desk import BulkAct, BulkLine, StaffMessage
from backend.models.outbox import Outbox
from backend.models.staff import Staff
from tests import factories as make
from tests.people import FAR_VILLAGE, VILLAGE, Cast, hire, id_number

APPROVE = Wish("approve", "核对无误")
#: Longer than any of these acts takes.
LONG = 60.0


def cases(cast: Cast, count: int) -> list[Application]:
    return [make.submitted(cast, f"人{chr(0x4E00 + at)}", serial=100 + at) for at in range(count)]


def picks(rows: Sequence[Application]) -> list[Pick]:
    return [Pick(row.number or "", row.version) for row in rows]


def begin(cast: Cast, wish: Wish, chosen: Sequence[Pick], *, by: str | Reviewer = "village") -> int:
    clerk = by if isinstance(by, Reviewer) else cast.reviewers[by]
    act: int = cast.run(bulk.begin, vault=cast.vault, reviewer=clerk, wish=wish, picks=chosen, now=cast.clock())
    return act


def work_off(cast: Cast, act: int, seconds: float = LONG) -> bool:
    tools = Tools(cast.vault, cast.calendar)
    return bulk_run.work_off(cast.db, tools, act_id=act, clock=cast.clock, seconds=seconds)


def result(cast: Cast, act: int, by: str | Reviewer = "village") -> dict[str, Any]:
    clerk = by if isinstance(by, Reviewer) else cast.reviewers[by]
    with cast.db.reading() as session:
        return bulk_acts.one(session, reviewer=clerk, act_id=act)


def outcomes(cast: Cast, act: int, by: str | Reviewer = "village") -> list[str | None]:
    return [item["outcome"] for item in result(cast, act, by)["items"]]


def act_on(cast: Cast, wish: Wish, chosen: Sequence[Pick], *, by: str | Reviewer = "village") -> list[str | None]:
    act = begin(cast, wish, chosen, by=by)
    assert work_off(cast, act)
    return outcomes(cast, act, by)


def preview(cast: Cast, wish: Wish, chosen: Sequence[Pick], by: str = "village") -> list[str]:
    with cast.db.reading() as session:
        items = bulk_checks.preview(session, reviewer=cast.reviewers[by], wish=wish, picks=chosen, now=cast.clock())
    return [item["outcome"] for item in items]


def count(cast: Cast, *where: Any) -> int:
    with cast.db.reading() as session:
        return session.scalar(select(func.count()).where(*where)) or 0


def username(cast: Cast, clerk: Reviewer) -> str:
    with cast.db.reading() as session:
        return session.get_one(Staff, clerk.id).username


def photo_wish(cast: Cast) -> Wish:
    return Wish("request_correction", "照片看不清", (Defect(make.photo(cast), "请重拍"),))


def test_every_case_is_approved_by_itself_and_goes_up(cast: Cast) -> None:
    rows = cases(cast, 3)
    assert act_on(cast, APPROVE, picks(rows)) == ["done"] * 3
    assert {make.load(cast, row.id).queue for row in rows} == {"town"}


def test_what_is_foreign_gets_its_code_and_the_others_are_done(cast: Cast) -> None:
    good, held, changed = cases(cast, 3)
    far = make.submitted(cast, "远方", serial=300, region=FAR_VILLAGE)
    draft = make.load(cast, make.draft(cast, "草稿", serial=301))
    own = make.submitted(cast, "自己", serial=302)
    later = make.submitted(cast, "上级", serial=303)
    make.decide(cast, later.number or "", "village", "approve")
    make.claim(cast, held.number or "", hire(cast, "village", region=VILLAGE))
    make.decide(cast, changed.number or "", "village", "accept")
    clerk = cast.reviewer("village", own=("resident_id", id_number(302)))
    with_own_document(cast, clerk)
    chosen = picks([good, held, changed, far, own, later])
    chosen[-1] = Pick(later.number or "")
    chosen += [Pick("YG2611-ZZZZZZ"), Pick(draft.number or "none"), chosen[0]]
    expected = ["done", "already_claimed", "changed_since", "not_found", "own_case", "not_your_level"]
    assert act_on(cast, APPROVE, chosen, by=clerk) == [*expected, "not_found", "not_found", "duplicate"]


def with_own_document(cast: Cast, clerk: Reviewer) -> None:
    def write(session: Session) -> None:
        session.get_one(Staff, clerk.id).person_index = clerk.person_index

    cast.db.transact(write)


def test_the_dry_run_says_the_same_and_writes_nothing(cast: Cast) -> None:
    rows = cases(cast, 3)
    make.claim(cast, rows[1].number or "", hire(cast, "village", region=VILLAGE))
    chosen = [*picks(rows), Pick("YG2611-ZZZZZZ"), picks(rows)[0]]
    before = [count(cast, table.id > 0) for table in (AuditEntry, ApplicationHistory, Outbox, BulkAct, BulkLine)]
    assert preview(cast, APPROVE, chosen) == ["ready", "already_claimed", "ready", "not_found", "duplicate"]
    after = [count(cast, table.id > 0) for table in (AuditEntry, ApplicationHistory, Outbox, BulkAct, BulkLine)]
    assert before == after
    assert act_on(cast, APPROVE, chosen) == ["done", "already_claimed", "done", "not_found", "duplicate"]


def test_a_refused_case_is_not_left_claimed(cast: Cast) -> None:
    row = make.submitted(cast)
    make.decide(cast, row.number or "", "village", "accept")
    assert act_on(cast, Wish("accept"), [Pick(row.number or "")]) == ["already_accepted"]
    assert make.load(cast, row.id).claimed_by is None


def test_a_first_correction_goes_out_in_bulk_and_a_second_does_not(cast: Cast) -> None:
    rows = cases(cast, 2)
    make.decide(
        cast, rows[0].number or "", "village", "request_correction", note="x", defects=(Defect(make.photo(cast), "y"),)
    )
    make.resubmit(cast, rows[0].id, "人一")
    chosen = [Pick(row.number or "") for row in rows]
    assert preview(cast, photo_wish(cast), chosen) == ["second_notice", "ready"]
    assert act_on(cast, photo_wish(cast), chosen) == ["second_notice", "done"]
    assert make.load(cast, rows[1].id).status == S.CORRECTION


def test_a_correction_of_another_form_is_refused_case_by_case(cast: Cast) -> None:
    rows = cases(cast, 1)
    wish = Wish("request_correction", "请改", (Defect("no_such_field", "x"),))
    assert preview(cast, wish, picks(rows)) == ["unknown_target"]
    assert act_on(cast, wish, picks(rows)) == ["unknown_target"]


def test_cases_are_handed_to_a_colleague_who_hears_once(cast: Cast) -> None:
    rows, colleague = cases(cast, 3), hire(cast, "village", region=VILLAGE)
    make.claim(cast, rows[0].number or "", cast.reviewers["village"])
    assert act_on(cast, Wish("hand_over", to=username(cast, colleague)), picks(rows)) == ["done"] * 3
    assert {make.load(cast, row.id).claimed_by for row in rows} == {colleague.id}
    assert count(cast, StaffMessage.staff_id == colleague.id) == 1


def test_nobody_outside_the_office_is_handed_anything(cast: Cast) -> None:
    row, far = make.submitted(cast), hire(cast, "village", region=FAR_VILLAGE)
    for to in (username(cast, far), username(cast, cast.reviewers["village"]), "nobody", None):
        with pytest.raises(Problem):
            begin(cast, Wish("hand_over", to=to), picks([row]))


@pytest.mark.parametrize("many", [0, 501])
def test_none_or_too_many_are_refused_before_anything(cast: Cast, many: int) -> None:
    with pytest.raises(Invalid):
        begin(cast, APPROVE, [Pick(f"YG2611-{at:06d}") for at in range(many)])
    assert count(cast, BulkAct.id > 0) == 0


def test_five_hundred_unknown_numbers_have_five_hundred_results(cast: Cast) -> None:
    found = act_on(cast, APPROVE, [Pick(f"YG2611-{at:06d}") for at in range(500)])
    assert Counter(found) == {"not_found": 500}


def test_an_act_goes_on_where_it_broke_off(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = cases(cast, 4)
    act, real, calls = begin(cast, APPROVE, picks(rows)), review.decide, iter(range(100))

    def dies_at_the_third(*given: Any, **named: Any) -> int:
        done = real(*given, **named)
        if next(calls) == 2:
            raise KeyboardInterrupt  # the process is gone before the commit
        return done

    monkeypatch.setattr(review, "decide", dies_at_the_third)
    with suppress(KeyboardInterrupt):
        work_off(cast, act)
    assert outcomes(cast, act) == ["done", "done", None, None]
    assert make.load(cast, rows[2].id).status == S.SUBMITTED
    assert work_off(cast, act)
    assert outcomes(cast, act) == ["done"] * 4
    assert count(cast, ApplicationHistory.move == "hand_up") == 4


def test_a_line_that_breaks_does_not_stop_the_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, real = cases(cast, 3), review.decide

    def breaks_once(*given: Any, **named: Any) -> int:
        if named["number"] == rows[1].number:
            raise ValueError("秘密")
        return real(*given, **named)

    monkeypatch.setattr(review, "decide", breaks_once)
    assert act_on(cast, APPROVE, picks(rows)) == ["done", "failed", "done"]
    assert make.load(cast, rows[1].id).claimed_by is None


def test_an_act_without_time_waits(cast: Cast) -> None:
    act = begin(cast, APPROVE, picks(cases(cast, 2)))
    assert not work_off(cast, act, seconds=0)
    assert result(cast, act)["status"] == "running"
    assert work_off(cast, act)
    assert result(cast, act)["status"] == "finished"


def test_a_stopped_act_leaves_the_rest_undone(cast: Cast) -> None:
    rows = cases(cast, 2)
    act = begin(cast, APPROVE, picks(rows))
    with cast.db.reading() as session:
        first = bulk.waiting(session, act_id=act, limit=1)[0]
    cast.run(bulk.work, tools=Tools(cast.vault, cast.calendar), line_id=first, now=cast.clock())
    cast.run(bulk.stop, vault=cast.vault, reviewer=cast.reviewers["village"], act_id=act, now=cast.clock())
    assert work_off(cast, act)
    assert (outcomes(cast, act), result(cast, act)["status"]) == (["done", None], "stopped")


def test_a_finished_act_cannot_be_stopped(cast: Cast) -> None:
    act = begin(cast, APPROVE, picks(cases(cast, 1)))
    work_off(cast, act)
    with pytest.raises(Conflict) as refused:
        cast.run(bulk.stop, vault=cast.vault, reviewer=cast.reviewers["village"], act_id=act, now=cast.clock())
    assert refused.value.code == "already_finished"


def test_an_act_is_its_clerks_own(cast: Cast) -> None:
    act = begin(cast, APPROVE, picks(cases(cast, 1)))
    with pytest.raises(NotFound):
        result(cast, act, hire(cast, "village", region=VILLAGE))


def test_a_clerk_disabled_in_between_decides_nothing_more(cast: Cast) -> None:
    act = begin(cast, APPROVE, picks(cases(cast, 2)))

    def disable(session: Session) -> None:
        session.get_one(Staff, cast.reviewers["village"].id).active = False

    cast.db.transact(disable)
    assert work_off(cast, act)
    assert outcomes(cast, act) == [None, None]
    assert result(cast, act)["status"] == "stopped"


def test_two_acts_over_the_same_cases_decide_each_once(cast: Cast) -> None:
    rows = cases(cast, 8)
    colleague = hire(cast, "village", region=VILLAGE)
    acts = [begin(cast, APPROVE, picks(rows)), begin(cast, APPROVE, list(reversed(picks(rows))), by=colleague)]
    threads = [threading.Thread(target=work_off, args=(cast, act)) for act in [*acts, *acts]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(cast, ApplicationHistory.move == "hand_up") == len(rows)
    found = Counter(outcomes(cast, acts[0]) + outcomes(cast, acts[1], colleague))
    assert found["done"] == len(rows)
    assert found.total() == 2 * len(rows)
    assert None not in found


def test_old_acts_are_forgotten_with_their_words(cast: Cast) -> None:
    begin(cast, APPROVE, picks(cases(cast, 1)))
    assert cast.run(bulk.purge, before=cast.clock(), limit=10) == 0
    cast.clock.advance(timedelta(days=31))
    assert cast.run(bulk.purge, before=cast.clock(), limit=10) == 1
    assert count(cast, BulkLine.id > 0) == 0


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert "秘密" not in caplog.text
