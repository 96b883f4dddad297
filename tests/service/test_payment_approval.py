"""Two people see every payment: who may approve, what is sent back, and that every number can be counted again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.policy import id_index
from backend.benefits import batch_views, payments as looks, verifying
from backend.cli import benefits as cli
from backend.kernel import ids
from backend.kernel.errors import Conflict, Forbidden, NotFound
from backend.models.audit import AuditEntry
from backend.models.benefit import PaymentAttempt, PaymentBatch
from backend.models.staff import Staff, StaffRelative
from backend.runtime import build_runtime
from backend.web.context import bind
from config.settings import Settings
from tests import benefits, payments as pay
from tests.people import COUNTY, TOWN, Cast, hire, id_number

FAR_TOWN = "370402002000"


@pytest.fixture
def paying(cast: Cast) -> Cast:
    """The items with a benefit, and a second clerk of the county."""
    benefits.publish(cast)
    cast.reviewers["second"] = hire(cast, "county", region=COUNTY)
    return cast


def test_two_people_see_every_payment(paying: Cast) -> None:
    benefits.crowd(paying, 1)
    batch = pay.prepare(paying, "county")
    assert pay.refused(lambda: pay.approve(paying, batch), Forbidden) == "same_person"
    assert pay.refused(lambda: pay.approve(paying, batch, paying.reviewers["town"]), NotFound) == "not_found"
    approved = pay.approve(paying, batch, paying.reviewers["second"])
    assert approved.approved_by == paying.reviewers["second"].id
    assert pay.refused(lambda: pay.approve(paying, batch, paying.reviewers["second"]), Conflict) == "already_approved"


def test_a_second_account_of_the_same_person_is_no_second_person(paying: Cast) -> None:
    benefits.crowd(paying, 1)
    own = id_index(paying.vault, "resident_id", id_number(77))
    paying.run(_know, staff=paying.reviewers["town"].id, index=own)
    batch = pay.prepare(paying, "town")
    same = paying.reviewer("county", own=("resident_id", id_number(77)))
    assert pay.refused(lambda: pay.approve(paying, batch, same), Forbidden) == "same_person"


def _know(session: Session, *, staff: int, index: str) -> None:
    session.get_one(Staff, staff).person_index = index


def test_nobody_approves_money_for_themselves_or_their_family(paying: Cast) -> None:
    benefits.recipient(paying)
    batch = pay.prepare(paying)
    own = paying.reviewer("county", own=("resident_id", id_number(7)))
    assert pay.refused(lambda: pay.approve(paying, batch, own), Forbidden) == "own_case"
    index = id_index(paying.vault, "resident_id", id_number(7))
    second = paying.reviewers["second"]
    paying.run(_relate, staff=second.id, index=index, now=paying.clock())
    assert pay.refused(lambda: pay.approve(paying, batch, second), Forbidden) == "own_case"


def _relate(session: Session, *, staff: int, index: str, now: datetime) -> None:
    session.add(StaffRelative(id=ids.new_id(now), staff_id=staff, person_index=index, declared_at=now))


def test_the_town_does_not_approve(paying: Cast) -> None:
    benefits.crowd(paying, 1)
    batch = pay.prepare(paying, "town")
    colleague = hire(paying, "town", region=TOWN)
    assert pay.refused(lambda: pay.approve(paying, batch, colleague), Forbidden) == "not_your_level"
    assert pay.refused(lambda: pay.discard(paying, batch, colleague), Forbidden) == "not_your_level"
    assert pay.discard(paying, batch, paying.reviewers["town"]).discarded_at


def test_an_altered_list_is_not_approved(paying: Cast) -> None:
    benefits.crowd(paying, 2)
    batch = pay.prepare(paying)
    one = pay.attempts(paying, batch)[0]
    paying.run(_forge, attempt=one.id)
    assert pay.refused(lambda: pay.approve(paying, batch), Conflict) == "batch_altered"


def test_a_batch_sent_back_frees_its_payments(paying: Cast) -> None:
    benefits.crowd(paying, 2)
    batch = pay.prepare(paying)
    references = {p.reference for p in pay.payments(paying, batch)}
    back = pay.discard(paying, batch)
    assert batch_views.status(back) == "discarded"
    assert "少了" not in (back.discard_reason or "")
    assert {looks.status(p) for p in pay.payments(paying, batch)} == {"free"}
    assert pay.refused(lambda: pay.approve(paying, batch), Conflict) == "already_discarded"
    assert pay.refused(lambda: pay.discard(paying, batch), Conflict) == "already_discarded"
    paying.clock.advance(timedelta(hours=1))
    following = pay.prepare(paying)
    assert {p.reference for p in pay.payments(paying, following)} == references
    assert following.differences["new"] == 2


def test_nothing_is_exported_before_approval_nor_sent_back_after(paying: Cast) -> None:
    benefits.crowd(paying, 1)
    batch = pay.prepare(paying)
    assert pay.refused(lambda: pay.export(paying, batch), Conflict) == "not_approved"
    pay.export(paying, pay.approve(paying, batch))
    assert pay.refused(lambda: pay.discard(paying, batch), Conflict) == "already_exported"


def test_every_act_is_a_row_of_the_chain(paying: Cast) -> None:
    benefits.crowd(paying, 1)
    batch = pay.exported(paying)
    pay.export(paying, batch, "xlsx")
    pay.take_in(paying, batch, pay.answers(paying, batch))
    with paying.db.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == batch.id)).all()
        assert verifying.of_batch(session, session.get_one(PaymentBatch, batch.id)).sound
    acts = ["prepare", "approve", "export_csv", "export_xlsx", "return"]
    assert [entry.act for entry in entries] == [f"payment_batch.{act}" for act in acts]
    assert {entry.commitment for entry in entries[:4]} == {batch.checksum}


def test_approval_and_return_at_once_leave_one_outcome(paying: Cast) -> None:
    benefits.crowd(paying, 3)
    batch = pay.prepare(paying)
    second = paying.reviewers["second"]
    pay.at_once(lambda: pay.approve(paying, batch), lambda: pay.discard(paying, batch, second))
    row = pay.load(paying, batch.id)
    free = {p.batch_id for p in pay.payments(paying, batch)} == {None}
    assert free == (row.discarded_at is not None)


@pytest.fixture
def operator(settings: Settings) -> Callable[..., Result]:
    """Run an operator's command on the cast's database."""
    app = Flask("commands")
    bind(app, build_runtime(settings))
    app.cli.add_command(cli.benefits)
    return lambda *words: app.test_cli_runner().invoke(args=["benefits", "verify", *words])


def test_operators_count_every_batch_again(paying: Cast, operator: Callable[..., Result]) -> None:
    benefits.crowd(paying, 2)
    sound = pay.exported(paying)
    assert "2 payments, 1920.00 yuan" in operator(sound.number.lower()).output
    benefits.recipient(paying, "李䶮", 8)
    paying.clock.advance(timedelta(minutes=1))
    bad = pay.prepare(paying)
    (attempt,) = pay.attempts(paying, bad)
    paying.run(_forge, attempt=attempt.id)
    found = operator()
    assert found.exit_code == 1
    assert f"{bad.number}: frozen 1 payments, 96000 fen" in found.output
    assert f"{sound.number}: 2 payments" in found.output
    assert "no such batch" in operator("FF2611-222222").output


def _forge(session: Session, *, attempt: int) -> None:
    """An amount changed behind the product's back."""
    session.get_one(PaymentAttempt, attempt).fen = 9_600_000
