"""Erasure and the cases of a person."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backend.applications import leaving
from backend.certificates import queries as certificates
from backend.events import audit
from backend.kernel.clock import system_clock
from backend.kernel.crypto import Unreadable
from backend.kernel.errors import Conflict, NotFound
from backend.models.application import Application
from backend.models.audit import AuditEntry
from backend.models.certificate import Certificate
from backend.models.document import Document
from tests import factories as make
from tests.people import Cast


def leave(cast: Cast, who: str = "王㐂") -> None:
    cast.run(leaving.leave, resident_id=cast.residents[who], now=cast.clock(), at=system_clock())


@pytest.mark.parametrize("stage", [make.submitted, make.in_correction, make.approved])
def test_an_unfinished_case_keeps_the_account(cast: Cast, stage: object) -> None:
    row = stage(cast)  # type: ignore[operator]
    with pytest.raises(Conflict) as refused:
        leave(cast)
    assert refused.value.extra == {"applications": [row.number]}
    assert make.answers_of(cast, row.id)


def test_leaving_deletes_drafts(cast: Cast) -> None:
    case = make.draft(cast)
    leave(cast)
    with cast.db.reading() as session:
        assert session.get(Application, case) is None
        assert set(session.scalars(select(Document.purge_at))) == {cast.clock()}


def test_leaving_blanks_what_points_to_the_person(cast: Cast) -> None:
    row = make.issued(cast)
    leave(cast)
    kept = make.load(cast, row.id)
    traces = (kept.holder, kept.holder_masked, kept.holder_name_index, kept.holder_id_index, kept.mobile_index)
    assert not any(traces)
    with pytest.raises((NotFound, Unreadable)):
        make.answers_of(cast, row.id)
    with cast.db.reading() as session:
        assert set(session.scalars(select(Document.purge_at))) == {cast.clock()}


def test_the_chain_and_the_certificate_hold_after_leaving(cast: Cast) -> None:
    row = make.issued(cast)
    leave(cast)
    with cast.db.reading() as session:
        entries = list(session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)))
        token = session.scalars(select(Certificate.token)).one()
        found = certificates.verify(session, token=token, base_url="https://example.org", now=cast.clock())
    assert all(entry.hash == audit.digest(entry) for entry in entries)
    assert entries[-1].hash == make.load(cast, row.id).audit_head
    assert found.status == "valid"
