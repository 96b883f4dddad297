"""What holders of certificates and drafts are told: the way on, nothing after the event, nothing once it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from backend.applications import renewal
from backend.applications.policy import end_of_day
from backend.kernel.clock import SHANGHAI
from backend.models.certificate import Certificate
from backend.models.delivery import Delivery
from backend.models.notification import Message
from backend.notifications import queries
from backend.notifications.queries import MessageCard
from backend.runtime import Runtime
from tests import correcting, factories as make
from tests.clock import MovableClock
from tests.people import Cast, assemble
from workers import certificates, drain, housekeeping, registry
from workers.schedule import SCHEDULE

TOPICS = ("certificate_expiring", "draft_waiting", "correction_requested")


@pytest.fixture
def runtime(runtime: Runtime, clock: MovableClock) -> Runtime:
    return replace(runtime, clock=clock)


@pytest.fixture
def cast(runtime: Runtime, clock: MovableClock) -> Cast:
    return assemble(runtime.db, runtime.vault, clock)


def work(runtime: Runtime) -> None:
    certificates.remind(runtime)
    housekeeping.remind_drafts(runtime)
    for topic in TOPICS:
        drain.drain(runtime, registry.TOPICS[topic], go_on=lambda: True)


def heard(cast: Cast) -> list[MessageCard]:
    with cast.db.reading() as session:
        cards, _ = queries.inbox(session, cast.vault, resident_id=cast.residents["王㐂"])
    return [card for card in cards if card.template in TOPICS]


def deliveries(cast: Cast) -> list[Delivery]:
    with cast.db.reading() as session:
        return list(session.scalars(select(Delivery).where(Delivery.kind.in_(TOPICS)).order_by(Delivery.id)))


def near_the_end(cast: Cast, days: int) -> Certificate:
    with cast.db.reading() as session:
        row = session.scalars(select(Certificate).order_by(Certificate.id)).first()
    assert row is not None
    assert row.expires_on is not None
    day = row.expires_on - timedelta(days=days)
    cast.clock.set(datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI))
    return row


def test_the_message_leads_to_one_press_and_says_until_when(runtime: Runtime, cast: Cast) -> None:
    make.issued(cast)
    row = near_the_end(cast, 30)
    work(runtime)
    work(runtime)
    [card] = heard(cast)
    assert (card.title, card.application_number) == ("证件快到期了", None)
    assert card.text.endswith(f"/certificates/{row.number}/renewal")
    assert "11 月 23 日（周二）" in card.text
    near_the_end(cast, 7)
    work(runtime)
    assert len(heard(cast)) == 2


def test_nothing_is_told_of_a_certificate_whose_next_is_begun_or_that_was_revoked(runtime: Runtime, cast: Cast) -> None:
    make.issued(cast)
    row = near_the_end(cast, 30)
    cast.run(renewal.begin_next, vault=cast.vault, resident_id=row.resident_id, number=row.number, now=cast.clock())
    work(runtime)
    assert heard(cast) == []


def test_a_draft_is_told_once_and_never_after_its_end(runtime: Runtime, cast: Cast) -> None:
    case = make.draft(cast)
    cast.clock.advance(timedelta(days=3))
    work(runtime)
    [card] = heard(cast)
    assert card.title == "有一份草稿还没交"
    with cast.db.reading() as session:
        assert session.scalars(select(Message.application_id).where(Message.template == "draft_waiting")).one() == case
    make.submit(cast, case)
    work(runtime)
    assert len(heard(cast)) == 1


def test_a_draft_handed_in_before_the_telling_is_not_spoken_of(runtime: Runtime, cast: Cast) -> None:
    case = make.draft(cast)
    cast.clock.advance(timedelta(days=3))
    housekeeping.remind_drafts(runtime)
    make.submit(cast, case)
    work(runtime)
    assert heard(cast) == []


def test_what_must_be_done_by_a_day_leaves_the_house_by_sms_and_never_after_it(runtime: Runtime, cast: Cast) -> None:
    row = make.in_correction(cast)
    work(runtime)
    [one] = deliveries(cast)
    due_on = correcting.seen(cast, row.id)["correction"]["due_on"]
    assert (one.channel, one.application_id, one.not_after) == ("sms", row.id, end_of_day(date.fromisoformat(due_on)))


def test_both_sweeps_are_declared() -> None:
    declared = {one.name: one.run for one in SCHEDULE}
    assert declared["certificate_reminders"] is certificates.remind
    assert declared["draft_reminders"] is housekeeping.remind_drafts
