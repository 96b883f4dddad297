"""The record of a case: sound as written, and the first row that somebody touched is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, select, update

from backend.cli import audit
from backend.events.audit import digest
from backend.models.application import Application
from backend.models.audit import AuditEntry
from backend.runtime import build_runtime
from backend.web.context import bind
from config.settings import Settings
from tests import factories
from tests.people import Cast

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings) -> Run:
    """Run an operator's command on the cast's database."""
    app = Flask("commands")
    bind(app, build_runtime(settings))
    app.cli.add_command(audit.audit)
    return lambda *words: app.test_cli_runner().invoke(args=list(words))


@pytest.fixture
def case(cast: Cast) -> Application:
    """A case with its whole record: submitted, claimed, accepted, handed up, approved, issued."""
    return factories.issued(cast)


def tamper(cast: Cast, case: Application, sequence: int, **values: Any) -> None:
    """Change a row behind the product's back, or delete it (no values)."""
    at = (AuditEntry.subject_id == case.id, AuditEntry.sequence == sequence)
    statement = update(AuditEntry).where(*at).values(**values) if values else delete(AuditEntry).where(*at)
    cast.db.transact(lambda session: session.execute(statement).rowcount)


def test_untouched_chains_are_sound(run: Run, cast: Cast, case: Application) -> None:
    factories.in_correction(cast, who="李䶮", serial=8)
    assert run("audit", "verify").output.startswith("2 chains with ")
    one = run("audit", "verify", (case.number or "").lower())
    assert (one.exit_code, one.output) == (0, f"1 chains with {case.audit_sequence} rows checked, all sound\n")


def test_unknown_number_is_refused(run: Run, case: Application) -> None:
    refused = run("audit", "verify", "YG2611-222222")
    assert (refused.exit_code, "no such case" in refused.output) == (1, True)


@pytest.mark.parametrize("values", [{"post": "别的岗位"}, {"act": "claim.renew"}, {"actor_id": 5}])
def test_changed_row_is_named(run: Run, cast: Cast, case: Application, values: dict[str, Any]) -> None:
    tamper(cast, case, 3, **values)
    found = run("audit", "verify", case.number)
    assert found.exit_code == 1
    assert f"{case.number}: row 3 " in found.output
    assert "not the ones that were hashed" in found.output


def test_missing_row_is_named(run: Run, cast: Cast, case: Application) -> None:
    tamper(cast, case, 2)
    assert f"{case.number}: row 2 is missing\n" in run("audit", "verify").output


def test_cut_end_is_noticed(run: Run, cast: Cast, case: Application) -> None:
    tamper(cast, case, case.audit_sequence)
    assert f"{case.number}: row {case.audit_sequence} is missing\n" in run("audit", "verify").output


def test_row_that_was_hashed_anew_does_not_bind_the_next(run: Run, cast: Cast, case: Application) -> None:
    with cast.db.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.sequence == 2)).one()
    entry.post = "别的岗位"
    tamper(cast, case, 2, post=entry.post, hash=digest(entry))
    assert f"{case.number}: row 3 " in run("audit", "verify").output


def test_other_chains_stay_sound_beside_a_broken_one(run: Run, cast: Cast, case: Application) -> None:
    factories.submitted(cast, who="李䶮", serial=8)
    tamper(cast, case, 1, post="x")
    assert "Error: 1 found in 2 chains" in run("audit", "verify").output
