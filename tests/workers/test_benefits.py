"""Approvals become recipients, campaigns survive a killed worker, and everybody is told once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.applications import grants
from backend.applications.policy import end_of_day
from backend.benefits import campaigns, confirmations
from backend.events import outbox
from backend.models.application import Application
from backend.models.benefit import BenefitTerm, Confirmation, ConfirmationCampaign, Recipient
from backend.models.delivery import Delivery
from backend.models.notification import Message
from backend.runtime import Runtime
from tests import announced, benefits as make, factories
from tests.clock import MovableClock
from tests.people import Cast, assemble
from tests.workers.test_handlers import dying, killed_in, quick, work_off
from workers import registry


@pytest.fixture
def runtime(runtime: Runtime, clock: MovableClock) -> Runtime:
    return replace(runtime, clock=clock)


@pytest.fixture
def cast(runtime: Runtime, clock: MovableClock) -> Cast:
    whole = assemble(runtime.db, runtime.vault, clock, item=make.AWARD)
    make.publish(whole)
    return whole


def drained(runtime: Runtime, *topics: str) -> None:
    for topic in topics:
        work_off(runtime, registry.TOPICS[topic])


def count(runtime: Runtime, what: type) -> int:
    with runtime.db.reading() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


def told(runtime: Runtime) -> Counter[str]:
    with runtime.db.reading() as session:
        return Counter(session.scalars(select(Message.template)))


def approved(cast: Cast) -> Application:
    """A case that all three levels announced and nobody objected to."""
    case = announced.announced(cast)
    announced.pass_by(cast, case.id)
    for level in ("town", "county"):
        factories.decide(cast, case.number or "", level, "approve")
        announced.pass_by(cast, case.id)
    return factories.load(cast, case.id)


def test_an_approved_case_makes_a_recipient_and_a_reopened_one_ends_it(runtime: Runtime, cast: Cast) -> None:
    case = approved(cast)
    drained(runtime, "application_approved")
    with runtime.db.reading() as session:
        row = session.scalars(select(Recipient)).one()
    assert (row.application_id, row.amount_class, row.ended_on) == (case.id, "standard", None)
    cast.clock.advance(timedelta(seconds=5))
    factories.reopen(cast, case.number or "", cast.reviewers["county"])
    drained(runtime, "application_reopened", "benefit_ended")
    assert make.load(cast, row.id).end_reason == "reopened"
    assert told(runtime)["benefit_ended"] == 1


def test_an_approval_that_is_worked_off_twice_enrols_once(runtime: Runtime, cast: Cast) -> None:
    case = approved(cast)
    drained(runtime, "application_approved")
    key = "application_approved:again"
    cast.run(outbox.add, topic="application_approved", subject_id=case.id, dedupe_key=key, now=runtime.clock())
    drained(runtime, "application_approved")
    assert count(runtime, BenefitTerm) == 1


def test_a_case_without_a_benefit_grants_nothing(runtime: Runtime, cast: Cast) -> None:
    with runtime.db.reading() as session:
        assert grants.granted(session, runtime.vault, application_id=1) is None


def test_everybody_is_asked_once_though_the_worker_is_killed(
    runtime: Runtime, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaigns.open_piece, "__kwdefaults__", {"piece": 4})
    make.crowd(cast, 10)
    make.begin(cast)
    killed_in(runtime, quick("campaign_open"), dying(campaigns.outbox, "add_many", before=True))
    assert count(runtime, Confirmation) == 0
    killed_in(runtime, quick("campaign_open"), dying(campaigns, "_go_on", before=False))
    drained(runtime, "campaign_open", "confirmation_asked")
    assert count(runtime, Confirmation) == told(runtime)["confirmation_asked"] == 10


def test_whoever_confirmed_before_the_message_left_gets_none(runtime: Runtime, cast: Cast) -> None:
    one = make.asked(cast)
    cast.run(confirmations.confirm, resident_id=cast.residents["王㐂"], confirmation_id=one, now=cast.clock())
    drained(runtime, "confirmation_asked")
    assert told(runtime)["confirmation_asked"] == 0


def test_nobody_is_sent_for_a_confirmation_whose_day_has_passed(runtime: Runtime, cast: Cast) -> None:
    make.asked(cast)
    drained(runtime, "confirmation_asked")
    with runtime.db.reading() as session:
        answer_by = session.scalars(select(ConfirmationCampaign.answer_by)).one()
        one = session.scalars(select(Delivery)).one()
    assert (one.kind, one.channel, one.not_after) == ("confirmation_asked", "sms", end_of_day(answer_by))
    cast.clock.set(end_of_day(answer_by))
    drained(runtime, "send_sms")
    with runtime.db.reading() as session:
        assert session.scalars(select(Delivery.status)).one() == "expired"
