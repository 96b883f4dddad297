"""The desk of the investigators: who sees a tip, what is said and done with it, what is late, what is the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.models.tip import Mailbox, TipLog
from backend.tips import (
    desk,
    digest,
    entries,
    escalating,
    patterns,
    unlocking,
)
from backend.tips.unlocking import Opener
from backend.tips_runtime import build_tips_runtime
from config.settings import Settings
from tests import investigating
from tests.clock import MovableClock
from tests.statements import said
from tests.tip_office import Office

CALENDAR_DAYS = timedelta(days=1)


@pytest.fixture
def office(settings: Settings, clock: MovableClock) -> Office:
    at = build_tips_runtime(settings.tips, clock=clock)
    return Office(at, *investigating.two(at))


def test_list_tells_days_while_locked_and_names_once_it_is_open(office: Office) -> None:
    office.file()
    [locked], [opened] = office.list(locked=True), office.list()
    assert (locked.summary, locked.news, locked.overdue) == (None, "new", False)
    assert opened.summary is not None
    assert (opened.summary["name"], opened.summary["category"]) == ("某诊所", "sex_determination")


def test_list_of_twenty_takes_two_statements_when_open_and_one_when_locked(office: Office) -> None:
    for number in range(20):
        office.file(name=f"诊所{number}")
    with said() as asked:
        assert len(office.list()) == 20
    assert len(asked) == 2
    with said() as asked:
        office.list(locked=True)
    assert len(asked) == 1


def test_tip_before_its_batch_is_not_there_for_anybody(office: Office) -> None:
    tip_id = investigating.file(office.at)
    assert office.list() == []
    with pytest.raises(NotFound):
        office.show(tip_id)


def test_first_opening_acknowledges_and_each_day_logs_one_line(office: Office, clock: MovableClock) -> None:
    tip = office.file()
    office.show(tip.tip_id)
    first = office.row(tip.tip_id).acknowledged_on
    assert office.show(tip.tip_id).line.news is None
    clock.advance(timedelta(days=1))
    office.show(tip.tip_id)
    assert office.row(tip.tip_id).acknowledged_on == first == office.at.today - CALENDAR_DAYS
    with office.at.db.reading() as session:
        deeds = desk.history(session, opener=office.two, tip_id=tip.tip_id)
    assert [(deed.act, deed.name) for deed in deeds] == [("opened", "核查员甲1")] * 2


def test_message_reaches_the_mailbox_and_counts_as_the_answer(office: Office) -> None:
    tip = office.file()
    office.say(tip.tip_id, "我们在查")
    found = office.inbox(tip)
    assert [(e.author, (e.content or {})["text"]) for e in found.entries][1:] == [("office", "我们在查")]
    row = office.row(tip.tip_id)
    assert (row.status, row.answered_on) == ("received", office.at.today)


def test_question_waits_for_the_answer_and_may_be_followed_by_another(office: Office) -> None:
    tip = office.file()
    office.say(tip.tip_id, ask=True)
    office.say(tip.tip_id, "还有，大概几点", ask=True, by=office.two)
    assert office.row(tip.tip_id).status == "need_more"
    office.move(tip.tip_id, "substantiate")
    with pytest.raises(Conflict, match="not_allowed_now"):
        office.say(tip.tip_id, ask=True)
    office.say(tip.tip_id, "谢谢您")
    assert len(office.inbox(tip).entries) == 4


def test_message_sent_twice_is_in_the_mailbox_once(office: Office) -> None:
    tip, same = office.file(), entries.new_id()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: office.say(tip.tip_id, ask=True, version=1, log_id=same), range(4)))
    assert len(office.inbox(tip).entries) == 2


def test_words_about_a_woman_are_refused_for_the_office_too(office: Office) -> None:
    tip = office.file()
    with pytest.raises(Invalid, match="third_party"):
        office.say(tip.tip_id, "孕妇王小红住在哪里")
    for words in ({"note": "孕妇王小红说的"}, {"tell": "孕妇王小红说的"}):
        with pytest.raises(Invalid, match="third_party"):
            office.move(tip.tip_id, "verify", **words)
    assert (office.row(tip.tip_id).status, len(office.inbox(tip).entries)) == ("received", 1)


def test_note_of_a_move_is_for_colleagues_and_words_are_for_the_reporter(office: Office) -> None:
    tip = office.file()
    office.move(tip.tip_id, "verify", note="周六去现场", tell="周六我们会去看")
    assert [(e.content or {})["text"] for e in office.inbox(tip).entries][1:] == ["周六我们会去看"]
    assert [(e.kind, (e.content or {})["text"]) for e in office.show(tip.tip_id, office.two).entries][1:] == [
        ("finding", "周六去现场"),
        ("message", "周六我们会去看"),
    ]


def test_of_two_investigators_at_once_one_moves_the_tip(office: Office) -> None:
    tip = office.file()

    def dismiss(by: Opener) -> str:
        try:
            office.move(tip.tip_id, "dismiss", by=by, version=1)
        except Conflict as conflict:
            return conflict.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(dismiss, (office.one, office.two)))
    assert sorted(done) == ["changed_meanwhile", "done"]
    with office.at.db.reading() as session:
        assert session.scalars(select(TipLog.act).where(TipLog.act == "dismiss")).all() == ["dismiss"]


def test_every_move_of_the_desk_leads_where_the_lifecycle_says(office: Office) -> None:
    tip = office.file()
    for name, status in [
        ("verify", "verifying"),
        ("substantiate", "substantiated"),
        ("close", "closed"),
        ("reopen", "verifying"),
        ("dismiss", "unsubstantiated"),
    ]:
        office.move(tip.tip_id, name)
        row = office.row(tip.tip_id)
        assert (row.status, row.closed_on is not None) == (status, status == "closed")
    assert office.row(tip.tip_id).answered_on == office.at.today


def test_reporter_who_left_gets_no_message_and_the_tip_goes_on(office: Office) -> None:
    tip = office.file()
    office.at.db.transact(lambda session: session.delete(session.get_one(Mailbox, tip.tip_id)))
    assert office.show(tip.tip_id).reachable is False
    with pytest.raises(Conflict, match="reporter_left"):
        office.say(tip.tip_id)
    with pytest.raises(Conflict, match="reporter_left"):
        office.move(tip.tip_id, "verify", tell="我们在查")
    office.move(tip.tip_id, "verify", note="照常查")
    assert office.row(tip.tip_id).status == "verifying"


def test_merged_tips_follow_and_both_mailboxes_answer(office: Office) -> None:
    first, second = office.file(), office.file(name=" 某 诊所 ", text="门口有人拉客")
    office.move(first.tip_id, "verify")
    office.merge(second.tip_id, first.tip_id)
    assert office.inbox(second).status == "verifying"
    office.move(first.tip_id, "substantiate", tell="查实了，谢谢")
    assert [office.inbox(one).status for one in (first, second)] == ["substantiated"] * 2
    assert len(office.inbox(second).entries) == 1, "what one reporter is told another does not read"
    office.say(second.tip_id, "也谢谢您")
    assert len(office.inbox(second).entries) == 2
    with pytest.raises(Conflict, match="tip_merged"):
        office.move(second.tip_id, "close")
    office.merge(second.tip_id, None)
    office.move(second.tip_id, "close")
    assert office.inbox(first).status == "substantiated"


def test_question_to_one_reporter_stays_open_while_the_merged_tips_go_on(office: Office) -> None:
    first, second = office.file(), office.file()
    office.say(second.tip_id, ask=True)
    office.merge(second.tip_id, first.tip_id)
    office.move(first.tip_id, "verify")
    assert office.inbox(second).status == "need_more"
    office.move(first.tip_id, "dismiss")
    assert office.inbox(second).status == "unsubstantiated"


def test_merging_into_a_merged_one_ends_at_the_one_that_goes_on(office: Office) -> None:
    first, second, third = office.file(), office.file(), office.file()
    office.merge(second.tip_id, first.tip_id)
    office.merge(third.tip_id, second.tip_id)
    assert office.row(third.tip_id).merged_into == first.tip_id
    with pytest.raises(Conflict, match="same_tip"):
        office.merge(first.tip_id, third.tip_id)
    fourth = office.file()
    office.merge(first.tip_id, fourth.tip_id)
    assert {office.row(one.tip_id).merged_into for one in (first, second, third)} == {fourth.tip_id}


def test_only_tips_about_one_target_that_one_may_open_are_merged(office: Office) -> None:
    first, other = office.file(), office.file(name="别的诊所")
    with pytest.raises(Conflict, match="other_target"):
        office.merge(first.tip_id, other.tip_id)
    hidden = office.file(left_out=[office.one.id])
    with pytest.raises(NotFound):
        office.merge(first.tip_id, hidden.tip_id)
    office.merge(hidden.tip_id, first.tip_id, by=office.two)
    office.move(first.tip_id, "verify")
    assert office.row(hidden.tip_id).status == "received", "whoever may not open it moves it neither"


def test_pattern_counts_tips_and_months_of_one_target_from_two_on(office: Office, clock: MovableClock) -> None:
    office.file(name="只有一次")
    first = office.file()
    clock.advance(timedelta(days=31))
    office.file()
    office.move(first.tip_id, "dismiss")
    with office.at.db.reading() as session:
        [found] = patterns.patterns(session, opener=office.one)
    assert (found.target["name"], found.tips, found.months) == ("某诊所", 2, 2)
    assert found.outcomes == {"unsubstantiated": 1, "received": 1}


def test_missed_days_raise_the_flag_once_and_for_good(office: Office, clock: MovableClock) -> None:
    tip, seen = office.file(), office.file(name="看过的")
    office.show(seen.tip_id)

    def flag() -> int:
        return office.at.db.transact(escalating.flag, day=office.at.today)

    clock.advance(timedelta(days=3))
    assert (flag(), office.list(view="overdue")) == (0, [])
    clock.advance(timedelta(days=1))
    assert (flag(), flag()) == (1, 0)
    assert [line.id for line in office.list(view="overdue")] == [tip.tip_id]
    clock.advance(timedelta(days=12))
    assert flag() == 1, "seen and never answered"
    office.move(tip.tip_id, "close")
    assert office.row(tip.tip_id).escalated_on is not None
    assert [line.id for line in office.list(view="overdue")] == [seen.tip_id]


def test_digest_counts_what_waits_for_each_investigator(office: Office, clock: MovableClock) -> None:
    first, second = office.file(), office.file(name="另一家", left_out=[office.two.id])
    for tip in (first, second):
        office.show(tip.tip_id)
    office.at.db.transact(investigating.write, holder=first, text="还有一间", day=office.at.today)
    office.file(name="第三家")
    clock.advance(timedelta(days=16))
    with office.at.db.reading() as session:
        found = digest.counts(session, day=office.at.today)
    assert [(one.staff_id, one.waiting, one.overdue) for one in found] == [(1, 2, 3), (2, 2, 2)]


def test_lock_everywhere_closes_the_key_in_each_browser(office: Office) -> None:
    row = investigating.row(office.at, office.one.id)
    for secret in ("a", "b"):
        office.at.db.transact(
            unlocking.keep, investigator=row, private=office.one.private, secret=secret, now=office.at.clock()
        )
    office.at.db.transact(unlocking.lock_everywhere, staff_id=1)
    with office.at.db.reading() as session:
        for secret in ("a", "b"):
            assert unlocking.current(session, staff_id=1, secret=secret, now=office.at.clock()) is None
