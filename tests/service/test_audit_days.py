"""The signed days and the walk of everything: whoever writes into the tables behind the product is found and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, text

from backend.applications import leaving
from backend.cli import audit
from backend.db import Database
from backend.events import days
from backend.events.audit import digest
from backend.kernel.crypto import Vault
from backend.models.application import Application
from backend.models.audit import AuditEntry
from backend.runtime import Runtime, build_runtime
from backend.web.context import bind
from config.settings import Settings
from tests import factories
from tests.clock import MovableClock
from tests.people import Cast, assemble
from workers.days import sign_days

DAY = timedelta(days=1)


@dataclass
class World:
    """A case of Monday and one of Tuesday, both days signed; it is Wednesday morning."""

    cast: Cast
    runtime: Runtime
    verify: Callable[..., Result]
    monday: Application
    tuesday: Application

    def write(self, statement: str, **values: Any) -> None:
        """Raw SQL, as whoever holds the database may write it."""
        self.cast.db.transact(lambda session: session.execute(text(statement), values).close())

    def entry(self, case: Application, sequence: int) -> AuditEntry:
        with self.cast.db.reading() as session:
            at = (AuditEntry.subject_id == case.id, AuditEntry.sequence == sequence)
            return session.scalars(select(AuditEntry).where(*at)).one()


def _world(settings: Settings, db: Database, vault: Vault, clock: MovableClock) -> World:
    cast = assemble(db, vault, clock)
    runtime = build_runtime(settings)
    object.__setattr__(runtime, "clock", clock)
    app = Flask("commands")
    bind(app, runtime)
    app.cli.add_command(audit.audit)
    monday = factories.issued(cast)
    clock.advance(DAY)
    tuesday = factories.in_correction(cast, who="李䶮", serial=8)
    clock.advance(DAY)
    assert sign_days(runtime) == 2

    def verify(*words: str) -> Result:
        return app.test_cli_runner().invoke(args=["audit", "verify", *words])

    return World(cast, runtime, verify, factories.load(cast, monday.id), factories.load(cast, tuesday.id))


@pytest.fixture(params=["mariadb", "sqlite"])
def world(request: pytest.FixtureRequest, vault: Vault, clock: MovableClock) -> World:
    mariadb = request.param == "mariadb"
    settings = request.getfixturevalue("settings" if mariadb else "sqlite_settings")
    db = request.getfixturevalue("database" if mariadb else "sqlite_database")
    return _world(settings, db, vault, clock)


def found(result: Result) -> str:
    """What was found; the command must fail."""
    assert result.exit_code == 1, result.output
    return result.output


def test_what_was_written_is_sound(world: World) -> None:
    result = world.verify()
    assert (result.exit_code, "all sound" in result.output) == (0, True), result.output


def test_days_are_signed_once_and_bound_together(world: World) -> None:
    assert sign_days(world.runtime) == 0
    with world.cast.db.reading() as session:
        second, first = days.heads(session)
    assert (first.last + 1, second.day - first.day) == (second.first, DAY)


def test_a_day_is_not_signed_before_half_past_midnight(world: World) -> None:
    factories.submitted(world.cast, who="赵六", serial=9)
    world.cast.clock.set(world.cast.clock().replace(hour=16, minute=29))
    assert sign_days(world.runtime) == 0
    world.cast.clock.advance(timedelta(minutes=1))
    assert sign_days(world.runtime) == 1


def test_a_long_silence_is_signed_day_by_day(world: World) -> None:
    world.cast.clock.advance(5 * DAY)
    assert sign_days(world.runtime) == 5
    factories.submitted(world.cast, who="赵六", serial=9)
    world.cast.clock.advance(DAY)
    assert sign_days(world.runtime) == 1
    assert world.verify().exit_code == 0


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_entry SET post='x' WHERE id=:id", "its values are not the ones that were hashed"),
        ("UPDATE audit_entry SET at='2020-01-01 00:00:00.000000' WHERE id=:id", "not the ones that were hashed"),
        ("UPDATE audit_entry SET previous=hash WHERE id=:id", "does not follow the row before it"),
        ("DELETE FROM audit_entry WHERE id=:id", "is missing"),
        ("UPDATE audit_entry SET sequence=99 WHERE id=:id", "is missing"),
    ],
)
def test_a_touched_row_is_named_in_its_chain(world: World, statement: str, said: str) -> None:
    world.write(statement, id=world.entry(world.monday, 3).id)
    output = found(world.verify())
    assert f"{world.monday.number}: row 3 " in output
    assert said in output


def test_two_rows_that_changed_places_are_named(world: World) -> None:
    third, fourth = world.entry(world.monday, 3).id, world.entry(world.monday, 4).id
    world.write("UPDATE audit_entry SET sequence=99 WHERE id=:id", id=third)
    world.write("UPDATE audit_entry SET sequence=3 WHERE id=:id", id=fourth)
    world.write("UPDATE audit_entry SET sequence=4 WHERE id=:id", id=third)
    assert f"{world.monday.number}: row 3 " in found(world.verify("--case", world.monday.number))


def test_a_cut_tail_is_named_even_with_the_count_mended(world: World) -> None:
    last = world.entry(world.monday, world.monday.audit_sequence)
    world.write("DELETE FROM audit_entry WHERE id=:id", id=last.id)
    assert f"row {last.sequence} is missing" in found(world.verify())
    mended = "UPDATE application SET audit_sequence=:at, audit_head=:head WHERE id=:id"
    world.write(mended, at=last.sequence - 1, head=last.previous, id=world.monday.id)
    assert f": row {last.id} is gone" in found(world.verify())


def test_an_edited_head_of_a_case_is_named(world: World) -> None:
    world.write("UPDATE application SET audit_head=:head WHERE id=:id", head="0" * 64, id=world.monday.id)
    assert f"row {world.monday.audit_sequence} is not the one its case ends with" in found(world.verify())


def test_a_whole_record_taken_out_is_noticed(world: World) -> None:
    first = world.entry(world.monday, 1).id
    world.write("DELETE FROM audit_entry WHERE subject_id=:id", id=world.monday.id)
    world.write("UPDATE application SET audit_sequence=0, audit_head='' WHERE id=:id", id=world.monday.id)
    output = found(world.verify())
    assert f"{world.monday.number}: row 1 is missing" in output
    assert f": row {first} is gone" in output


def test_a_case_that_vanished_with_its_record_is_noticed_in_its_day(world: World) -> None:
    first = world.entry(world.monday, 1).id
    world.write("DELETE FROM application WHERE id=:id", id=world.monday.id)
    assert "has no application any more" in found(world.verify())
    world.write("DELETE FROM audit_entry WHERE subject_id=:id", id=world.monday.id)
    assert f": row {first} is gone" in found(world.verify())


def test_a_chain_made_anew_is_named_by_its_day(world: World) -> None:
    """Every hash of the chain and the head of the case are right again: only the signed day knows."""
    previous = world.entry(world.monday, 1).hash
    for sequence in range(2, world.monday.audit_sequence + 1):
        entry = world.entry(world.monday, sequence)
        entry.post, entry.previous = "别的岗位", previous
        previous = digest(entry)
        values = {"post": entry.post, "previous": entry.previous, "hash": previous, "id": entry.id}
        world.write("UPDATE audit_entry SET post=:post, previous=:previous, hash=:hash WHERE id=:id", **values)
    world.write("UPDATE application SET audit_head=:head WHERE id=:id", head=previous, id=world.monday.id)
    assert world.verify("--case", world.monday.number).exit_code == 0
    output = found(world.verify())
    assert f"is not the one that was signed ({world.monday.number}, row 2)" in output


def test_a_row_slipped_in_is_named(world: World) -> None:
    first = world.entry(world.tuesday, 1)
    with world.cast.db.reading() as session:
        signed = days.heads(session)[0]
    world.write("DELETE FROM audit_entry WHERE id=:id", id=signed.last)
    world.write(
        "INSERT INTO audit_entry (id, subject_kind, subject_id, sequence, at, actor_kind, post, act, commitment,"
        " previous, hash) VALUES (:id, 'application', 7, 1, :at, 'staff', '', 'x', '', :previous, :hash)",
        id=signed.last,
        at=first.at.replace(tzinfo=None).isoformat(" ", timespec="microseconds"),
        previous="0" * 64,
        hash="1" * 64,
    )
    output = found(world.verify())
    assert f": row {signed.last} is not the one that was signed (application 7, row 1)" in output


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_day SET head=:zero WHERE day=:day", "its signature is not over what stands here"),
        ("UPDATE audit_day SET count=count-1 WHERE day=:day", "its signature is not over what stands here"),
        ("UPDATE audit_day SET token='a.b.c' WHERE day=:day", "its signature is wrong"),
        ("DELETE FROM audit_day WHERE day=:day", "begins with row"),
    ],
)
def test_a_touched_day_is_named(world: World, statement: str, said: str) -> None:
    with world.cast.db.reading() as session:
        second, first = days.heads(session)
    values = {"zero": "0" * 64} if ":zero" in statement else {}
    world.write(statement, day=first.day.isoformat(), **values)
    output = found(world.verify())
    assert said in output
    assert (first.day if "DELETE" not in statement else second.day).isoformat() in output


def test_the_newest_days_taken_out_are_missed(world: World) -> None:
    world.write("DELETE FROM audit_day")
    world.cast.clock.advance(2 * DAY)
    assert "should have been signed by now" in found(world.verify())


def test_changed_words_of_a_decision_are_noticed(world: World) -> None:
    with_note = "note IS NOT NULL AND subject_id=:id"
    world.write(f"UPDATE application_history SET note='v1|p|x|y' WHERE {with_note}", id=world.tuesday.id)
    assert "its words are not the ones that were written" in found(world.verify())


def test_words_taken_out_of_the_history_are_noticed(world: World) -> None:
    world.write("DELETE FROM application_history WHERE move='submit' AND subject_id=:id", id=world.tuesday.id)
    assert f"{world.tuesday.number}: row 1 application.submit: its line of history says" in found(world.verify())


def test_the_record_verifies_after_an_erasure(world: World) -> None:
    cast = world.cast
    resident = cast.residents["王㐂"]
    cast.run(leaving.leave, resident_id=resident, now=cast.clock(), at=cast.clock())
    result = world.verify()
    assert result.exit_code == 0, result.output


def test_from_a_day_on_earlier_faults_are_left_alone(world: World) -> None:
    world.write("UPDATE audit_entry SET post='x' WHERE id=:id", id=world.entry(world.monday, 2).id)
    with world.cast.db.reading() as session:
        second = days.heads(session)[0].day.isoformat()
    result = world.verify("--from", second)
    assert (result.exit_code, result.output[:8]) == (0, "1 chains"), result.output
    world.write("UPDATE audit_entry SET post='x' WHERE id=:id", id=world.entry(world.tuesday, 2).id)
    assert f"{world.tuesday.number}: row 2" in found(world.verify("--from", second))
