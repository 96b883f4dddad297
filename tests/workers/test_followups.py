"""What is told after a checkup: a result without a detail, a question on her day, and no way back from either."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend.bookings import followups
from backend.kernel import ids
from backend.kernel.clock import SHANGHAI, today
from backend.models.checkup import FollowUp, FollowUpAnswer
from backend.models.notification import Message
from backend.models.outbox import Outbox
from backend.notifications import queries
from backend.notifications.queries import MessageCard
from backend.notifications.wording.discretion import HEALTH_WORDS
from backend.notifications.wording.templates import templates
from backend.runtime import Runtime
from tests import booking
from tests.clock import MovableClock
from tests.people import Cast
from tests.results import Visit, stepped, visit
from workers import drain, followups as sweeps, registry
from workers.schedule import SCHEDULE

TOPICS = ("result_ready", "own_reminder")


@pytest.fixture
def runtime(runtime: Runtime, clock: MovableClock) -> Runtime:
    return replace(runtime, clock=clock)


@pytest.fixture
def cast(runtime: Runtime, clock: MovableClock) -> Cast:
    return booking.county(runtime.db, runtime.vault, clock)


@pytest.fixture
def seen(cast: Cast) -> Visit:
    return visit(cast)


def work(runtime: Runtime) -> None:
    sweeps.ask(runtime)
    for topic in TOPICS:
        drain.drain(runtime, registry.TOPICS[topic], go_on=lambda: True)


def heard(cast: Cast, who: int) -> list[MessageCard]:
    with cast.db.reading() as session:
        cards, _ = queries.inbox(session, cast.vault, resident_id=who)
    return [card for card in cards if card.template in TOPICS]


def ask(seen: Visit, **days: int) -> None:
    cast, on = seen.cast, today(seen.cast.clock())
    cast.run(
        followups.put,
        vault=cast.vault,
        purposes=cast.purposes,
        resident_id=seen.theirs,
        booking_id=seen.booking_id,
        days={kind: on + timedelta(days=more) for kind, more in days.items()},
        now=cast.clock(),
    )


def later(cast: Cast, days: int) -> None:
    there = today(cast.clock()) + timedelta(days=days)
    cast.clock.set(datetime(there.year, there.month, there.day, 9, tzinfo=SHANGHAI))


@pytest.mark.parametrize("name", TOPICS)
def test_what_is_told_names_nothing_of_health(name: str) -> None:
    for said in templates()[name].channels["inbox"].values():
        for word in HEALTH_WORDS:
            assert word not in (said["title"] + said["text"]).lower()


def test_one_person_hears_that_a_result_is_there_and_the_partner_does_not(runtime: Runtime, seen: Visit) -> None:
    seen.put(risk="consult")
    work(runtime)
    [card] = heard(seen.cast, seen.mine)
    assert card.title == "您有一份新的结果"
    assert heard(seen.cast, seen.theirs) == []


def test_a_result_that_was_erased_is_not_told(runtime: Runtime, seen: Visit) -> None:
    seen.put()
    seen.erase(seen.mine, stepped(seen.cast, seen.mine))
    work(runtime)
    assert heard(seen.cast, seen.mine) == []


def test_a_replaced_result_is_told_again(runtime: Runtime, seen: Visit) -> None:
    seen.put()
    work(runtime)
    seen.put(risk="consult")
    work(runtime)
    assert len(heard(seen.cast, seen.mine)) == 2


def test_she_is_asked_on_her_day_with_links_that_work(runtime: Runtime, seen: Visit) -> None:
    ask(seen, early=30)
    work(runtime)
    assert heard(seen.cast, seen.theirs) == []
    later(seen.cast, 30)
    work(runtime)
    work(runtime)
    [card] = heard(seen.cast, seen.theirs)
    link, stop = re.findall(r"https?://\S+", card.text)
    with seen.cast.db.reading() as session:
        [mine] = followups.mine(session, seen.cast.vault, resident_id=seen.theirs, now=seen.cast.clock())
    assert link == f"{runtime.settings.base_url}/follow-ups/{ids.encode(mine.id)}"
    seen.cast.run(followups.stop, vault=seen.cast.vault, word=stop.rpartition("/")[2])
    with seen.cast.db.reading() as session:
        assert session.scalars(select(FollowUp)).all() == []


def test_whoever_stopped_meanwhile_hears_nothing(runtime: Runtime, seen: Visit) -> None:
    ask(seen, early=0)
    sweeps.ask(runtime)
    seen.cast.run(followups.stop_all, vault=seen.cast.vault, resident_id=seen.theirs)
    work(runtime)
    assert heard(seen.cast, seen.theirs) == []


def test_neither_message_nor_work_leads_from_an_account_to_a_row(runtime: Runtime, seen: Visit) -> None:
    ask(seen, early=0)
    work(runtime)
    with seen.cast.db.reading() as session:
        row = session.scalars(select(FollowUp)).one()
        told = session.scalars(select(Message).where(Message.template == "own_reminder")).one()
        left = session.scalars(select(Outbox).where(Outbox.topic == "own_reminder")).all()
    beside_the_account = f"{told.event}|{told.template}|{told.content}"
    assert str(row.id) not in beside_the_account
    assert ids.encode(row.id) not in beside_the_account
    assert left == []


def test_what_is_over_goes_after_its_time(runtime: Runtime, seen: Visit) -> None:
    ask(seen, early=0)
    later(seen.cast, 29)
    assert sweeps.end(runtime) == 1
    with seen.cast.db.reading() as session:
        assert session.scalars(select(FollowUp)).all() == []
        assert session.scalars(select(FollowUpAnswer)).all() == []


def test_both_sweeps_are_declared() -> None:
    assert {"follow_ups", "follow_ups_over"} <= {work.name for work in SCHEDULE}
