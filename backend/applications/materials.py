"""Materials 材料 of a case: the rules around uploads; cleaning and storing them is the documents' work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend.applications import drafts, hands, people, records
from backend.applications.claims import actor, in_jurisdiction, renew
from backend.applications.policy import Reviewer
from backend.catalogue.definition import ItemDefinition, MaterialRule
from backend.documents import queries as reading, service as documents
from backend.documents.intake import Stored
from backend.documents.queries import DocumentCard
from backend.events import audit
from backend.kernel.crypto import Seal, Vault
from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_
from backend.models.application import Application

OWNER = "application"


@dataclass(frozen=True, slots=True)
class Opened:
    """A material someone may read now: its card, and the seal that opens its key."""

    document: DocumentCard
    seal: Seal
    definition: ItemDefinition


def place_for(session: Session, *, vault: Vault, resident_id: int, application_id: int, code: str) -> Seal:
    """Check that this material may be handed in now; its file key is then sealed with the returned seal."""
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id, lock=False)
    records.check_editable(case.row)
    rule(case, code)
    return case.seal


def rule(case: records.Case, code: str) -> MaterialRule | None:
    """The rule of a material; ``None`` for a helper's mandate letter; 422 for anything the form does not ask for."""
    found = next((m for m in case.definition.materials if m.code == code), None)
    if found is None and not (code == people.MANDATE_LETTER and case.row.mandate_id):
        words = N_("这件申请不需要这份材料")
        raise Invalid("unknown_material", words, errors={"material": [words]})
    return found


def attach(
    session: Session,
    *,
    vault: Vault,
    resident_id: int,
    application_id: int,
    code: str,
    stored: Stored,
    name: str | None,
    now: datetime,
) -> int:
    """Add a stored file to a case; the case's version is bumped, so two uploads at once count to 20 together."""
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id)
    records.check_editable(case.row)
    rule(case, code)
    drafts.touch(case, now)
    return documents.add(
        session,
        vault,
        case.seal,
        owner_kind=OWNER,
        owner_id=application_id,
        code=code,
        stored=stored,
        name=name,
        revision=case.row.revision,
        now=now,
    )


def detach(
    session: Session, *, vault: Vault, resident_id: int, application_id: int, document_id: int, now: datetime
) -> None:
    """Take a material out of a draft or an open correction."""
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id)
    records.check_editable(case.row)
    seen = reading.one(session, case.seal, owner_kind=OWNER, owner_id=application_id, document_id=document_id)
    documents.remove(
        session,
        owner_kind=OWNER,
        owner_id=application_id,
        document_id=document_id,
        # What an office has seen stays, so that it can compare.
        keep_until=now + timedelta(days=case.definition.retention_days) if seen.revision < case.row.revision else None,
        now=now,
    )
    drafts.touch(case, now)


def opened(session: Session, *, vault: Vault, resident_id: int, application_id: int, document_id: int) -> Opened:
    """The applicant's own material."""
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id, lock=False)
    return _opened(session, case, document_id)


def opened_by_staff(
    session: Session, *, vault: Vault, reviewer: Reviewer, number: str, document_id: int, now: datetime
) -> Opened:
    """A material of a case in the jurisdiction; the look is one row of the case's audit chain."""
    row = in_jurisdiction(session, reviewer, number)
    hands.check_parties(session, reviewer, row)
    result = _opened(session, records.whole(session, vault, row), document_id, removed=True)
    look(session, row, reviewer, now)
    renew(session, row, reviewer, now)
    return result


def look(session: Session, row: Application, reviewer: Reviewer, now: datetime) -> None:
    """Record that staff looked at personal data: the applicant can see it."""
    audit.note(session, row, act="look.material", actor=actor(reviewer), now=now)


def _opened(session: Session, case: records.Case, document_id: int, *, removed: bool = False) -> Opened:
    card = reading.one(
        session, case.seal, owner_kind=OWNER, owner_id=case.row.id, document_id=document_id, with_removed=removed
    )
    return Opened(card, case.seal, case.definition)
