"""From approval to certificate: done by a worker, safe to run again at any point."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import records, routing
from backend.applications.queries import places
from backend.certificates import service as certificates
from backend.certificates.policy import printed_lines
from backend.certificates.service import CertificateRequest
from backend.events import moves
from backend.kernel.actors import SYSTEM
from backend.kernel.crypto import Vault, place
from backend.lifecycles.application import APPLICATION, ApplicationStatus as S
from backend.models.application import Application


def issue(session: Session, *, vault: Vault, issuer: str, application_id: int, now: datetime) -> str | None:
    """Issue the certificate of an approved case and return its number; ``None`` when there is nothing to issue."""
    row = session.scalar(select(Application).where(Application.id == application_id).with_for_update())
    if row is None or row.status != S.APPROVED:
        return None
    case = records.whole(session, vault, row)
    template = case.definition.certificate
    if template is None:
        return None
    office = routing.offices(session, row)[row.decided_level or "county"]
    holder = records.open_json(case.seal, row.holder or "", place("application", "holder", row.id))
    answers = case.answers()
    request = CertificateRequest(
        application_id=row.id,
        decision=row.audit_sequence,
        resident_id=row.resident_id,
        seal=case.seal,
        template=template,
        county=row.county,
        office=office.name,
        holder=holder["name"],
        holder_masked=row.holder_masked,
        id_number=holder["id_number"],
        lines=printed_lines(case.definition, answers, places=places(session, answers)),
    )
    number = certificates.issue(session, vault, request=request, issuer=issuer, now=now)
    moves.apply(session, row, "issue", lifecycle=APPLICATION, actor=SYSTEM, now=now)
    return number
