"""Questions and their replies, notes among clerks, and who never reads them."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.applications import leaving, notes, queries, questions
from backend.applications.policy import Reviewer
from backend.kernel import ids
from backend.kernel.crypto import Unreadable, place
from backend.kernel.errors import Conflict, Forbidden, NotFound, Problem
from backend.models.application import InternalNote, Question
from backend.models.outbox import Outbox
from backend.models.resident import Resident
from backend.models.staff import Staff
from tests import correcting, factories as make
from tests.people import EMPTY_VILLAGE, VILLAGE, Cast, hire, id_number

ASKED, REPLIED, NOTED = "您住几号楼？", "三号楼𠮷", "和派出所核对过，内部备注"


def ask(cast: Cast, number: str, who: Reviewer | None = None, text: str = ASKED) -> int:
    clerk = who or cast.reviewers["village"]
    asked: int = cast.run(questions.ask, vault=cast.vault, reviewer=clerk, number=number, text=text, now=cast.clock())
    return asked


def reply(cast: Cast, case: int, question: int, who: str = "王㐂", text: str = REPLIED) -> None:
    cast.run(
        questions.reply,
        vault=cast.vault,
        resident_id=cast.resident(who, 8),
        application_id=case,
        question_id=question,
        text=text,
        now=cast.clock(),
    )


def note(cast: Cast, number: str, who: Reviewer | None = None) -> None:
    clerk = who or cast.reviewers["village"]
    cast.run(notes.write, vault=cast.vault, reviewer=clerk, number=number, text=NOTED, now=cast.clock())


def test_a_question_is_asked_replied_once_and_stops_no_clock(cast: Cast) -> None:
    row = make.submitted(cast)
    make.claim(cast, row.number or "", cast.reviewers["village"])
    asked = ask(cast, row.number or "")
    [shown] = correcting.seen(cast, row.id)["questions"]
    assert (shown["text"], shown["status"], shown["allowed_actions"]) == (ASKED, "asked", ["reply"])
    reply(cast, row.id, asked)
    [shown] = correcting.at_desk(cast, row.number or "")["questions"]
    assert (shown["reply"], shown["status"], shown["allowed_actions"]) == (REPLIED, "replied", [])
    assert correcting.told(cast, "question_answered") == [cast.reviewers["village"].id]
    after = make.load(cast, row.id)
    assert (after.due_on, after.paused_at, after.version) == (row.due_on, None, row.version)
    with pytest.raises(Conflict, match="already_replied"):
        reply(cast, row.id, asked, text="改口")
    assert correcting.pauses(cast, row.id) == []


def test_the_applicant_is_told_of_a_question(cast: Cast) -> None:
    row = make.submitted(cast)
    make.claim(cast, row.number or "", cast.reviewers["village"])
    asked = ask(cast, row.number or "")
    with cast.db.reading() as session:
        work = session.scalars(select(Outbox).where(Outbox.topic == "question_asked")).one()
    assert (work.subject_id, work.dedupe_key) == (row.id, f"question_asked:{asked}")


def test_only_the_holder_asks(cast: Cast) -> None:
    row = make.submitted(cast)
    with pytest.raises(Conflict, match="not_claimed"):
        ask(cast, row.number or "")
    make.claim(cast, row.number or "", cast.reviewers["village"])
    with pytest.raises(Conflict, match="not_claimed"):
        ask(cast, row.number or "", hire(cast, "village", region=VILLAGE))
    with pytest.raises(NotFound):
        ask(cast, row.number or "", hire(cast, "village", region=EMPTY_VILLAGE))
    cast.clock.advance(timedelta(minutes=31))
    with pytest.raises(Conflict, match="not_claimed"):
        ask(cast, row.number or "")


def test_nobody_is_buried_under_questions(cast: Cast) -> None:
    row = make.submitted(cast)
    make.claim(cast, row.number or "", cast.reviewers["village"])
    for _ in range(questions.MOST_OPEN):
        ask(cast, row.number or "")
    with pytest.raises(Conflict, match="too_many_questions"):
        ask(cast, row.number or "")


def test_a_stranger_replies_to_nothing(cast: Cast) -> None:
    row = make.submitted(cast)
    other = make.submitted(cast, "李四", serial=8)
    make.claim(cast, row.number or "", cast.reviewers["village"])
    asked = ask(cast, row.number or "")
    for case, who in ((row.id, "李四"), (other.id, "李四"), (other.id, "王㐂")):
        with pytest.raises(NotFound):
            reply(cast, case, asked, who)


def test_two_taps_at_once_leave_one_reply(cast: Cast) -> None:
    row = make.submitted(cast)
    make.claim(cast, row.number or "", cast.reviewers["village"])
    asked, refused = ask(cast, row.number or ""), []

    def tap(words: str) -> None:
        try:
            reply(cast, row.id, asked, text=words)
        except Problem as problem:
            refused.append(problem.code)

    threads = [threading.Thread(target=tap, args=(f"回答 {n}",)) for n in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert refused == ["already_replied"] * 3
    assert correcting.acts(cast, row.id).count("question.reply") == 1


def test_a_reply_after_the_end_is_refused_in_words(cast: Cast) -> None:
    row = make.submitted(cast)
    make.claim(cast, row.number or "", cast.reviewers["village"])
    asked = ask(cast, row.number or "")
    make.withdraw(cast, row.id)
    with pytest.raises(Conflict, match="not_under_way"):
        reply(cast, row.id, asked)


def test_the_office_hears_when_whoever_asked_has_left(cast: Cast) -> None:
    row = make.submitted(cast)
    make.claim(cast, row.number or "", cast.reviewers["village"])
    asked = ask(cast, row.number or "")
    colleague = hire(cast, "village", region=VILLAGE)

    def leave(session: Session) -> None:
        session.execute(update(Staff).where(Staff.id == cast.reviewers["village"].id).values(active=False))

    cast.db.transact(leave)
    reply(cast, row.id, asked)
    assert correcting.told(cast, "question_answered") == [colleague.id]


def test_notes_are_read_by_the_jurisdiction_newest_first(cast: Cast) -> None:
    row = make.submitted(cast)
    note(cast, row.number or "")
    cast.clock.advance(timedelta(minutes=1))
    note(cast, row.number or "", cast.reviewers["county"])
    for level in ("village", "town", "county"):
        shown = correcting.at_desk(cast, row.number or "", level)["notes"]
        assert [one["post"] for one in shown] == ["区级审批岗", "村级核对岗"]
        assert shown[0]["text"] == NOTED
    assert make.load(cast, row.id).version == row.version


def test_notes_page_without_gaps(cast: Cast) -> None:
    row = make.submitted(cast)
    for _ in range(5):
        note(cast, row.number or "")
    seen, cursor = [], None
    while True:
        with cast.db.reading() as session:
            page = notes.page(
                session,
                cast.vault,
                reviewer=cast.reviewers["town"],
                number=row.number or "",
                limit=2,
                cursor=cursor,
            )
        seen += [item["id"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5


def test_strangers_and_applicants_in_office_get_no_notes(cast: Cast) -> None:
    row = make.submitted(cast)
    with pytest.raises(NotFound):
        note(cast, row.number or "", hire(cast, "village", region=EMPTY_VILLAGE))
    own = cast.reviewer("village", own=("resident_id", id_number(7)))
    with pytest.raises(Forbidden):
        note(cast, row.number or "", own)
    with pytest.raises(Forbidden):
        correcting.at_desk(cast, row.number or "", own)


def test_no_read_of_the_applicant_holds_a_note(cast: Cast) -> None:
    row = make.submitted(cast)
    note(cast, row.number or "")
    resident = cast.residents["王㐂"]
    with cast.db.reading() as session:
        whole = queries.everything(session, cast.vault, resident)
        copy = queries.copy(session, cast.vault, resident_id=resident, application_id=row.id)
        mine = queries.mine(session, resident_id=resident, limit=20, cursor=None)
    for read in (whole, copy, mine.items, correcting.seen(cast, row.id)):
        assert NOTED not in json.dumps(read, ensure_ascii=False, default=str)


def test_an_export_holds_questions_and_replies(cast: Cast) -> None:
    row = make.submitted(cast)
    make.claim(cast, row.number or "", cast.reviewers["village"])
    reply(cast, row.id, ask(cast, row.number or ""))
    with cast.db.reading() as session:
        [case] = queries.everything(session, cast.vault, cast.residents["王㐂"])
    assert [(one["text"], one["reply"]) for one in case["questions"]] == [(ASKED, REPLIED)]


def test_an_erasure_makes_notes_and_questions_unreadable(cast: Cast) -> None:
    row = make.submitted(cast)
    make.claim(cast, row.number or "", cast.reviewers["village"])
    reply(cast, row.id, ask(cast, row.number or ""))
    note(cast, row.number or "")
    make.withdraw(cast, row.id)
    resident = cast.residents["王㐂"]
    cast.run(leaving.leave, resident_id=resident, now=cast.clock(), at=cast.clock())
    with cast.db.reading() as session:
        assert session.get_one(Resident, resident).key == ""
        kept, asked = session.scalars(select(InternalNote)).one(), session.scalars(select(Question)).one()
        for sealed in (kept.text, asked.text, asked.reply or ""):
            assert NOTED not in sealed
            with pytest.raises((Unreadable, ValueError)):
                cast.vault.person("", resident).open(sealed, place("internal_note", "text", kept.id))
    with pytest.raises(NotFound):
        correcting.at_desk(cast, row.number or "")


def test_ids_of_questions_are_opaque(cast: Cast) -> None:
    row = make.submitted(cast)
    make.claim(cast, row.number or "", cast.reviewers["village"])
    asked = ask(cast, row.number or "")
    assert correcting.seen(cast, row.id)["questions"][0]["id"] == ids.encode(asked)
