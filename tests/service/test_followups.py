"""Follow-ups: on her word and her days, no account in the row; staff read what she sent and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.accounts import consents
from backend.bookings import followup_desk, followups
from backend.bookings.followup_desk import Sent
from backend.bookings.followups import Card
from backend.bookings.jurisdiction import Nurse
from backend.bookings.questions import follow_ups, load, propose
from backend.db import Database
from backend.kernel import ids
from backend.kernel.clock import SHANGHAI, today
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.models.checkup import FollowUp, FollowUpAnswer
from backend.models.outbox import Outbox
from tests import booking, day
from tests.clock import MovableClock
from tests.people import Cast
from tests.results import Visit, visit

WORDS = {"how": "worried", "words": "想问问吃什么好"}


@dataclass
class Woman:
    """She was checked and asks to be asked."""

    cast: Cast
    seen: Visit

    @property
    def id(self) -> int:
        return self.seen.theirs

    def ask(self, **days: date) -> list[Card]:
        self.cast.run(
            followups.put,
            vault=self.cast.vault,
            purposes=self.cast.purposes,
            resident_id=self.id,
            booking_id=self.seen.booking_id,
            days=days,
            now=self.cast.clock(),
        )
        return self.mine()

    def mine(self) -> list[Card]:
        with self.cast.db.reading() as session:
            return followups.mine(session, self.cast.vault, resident_id=self.id, now=self.cast.clock())

    def send(self, card: Card, who: int | None = None, **more: Any) -> None:
        more.setdefault("answers", WORDS)
        self.cast.run(
            followups.answer,
            vault=self.cast.vault,
            purposes=self.cast.purposes,
            resident_id=who or self.id,
            follow_up_id=card.id,
            now=self.cast.clock(),
            **more,
        )

    def withdraw(self) -> None:
        cast = self.cast
        cast.run(consents.withdraw, resident_id=self.id, purpose="health", purposes=cast.purposes, now=cast.clock())


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    return booking.county(database, vault, clock)


@pytest.fixture
def woman(cast: Cast) -> Woman:
    return Woman(cast, visit(cast))


def on(cast: Cast, days: int = 0) -> date:
    return today(cast.clock()) + timedelta(days=days)


def rows(cast: Cast, kind: type[Any] = FollowUp) -> list[Any]:
    with cast.db.reading() as session:
        return list(session.scalars(select(kind)))


def later(cast: Cast, days: int, hour: int = 10) -> None:
    there = on(cast, days)
    cast.clock.set(datetime(there.year, there.month, there.day, hour, tzinfo=SHANGHAI))


def ask_due(cast: Cast) -> int:
    return int(cast.run(followups.ask_due, vault=cast.vault, purposes=cast.purposes, now=cast.clock(), limit=50))


def sent(cast: Cast, nurse: Nurse, **page: Any) -> list[Sent]:
    with cast.db.reading() as session:
        return followup_desk.listing(session, cast.vault, nurse=nurse, **{"limit": 20, **page})


def dump(thing: Any) -> str:
    return json.dumps({column.key: str(getattr(thing, column.key)) for column in thing.__table__.columns})


def test_days_are_proposed_from_the_data_and_the_day_typed_is_stored_nowhere(cast: Cast, woman: Woman) -> None:
    first = on(cast, -30)
    early, outcome = propose(first, on=on(cast))
    assert (early.ask_on, early.until) == (first + timedelta(weeks=8), first + timedelta(weeks=12))
    assert (outcome.ask_on, outcome.until - outcome.ask_on) == (first + timedelta(days=280), timedelta(weeks=6))
    assert [one.kind.code for one in propose(on(cast, -100), on=on(cast))] == ["outcome"]
    woman.ask(early=early.ask_on)
    [row] = rows(cast)
    assert str(first) not in dump(row)


@pytest.mark.parametrize("days", [1, -401])
def test_a_day_that_cannot_be_is_refused(cast: Cast, days: int) -> None:
    with pytest.raises(Invalid, match="bad_day"):
        propose(on(cast, days), on=on(cast))


def test_nothing_is_asked_of_anybody_who_did_not_ask(cast: Cast, woman: Woman) -> None:
    assert rows(cast) == []
    later(cast, 60)
    assert ask_due(cast) == 0


def test_no_account_stands_in_a_row(cast: Cast, woman: Woman) -> None:
    woman.ask(early=on(cast, 30), outcome=on(cast, 300))
    for row in rows(cast):
        text = dump(row)
        for told in (woman.id, woman.seen.mine, woman.seen.booking_id):
            assert str(told) not in text
            assert ids.encode(told) not in text
    [one, other] = rows(cast)
    assert one.who != other.who


def test_her_days_replace_and_what_she_leaves_out_is_stopped(cast: Cast, woman: Woman) -> None:
    woman.ask(early=on(cast, 30), outcome=on(cast, 300))
    [card] = woman.ask(early=on(cast, 40))
    assert (card.kind.code, card.ask_on, card.is_open) == ("early", on(cast, 40), False)
    assert woman.ask() == []


def test_what_she_leaves_as_it_is_is_not_asked_twice(cast: Cast, woman: Woman) -> None:
    [card] = woman.ask(early=on(cast))
    ask_due(cast)
    later(cast, 2)
    [same, _other] = woman.ask(early=card.ask_on, outcome=on(cast, 300))
    assert (same.id, ask_due(cast)) == (card.id, 0)


@pytest.mark.parametrize("wrong", [{"early": -1}, {"early": 401}, {"never": 3}])
def test_days_out_of_reach_and_unknown_questions_are_refused(cast: Cast, woman: Woman, wrong: dict[str, int]) -> None:
    with pytest.raises(Invalid, match="bad_day"):
        woman.ask(**{kind: on(cast, days) for kind, days in wrong.items()})


def test_only_after_the_checkup_and_only_with_consent(cast: Cast, woman: Woman) -> None:
    woman.withdraw()
    with pytest.raises(Invalid, match="consent_required"):
        woman.ask(early=on(cast, 30))
    assert woman.ask() == []
    other = cast.resident("赵四", 42)
    made = booking.booked(cast, other)
    with pytest.raises(Conflict, match="not_yet"):
        cast.run(
            followups.put,
            vault=cast.vault,
            purposes=cast.purposes,
            resident_id=other,
            booking_id=made,
            days={"early": on(cast, 9)},
            now=cast.clock(),
        )


def test_she_is_asked_once_on_her_day_and_not_at_night(cast: Cast, woman: Woman) -> None:
    woman.ask(early=on(cast, 30))
    later(cast, 29)
    assert ask_due(cast) == 0
    later(cast, 1, hour=22)
    assert ask_due(cast) == 0
    later(cast, 1)
    assert (ask_due(cast), ask_due(cast)) == (1, 0)
    with cast.db.reading() as session:
        assert len(session.scalars(select(Outbox.id).where(Outbox.topic == "own_reminder")).all()) == 1


def test_whoever_took_the_consent_back_is_forgotten_instead_of_asked(cast: Cast, woman: Woman) -> None:
    woman.ask(early=on(cast, 30))
    woman.withdraw()
    later(cast, 30)
    ask_due(cast)
    assert (rows(cast), woman.mine()) == ([], [])


def test_what_she_sends_has_her_name_only_if_she_writes_it(cast: Cast, woman: Woman) -> None:
    [card] = woman.ask(early=on(cast))
    woman.send(card)
    [answer] = sent(cast, woman.seen.nurse)
    assert (answer.name, answer.contact, answer.seen) == ("", "", False)
    assert answer.answers == [("您现在怎么样？", "怀上了，有些担心"), ("想对服务站说的话", "想问问吃什么好")]
    [card] = woman.ask(early=on(cast))
    woman.send(card, name="李䶮", contact="13800000008")
    assert {one.name for one in sent(cast, woman.seen.nurse)} == {"", "李䶮"}


def test_an_answer_is_sealed_and_leads_back_to_nobody(cast: Cast, woman: Woman) -> None:
    [card] = woman.ask(early=on(cast))
    cast.clock.advance(timedelta(hours=3, minutes=17))
    woman.send(card)
    [row] = rows(cast, FollowUpAnswer)
    for told in ("担心", str(woman.id), str(card.id)):
        assert told not in dump(row)
    assert row.answered_at.astimezone(SHANGHAI).hour == 0
    assert rows(cast) == []
    with pytest.raises(NotFound):
        woman.send(card)


def test_nobody_answers_for_her_or_before_her_day(cast: Cast, woman: Woman) -> None:
    [card] = woman.ask(early=on(cast, 1))
    with pytest.raises(Conflict, match="not_yet"):
        woman.send(card)
    later(cast, 1)
    with pytest.raises(NotFound):
        woman.send(card, who=woman.seen.mine)


@pytest.mark.parametrize(
    "answers", [{}, {"how": "x"}, {"how": 1}, {"how": "well", "else": "x"}, {"how": "well", "words": "字" * 501}]
)
def test_answers_that_were_not_asked_are_refused(cast: Cast, woman: Woman, answers: dict[str, Any]) -> None:
    [card] = woman.ask(early=on(cast))
    with pytest.raises(Invalid):
        woman.send(card, answers=answers)
    assert len(rows(cast)) == 1


def test_the_link_of_any_message_stops_everything_and_an_unknown_word_says_nothing(cast: Cast, woman: Woman) -> None:
    early, _outcome = woman.ask(early=on(cast), outcome=on(cast, 300))
    with cast.db.reading() as session:
        note = followups.note(session, cast.vault, follow_up_id=early.id)
    assert note is not None
    assert note.resident_id == woman.id
    woman.send(early)
    cast.run(followups.stop, vault=cast.vault, word="0" * 26)
    assert len(rows(cast)) == 1
    cast.run(followups.stop, vault=cast.vault, word=note.word)
    assert rows(cast) == []
    with cast.db.reading() as session:
        assert followups.note(session, cast.vault, follow_up_id=early.id) is None


def test_what_is_over_is_forgotten_and_nothing_is_noted(cast: Cast, woman: Woman) -> None:
    woman.ask(early=on(cast, 1))
    later(cast, 1)
    ask_due(cast)
    later(cast, 28)
    assert cast.run(followups.end_due, now=cast.clock(), limit=50) == 0
    later(cast, 1)
    assert cast.run(followups.end_due, now=cast.clock(), limit=50) == 1
    assert (rows(cast), rows(cast, FollowUpAnswer), sent(cast, woman.seen.nurse)) == ([], [], [])


def test_leaving_stops_everything_and_the_copy_tells_the_days(cast: Cast, woman: Woman) -> None:
    woman.ask(early=on(cast, 30))
    with cast.db.reading() as session:
        [copy] = followups.of_person(session, cast.vault, woman.id)
    assert copy == {"kind": "early", "ask_on": on(cast, 30), "until": on(cast, 58)}
    cast.run(followups.stop_all, vault=cast.vault, resident_id=woman.id)
    assert rows(cast) == []


def test_nurses_read_their_own_stations_page_by_page_and_mark_as_seen(cast: Cast, woman: Woman) -> None:
    for _ in range(3):
        [card] = woman.ask(early=on(cast))
        woman.send(card)
    page = sent(cast, woman.seen.nurse, limit=2)
    assert len(page) == 3
    assert len(sent(cast, woman.seen.nurse, before=page[1].id)) == 1
    elsewhere = day.nurse(cast, "town", "370402003000")
    assert sent(cast, elsewhere) == []
    with pytest.raises(NotFound):
        cast.run(followup_desk.see, nurse=elsewhere, answer_id=page[0].id, now=cast.clock())
    cast.run(followup_desk.see, nurse=woman.seen.nurse, answer_id=page[0].id, now=cast.clock())
    assert [one.seen for one in sent(cast, woman.seen.nurse)] == [True, False, False]


def test_an_answer_stays_a_year(cast: Cast, woman: Woman) -> None:
    [card] = woman.ask(early=on(cast))
    woman.send(card)
    later(cast, 364)
    assert cast.run(followup_desk.purge, now=cast.clock(), limit=50) == 0
    later(cast, 1)
    assert cast.run(followup_desk.purge, now=cast.clock(), limit=50) == 1


def test_what_staff_see_has_no_place_for_who_was_asked() -> None:
    assert {field.name for field in fields(Sent)} == {
        *("id", "station", "kind", "answers", "name", "contact", "answered_on", "seen"),
    }


GOOD = """
furthest_days = 400
kept_days = 365
[[kinds]]
code = "early"
name = "一"
name_en = "a"
text = "二"
text_en = "b"
from_day = 56
to_day = 84
open_days = 28
[[kinds.questions]]
name = "how"
type = "choice"
label = "三"
label_en = "c"
options = [{ value = "a1", label = "甲", label_en = "A" }, { value = "b1", label = "乙", label_en = "B" }]
"""


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('label_en = "c"', ""),
        ('type = "choice"', 'type = "date"'),
        ("from_day = 56", "from_day = 84"),
        ("open_days = 28", "open_days = 0"),
        ('value = "b1"', 'value = "a1"'),
        ('code = "early"', 'code = "../x"'),
        ("furthest_days = 400", "furthest_days = 40"),
        ("kept_days = 365", "kept = 365"),
        ('name = "一"', 'name = ""'),
    ],
)
def test_data_that_is_not_complete_is_refused(tmp_path: Any, good: str, bad: str) -> None:
    file = tmp_path / "follow-ups.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert list(load(file).kinds) == ["early"]
    file.write_text(GOOD.replace(good, bad), encoding="utf-8")
    with pytest.raises(ValueError, match=r"follow-ups\.toml"):
        load(file)


def test_ours_asks_gently() -> None:
    for kind in follow_ups().kinds.values():
        choices = [question for question in kind.questions if question.type == "choice" and question.required]
        assert all(any(option.value == "rather_not" for option in question.options) for question in choices)
