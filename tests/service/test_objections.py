"""Objections: anybody, until the last second, without a trace of who; the case waits for the answer."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backend.applications import deadlines, notice_desk, notice_queries
from backend.applications.objections import PER_NOTICE
from backend.db import Database
from backend.kernel import ids
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import Pause
from backend.models.audit import AuditEntry
from backend.models.desk import StaffMessage
from backend.models.idempotency import IdempotencyKey
from backend.models.notice import Objection, PublicNotice
from backend.models.session import AttemptCount
from tests import announced, factories as make
from tests.clock import MovableClock
from tests.people import Cast, assemble, hire, id_number


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    whole = assemble(database, vault, clock)
    whole.publish()
    return whole


@pytest.fixture
def standing(cast: Cast) -> PublicNotice:
    """A notice in its first day."""
    return announced.begin(cast, announced.announced(cast).id)


def progress(cast: Cast, code: str) -> dict[str, object]:
    with cast.db.reading() as session:
        return notice_queries.progress(session, cast.vault, code=code)


def test_an_anonymous_objection_pauses_the_case_and_gives_a_code(cast: Cast, standing: PublicNotice) -> None:
    code = announced.object_to(cast, standing.id)
    found = announced.objections_of(cast, standing.application_id)[0]
    assert (len(code), found.named, found.made_on) == (12, False, standing.opens_on)
    assert make.load(cast, standing.application_id).paused_at is not None
    assert progress(cast, f" {code[:4].lower()}-{code[4:]}")["status"] == "waiting"


def test_a_named_objection_tells_the_office_whom_to_call(cast: Cast, standing: PublicNotice) -> None:
    announced.object_to(cast, standing.id, name="李某", contact="0632-0000001")
    objection = announced.objections_of(cast, standing.application_id)[0]
    seen = cast.run(
        notice_desk.opened,
        vault=cast.vault,
        reviewer=cast.reviewers["village"],
        objection_id=objection.id,
        now=cast.clock(),
    )
    assert (seen["text"], seen["name"], seen["contact"]) == (announced.TEXT, "李某", "0632-0000001")
    assert seen["allowed_actions"] == ["answer"]


def test_no_moment_and_nobody_is_kept(cast: Cast, standing: PublicNotice) -> None:
    cast.clock.advance(timedelta(hours=3, minutes=17))
    announced.object_to(cast, standing.id)
    day = announced.at(standing.opens_on, 0)
    first = ids.new_id(day) >> 22
    with cast.db.reading() as session:
        row = session.scalars(select(Objection)).one()
        assert (row.id >> 22, session.scalars(select(Pause.began_at)).one()) == (first, day)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "objection.make")).one()
        assert (entry.at, entry.actor_id) == (day, None)
        assert session.scalars(select(StaffMessage.sent_at)).one() == day
        assert {one.started_at for one in session.scalars(select(AttemptCount)) if one.count == 1} == {day}
        assert session.scalars(select(IdempotencyKey)).all() == []
    assert announced.TEXT not in row.content


def test_the_same_press_makes_one_objection(cast: Cast, standing: PublicNotice) -> None:
    codes: set[str] = set()
    taps = [threading.Thread(target=lambda: codes.add(announced.object_to(cast, standing.id))) for _ in range(4)]
    for tap in taps:
        tap.start()
    for tap in taps:
        tap.join()
    assert len(codes) == len(announced.objections_of(cast, standing.application_id)) == 1
    with pytest.raises(Invalid) as refused:
        announced.object_to(cast, standing.id, "说了别的话。")
    assert refused.value.code == "idempotency_mismatch"


@pytest.mark.parametrize(
    "text",
    [
        f"他的身份证是 {id_number(3)}。",
        "电话 １３８００００００２１，可以问",
        "电话 138-0000-0021",
        "账号 6222 0000 0000 0000 001",
        "座机 0632-3300000",
    ],
)
def test_numbers_of_people_are_refused_with_their_place(cast: Cast, standing: PublicNotice, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        announced.object_to(cast, standing.id, text)
    assert refused.value.code == "third_party"
    assert refused.value.extra["spots"]
    assert announced.objections_of(cast, standing.application_id) == []


def test_the_last_second_is_in_time_and_the_next_is_not(cast: Cast, standing: PublicNotice) -> None:
    cast.clock.set(announced.at(standing.closes_on, 23, 59, 59))
    announced.object_to(cast, standing.id)
    cast.clock.advance(timedelta(seconds=1))
    with pytest.raises(Conflict) as refused:
        announced.object_to(cast, standing.id, key="late")
    assert refused.value.code == "notice_over"


def test_before_the_first_day_there_is_nothing_to_object_to(cast: Cast) -> None:
    found = announced.notice(cast, announced.announced(cast).id)
    with pytest.raises(NotFound):
        announced.object_to(cast, found.id)


def test_an_open_objection_keeps_the_case_but_not_the_page(cast: Cast, standing: PublicNotice) -> None:
    announced.object_to(cast, standing.id)
    cast.clock.set(announced.at(date(2026, 12, 1), 8))
    announced.sweep(cast)
    assert make.load(cast, standing.application_id).status == S.IN_NOTICE
    assert announced.notice(cast, standing.application_id).shown is None
    assert announced.sweep(cast) == 0
    announced.answer(cast, announced.objections_of(cast, standing.application_id)[0].id, upheld=False)
    assert announced.sweep(cast) == 1
    assert make.load(cast, standing.application_id).queue == "town"


def test_a_dismissed_objection_lets_the_clock_run_again(cast: Cast, standing: PublicNotice) -> None:
    due = make.load(cast, standing.application_id).due_on
    codes = [announced.object_to(cast, standing.id, key=key) for key in "ab"]
    cast.clock.advance(timedelta(days=2))
    one, two = announced.objections_of(cast, standing.application_id)
    announced.answer(cast, one.id, upheld=False)
    assert make.load(cast, standing.application_id).paused_at is not None
    announced.answer(cast, two.id, upheld=False)
    after = make.load(cast, standing.application_id)
    assert (after.paused_at, after.due_on) == (None, cast.calendar.add(due, 2)) if due else False
    assert {progress(cast, code)["status"] for code in codes} == {"dismissed"}
    with cast.db.reading() as session:
        assert len(deadlines.pauses(session, standing.application_id)) == 1


def test_an_upheld_objection_brings_the_case_back(cast: Cast, standing: PublicNotice) -> None:
    codes = [announced.object_to(cast, standing.id, key=key) for key in "ab"]
    announced.answer(cast, announced.objections_of(cast, standing.application_id)[0].id, upheld=True)
    after = make.load(cast, standing.application_id)
    assert (after.status, after.queue, after.paused_at) == (S.IN_REVIEW, "village", None)
    assert (announced.notice(cast, after.id).ended_as, announced.notice(cast, after.id).shown) == ("upheld", None)
    assert {progress(cast, code)["status"] for code in codes} == {"upheld"}
    make.decide(cast, after.number or "", "village", "approve")
    assert make.load(cast, after.id).status == S.IN_NOTICE


def test_an_answer_counts_once_and_not_after_the_case_was_taken_back(cast: Cast, standing: PublicNotice) -> None:
    code = announced.object_to(cast, standing.id)
    objection = announced.objections_of(cast, standing.application_id)[0].id
    make.withdraw(cast, standing.application_id)
    with pytest.raises(Conflict) as refused:
        announced.answer(cast, objection, upheld=True)
    assert (refused.value.code, progress(cast, code)["status"]) == ("notice_over", "moot")


def test_two_clerks_answer_one_objection_once(cast: Cast, standing: PublicNotice) -> None:
    announced.object_to(cast, standing.id)
    objection = announced.objections_of(cast, standing.application_id)[0].id
    said: list[str] = []

    def press(upheld: bool) -> None:
        try:
            announced.answer(cast, objection, upheld=upheld)
            said.append("done")
        except Conflict as refused:
            said.append(refused.code)

    presses = [threading.Thread(target=press, args=(upheld,)) for upheld in (True, False)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sorted(said)[1] == "done"
    assert sorted(said)[0] in ("already_answered", "notice_over")


def test_neither_the_person_nor_a_stranger_answers(cast: Cast, standing: PublicNotice) -> None:
    announced.object_to(cast, standing.id)
    objection = announced.objections_of(cast, standing.application_id)[0].id
    own = cast.reviewer("village", own=("resident_id", id_number(7)))
    far = hire(cast, "town", region="370402002000")
    for clerk, refusal in ((own, Forbidden), (far, NotFound)):
        with pytest.raises(refusal):
            cast.run(notice_desk.opened, vault=cast.vault, reviewer=clerk, objection_id=objection, now=cast.clock())


def test_the_level_below_does_not_answer_for_the_one_that_found(cast: Cast) -> None:
    row = make.submitted(cast, item="hardship-support")
    for level in ("village", "town", "county"):
        make.decide(cast, row.number or "", level, "approve")
    standing = announced.begin(cast, row.id)
    announced.object_to(cast, standing.id)
    objection = announced.objections_of(cast, row.id)[0].id
    with pytest.raises((Conflict, Forbidden)):
        announced.answer(cast, objection, upheld=True, level="town")
    announced.answer(cast, objection, upheld=True, level="county")
    assert make.load(cast, row.id).queue == "county"


def test_a_flood_ends_at_the_days_limit(cast: Cast, standing: PublicNotice) -> None:
    for key in range(PER_NOTICE):
        announced.object_to(cast, standing.id, key=str(key))
    with pytest.raises(TooMany):
        announced.object_to(cast, standing.id, key="more")


def test_the_answer_is_read_by_its_code_only(cast: Cast, standing: PublicNotice) -> None:
    code = announced.object_to(cast, standing.id)
    announced.answer(cast, announced.objections_of(cast, standing.application_id)[0].id, upheld=False)
    assert progress(cast, code)["answer"] == "入户核实过，仍住在村里。"
    with pytest.raises(NotFound):
        progress(cast, "2" * 12)


def test_the_office_reads_which_objections_wait(cast: Cast, standing: PublicNotice) -> None:
    announced.object_to(cast, standing.id)
    for level in ("village", "town", "county"):
        with cast.db.reading() as session:
            clerk = cast.reviewers[level]
            waiting = notice_desk.waiting(session, reviewer=clerk)
            running = notice_desk.running(session, reviewer=clerk, limit=20, cursor=None, now=cast.clock())
        assert [one["number"] for one in waiting] == [one["number"] for one in running.items]
    far = hire(cast, "village", region="370402002003")
    with cast.db.reading() as session:
        assert notice_desk.waiting(session, reviewer=far) == []
