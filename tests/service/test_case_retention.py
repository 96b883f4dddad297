"""The content of a case after its time: gone from every table; number, dates, chain, facts and certificate stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import inspect, select, text, update

from backend.accounts import export, housekeeping as accounts, partners
from backend.applications import desk, leftovers, looks, queries, ratings, retention
from backend.certificates import queries as certificates
from backend.cli import audit, retention as commands, statistics
from backend.documents import service as documents
from backend.gateways.storage import MemoryStorage
from backend.kernel import ids
from backend.models.application import Application, ApplicationHistory, ApplicationRevision, StaffNotice
from backend.models.certificate import Certificate
from backend.models.resident import PartnerInvitation, Resident, ResidentExport
from backend.models.retention import CaseRetention
from backend.models.statistics import CaseFact
from backend.runtime import Runtime, build_runtime
from backend.web.context import bind
from config.settings import Settings
from tests import factories
from tests.people import Cast
from workers import retention as sweeps
from workers.counting import count

#: retention_days of migrant-proof.
KEPT = timedelta(days=1825)


@pytest.fixture
def at(settings: Settings, cast: Cast) -> Runtime:
    return replace(build_runtime(settings), clock=cast.clock, storage=MemoryStorage())


def run(at: Runtime, *words: str) -> Result:
    app = Flask("commands")
    bind(app, at)
    for group in (audit.audit, commands.retention, statistics.statistics):
        app.cli.add_command(group)
    return app.test_cli_runner().invoke(args=list(words))


def destroyed(cast: Cast, at: Runtime) -> Application:
    """An issued case with a rating, five years and a day later."""
    row = factories.issued(cast)
    cast.run(
        ratings.rate,
        vault=cast.vault,
        resident_id=row.resident_id,
        application_id=row.id,
        score=1,
        tags=[],
        comment="太慢",
        now=cast.clock(),
    )
    cast.db.transact(count, calendar=cast.calendar, application_id=row.id)
    cast.clock.advance(KEPT)
    assert sweeps.destroy_cases(at) == 1
    return factories.load(cast, row.id)


def everything_about(cast: Cast, case: int) -> str:
    """Every row of every table that names the case, as text."""
    said = []
    with cast.db.reading() as session:
        for table in inspect(session.get_bind()).get_table_names():
            columns = {column["name"] for column in inspect(session.get_bind()).get_columns(table)}
            for name in {"application_id", "subject_id", "owner_id"} & columns:
                rows = session.execute(text(f"SELECT * FROM {table} WHERE {name} = :case"), {"case": case})
                said += [f"{table}: {row}" for row in rows]
    return "\n".join(said)


def test_content_is_destroyed_and_the_frame_stays(cast: Cast, at: Runtime) -> None:
    row = destroyed(cast, at)
    assert (row.holder_masked, row.holder_id_index, row.holder_name_index, row.mobile_index) == ("", None, None, None)
    assert (row.number is not None, row.status, row.decided_at is not None) == (True, "issued", True)
    with cast.db.reading() as session:
        assert session.scalars(select(ApplicationRevision)).all() == []
        assert session.scalars(select(ApplicationHistory.note).where(ApplicationHistory.note.is_not(None))).all() == []
        assert session.get_one(CaseFact, row.id).outcome == "approved"
    cast.run(documents.purge_due, now=cast.clock())
    left = [line for line in everything_about(cast, row.id).splitlines() if "v1|p|" in line]
    assert [line.split(":")[0] for line in left if not line.startswith(("certificate", "message"))] == []


def test_the_chain_verifies_and_says_so(cast: Cast, at: Runtime) -> None:
    row = destroyed(cast, at)
    assert run(at, "audit", "verify", "--case", row.number or "").exit_code == 0
    with cast.db.reading() as session:
        acts = [line["act"] for line in desk.audit(session, reviewer=cast.reviewers["town"], number=row.number or "")]
    assert acts[-1] == "retention.destroy"


def test_words_taken_out_before_their_time_are_a_finding(cast: Cast, at: Runtime) -> None:
    row = factories.issued(cast)
    cast.db.transact(lambda session: session.execute(update(ApplicationHistory).values(note=None)).close())
    assert "its words are not the ones that were written" in run(at, "audit", "verify", row.number or "").output


def test_the_certificate_still_verifies(cast: Cast, at: Runtime) -> None:
    row = destroyed(cast, at)
    with cast.db.reading() as session:
        token = session.scalars(select(Certificate.token).where(Certificate.application_id == row.id)).one()
        answer = certificates.verify(session, token=token, base_url="", now=cast.clock())
    assert answer.status == "expired"


def test_pages_of_a_destroyed_case_open(cast: Cast, at: Runtime) -> None:
    row = destroyed(cast, at)
    with cast.db.reading() as session:
        mine = queries.one(
            session,
            cast.vault,
            purposes=cast.purposes,
            calendar=cast.calendar,
            resident_id=row.resident_id,
            application_id=row.id,
            now=cast.clock(),
        )
        seen = desk.case(
            session,
            cast.vault,
            calendar=cast.calendar,
            reviewer=cast.reviewers["town"],
            number=row.number or "",
            now=cast.clock(),
        )
        assert looks.mine(session, resident_id=row.resident_id, application_id=row.id)
    assert (mine["answers"], seen["answers"], seen["holder_masked"]) == ({}, [], "")


def test_nothing_is_destroyed_before_its_time_or_twice(cast: Cast, at: Runtime) -> None:
    factories.issued(cast)
    cast.clock.advance(KEPT - timedelta(seconds=1))
    assert sweeps.destroy_cases(at) == 0
    cast.clock.advance(timedelta(seconds=1))
    assert [sweeps.destroy_cases(at), sweeps.destroy_cases(at)] == [1, 0]


def test_a_reopened_case_is_kept_until_its_next_end(cast: Cast, at: Runtime) -> None:
    row = factories.issued(cast)
    factories.reopen(cast, row.number or "", cast.reviewers["town"])
    cast.clock.advance(KEPT)
    assert sweeps.destroy_cases(at) == 0
    factories.decide(cast, row.number or "", "town", "approve")
    with cast.db.reading() as session:
        assert session.get_one(CaseRetention, row.id).destroy_at == cast.clock() + KEPT


def test_a_case_from_before_gets_its_day_by_the_sweep(cast: Cast, at: Runtime) -> None:
    row = factories.issued(cast)
    cast.db.transact(lambda session: session.execute(update(CaseRetention).values(destroy_at=None)).close())
    cast.clock.advance(KEPT)
    assert "1 cases would be destroyed" not in run(at, "retention", "run", "--dry-run").output
    assert "1 cases destroyed" in run(at, "retention", "run").output
    assert factories.load(cast, row.id).holder_masked == ""


def test_a_dry_run_names_and_leaves(cast: Cast, at: Runtime) -> None:
    row = factories.issued(cast)
    cast.clock.advance(KEPT)
    output = run(at, "retention", "run", "--dry-run").output
    assert output == f"{row.number}\n1 cases would be destroyed\n"
    assert factories.load(cast, row.id).holder_masked == "王*"


def test_content_of_someone_who_left_is_destroyed_too(cast: Cast, at: Runtime) -> None:
    row = factories.issued(cast)
    gone = update(Resident).where(Resident.id == row.resident_id).values(key="")
    cast.db.transact(lambda session: session.execute(gone).close())
    cast.clock.advance(KEPT)
    assert sweeps.destroy_cases(at) == 1
    assert factories.load(cast, row.id).answers == ""


def test_files_without_a_reader_are_removed(cast: Cast, at: Runtime) -> None:
    row = factories.issued(cast)
    with cast.db.reading() as session:
        revision = session.scalars(select(ApplicationRevision.id)).one()
        paper = session.scalars(select(Certificate.id)).one()
    keys = {"copypdf": revision, "certificatepdf": paper, "certificatepng": paper}
    for kind, one in keys.items():
        at.storage.put(f"{kind}/{ids.encode(one)}", [b"x"])
    named = {"pdf_key": f"certificatepdf/{ids.encode(paper)}", "png_key": f"certificatepng/{ids.encode(paper)}"}
    cast.db.transact(lambda session: session.execute(update(Certificate).values(named)).close())
    copy = update(ApplicationRevision).values(pdf_key=f"copypdf/{ids.encode(revision)}")
    cast.db.transact(lambda session: session.execute(copy).close())
    assert sweeps.remove_papers(at) == 0
    gone = update(Resident).where(Resident.id == row.resident_id).values(key="")
    cast.db.transact(lambda session: session.execute(gone).close())
    assert sweeps.remove_papers(at) == 3


def test_statistics_are_rebuilt_from_the_cases(cast: Cast, at: Runtime) -> None:
    factories.issued(cast)
    factories.submitted(cast, who="李䶮", serial=8)
    factories.draft(cast, who="李䶮", serial=8)
    assert run(at, "statistics", "rebuild").output == "2 cases counted\n"
    assert run(at, "statistics", "rebuild").output == "2 cases counted\n"
    with cast.db.reading() as session:
        assert sorted(str(one.outcome) for one in session.scalars(select(CaseFact))) == ["None", "approved"]


def test_codes_and_copies_that_ran_out_go_a_month_later(cast: Cast) -> None:
    resident = cast.resident("王㐂", 7)
    cast.run(partners.invite, vault=cast.vault, resident_id=resident, now=cast.clock())
    asked = cast.run(export.request, resident_id=resident, now=cast.clock())
    cast.run(export.build, vault=cast.vault, export_id=asked, collectors={}, now=cast.clock())
    for days, left in ((8, 2), (30, 0)):
        cast.clock.advance(timedelta(days=days))
        cast.run(accounts.purge, now=cast.clock(), at=cast.clock())
        with cast.db.reading() as session:
            rows: list[Any] = [*session.scalars(select(PartnerInvitation)), *session.scalars(select(ResidentExport))]
        assert len(rows) == left


def test_told_deadlines_of_open_cases_stay(cast: Cast) -> None:
    open_case, done = factories.submitted(cast), factories.issued(cast, who="李䶮", serial=8)

    def tell(session: Any) -> None:
        for row in (open_case, done):
            session.add(
                StaffNotice(
                    id=ids.new_id(cast.clock()),
                    region=row.town,
                    kind="deadline_passed",
                    application_id=row.id,
                    number=row.number or "",
                    due_on=row.due_on,
                    at=cast.clock(),
                )
            )

    cast.db.transact(tell)
    cast.clock.advance(timedelta(days=91))
    assert cast.run(leftovers.purge, now=cast.clock(), limit=50) == 1
    with cast.db.reading() as session:
        assert session.scalars(select(StaffNotice.application_id)).all() == [open_case.id]


def test_a_reckoned_day_follows_the_version_of_the_case(cast: Cast) -> None:
    row = factories.issued(cast)
    cast.db.transact(lambda session: session.execute(update(CaseRetention).values(destroy_at=None)).close())
    assert cast.run(retention.reckon, limit=10) == 1
    with cast.db.reading() as session:
        kept = session.get_one(CaseRetention, row.id)
        assert kept.destroy_at == kept.ended_at + KEPT
