"""Reads of the applicant: my applications, one case with everything around it, progress without login."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.accounts.consents import Purposes
from backend.applications import (
    correction_views,
    deadlines,
    known,
    notice_facts,
    people,
    questions,
    records,
    routing,
    submission,
    views,
)
from backend.catalogue import queries as catalogue
from backend.catalogue.definition import ItemDefinition
from backend.certificates import queries as certificates
from backend.certificates.queries import StoredFile
from backend.documents import queries as documents
from backend.kernel import cursors
from backend.kernel.crypto import Vault, place
from backend.kernel.privacy import mask_name
from backend.kernel.workdays import Calendar
from backend.models.application import Application, ApplicationHistory, ApplicationRevision

#: Built once and run below the ORM: the list is the first thing a resident sees.
_MINE = (
    select(*views.CARD)
    .where(Application.resident_id == bindparam("resident_id"))
    .order_by(Application.created_at.desc(), Application.id.desc())
    .limit(bindparam("limit", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list and the cursor of the next."""

    items: list[dict[str, Any]]
    next_cursor: str | None


def mine(session: Session, *, resident_id: int, limit: int, cursor: str | None, status: str | None = None) -> Page:
    """My applications, newest first; one statement."""
    query = _MINE
    if status:
        query = query.where(Application.status == status)
    after = cursors.read(cursor)
    if after:
        moment, row_id = after
        earlier = and_(Application.created_at == moment, Application.id < row_id)
        query = query.where(or_(Application.created_at < moment, earlier))
    rows = session.connection().execute(query, {"resident_id": resident_id, "limit": limit + 1}).all()
    shown = rows[:limit]
    items = [views.card(row, _definition(session, row)) for row in shown]
    more = cursors.make(shown[-1].created_at, shown[-1].id) if len(rows) > limit else None
    return Page(items, more)


def _definition(session: Session, row: views.CardRow) -> ItemDefinition:
    return catalogue.definition(session, row.service_item, row.service_item_version)


def one(
    session: Session,
    vault: Vault,
    *,
    purposes: Purposes,
    calendar: Calendar,
    resident_id: int,
    application_id: int,
    now: datetime,
) -> dict[str, Any]:
    """The applicant's own case with timeline, owner, next step, phone, materials, people and open correction."""
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id, lock=False)
    row = case.row
    offices = routing.offices(session, row)
    cards = documents.of(session, case.seal, owner_kind="application", owner_id=row.id)
    materials = [views.material(card, case.definition) for card in cards]
    shown = views.draft(case, materials) | {
        "suggested": _suggested(case),
        "owner": views.owner(row, offices),
        "phone": views.phone(row, offices),
        "next_step": views.next_step(case),
        "legal_due_on": views.iso(row.legal_due_on),
        "projected": deadlines.projected(row, calendar, now),
        "timeline": views.timeline(case.seal, history(session, row.id)),
        "steps": views.steps(row, case.definition.levels, offices, certificate=case.definition.certificate is not None),
        "correction": correction_views.for_applicant(session, case),
        "questions": questions.of(session, case),
        "mandate": mandate(session, case),
        "cosignature": cosignature(session, case),
        "missing": _missing(session, case, cards, purposes, now),
    }
    return notice_facts.told(session, case, shown)


def _suggested(case: records.Case) -> dict[str, Any]:
    """What the account knows and the form asks, for an applicant who may still edit."""
    if case.row.status not in records.EDITABLE or case.row.mandate_id:
        return {}
    return known.suggestions(case.definition, case.person, case.row.region, case.answers())


def _missing(
    session: Session, case: records.Case, cards: list[documents.DocumentCard], purposes: Purposes, now: datetime
) -> dict[str, Any]:
    """What still keeps an editable case from being handed in."""
    if case.row.status not in records.EDITABLE:
        return {}
    return submission.find_missing(session, case, cards, purposes=purposes, now=now).all()


def history(session: Session, application_id: int) -> list[ApplicationHistory]:
    """The history of a case, oldest first."""
    query = select(ApplicationHistory).where(ApplicationHistory.subject_id == application_id)
    return list(session.scalars(query.order_by(ApplicationHistory.id)))


def mandate(session: Session, case: records.Case) -> dict[str, Any] | None:
    """On whose behalf: masked, with the relation."""
    if case.row.mandate_id is None:
        return None
    principal = people.principal(session, case) or {}
    return {"name_masked": mask_name(principal["name"]), "relation": principal["relation"]}


def cosignature(session: Session, case: records.Case) -> dict[str, Any] | None:
    """The spouse's invitation or signature; ``outdated`` when the answers changed since."""
    row = people.signature(session, case.row.id) if case.definition.cosign != "none" else None
    if row is None:
        return None
    signed = row.signed_at is not None
    return {
        "signed_at": views.iso(row.signed_at),
        "signer_masked": row.signer_masked or None,
        "expires_at": views.iso(row.expires_at),
        "outdated": signed and row.content_hash != people.content_hash(case.answers()),
    }


def handed_in(session: Session, *, resident_id: int, application_id: int) -> Application:
    """The row of an own, submitted case: number, deadline and receipt stand on it."""
    row = session.scalar(
        select(Application).where(Application.id == application_id, Application.resident_id == resident_id)
    )
    if row is None or row.number is None:
        raise records.not_found()
    return row


def receipt_token(session: Session, *, resident_id: int, application_id: int) -> tuple[Application, str]:
    """The case and the token its receipt's QR carries."""
    row = handed_in(session, resident_id=resident_id, application_id=application_id)
    token = certificates.receipt_token(session, application_id=row.id)
    if token is None:
        raise records.not_found()
    return row, token


def copy(
    session: Session, vault: Vault, *, resident_id: int, application_id: int, revision: int | None = None
) -> dict[str, Any]:
    """What was handed in, the last time or in one revision, in words: the content of the copy."""
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id, lock=False)
    found = _revision(session, application_id, revision or case.row.revision)
    answers = records.open_json(case.seal, found.answers, place("application_revision", "answers", found.id))
    cards = documents.of(session, case.seal, owner_kind="application", owner_id=application_id, with_removed=True)
    names = {card.id: views.material(card, case.definition) for card in cards}
    return {
        "number": case.row.number,
        "service_name": case.definition.name,
        "submitted_at": found.at,
        "revision": found.revision,
        "holder": records.open_json(case.seal, case.row.holder or "", place("application", "holder", case.row.id)),
        "answers": views.written(case.definition, answers, places(session, answers)),
        "materials": [names[item["id"]] for item in found.materials if item["id"] in names],
    }


def copy_file(session: Session, vault: Vault, *, resident_id: int, application_id: int) -> StoredFile:
    """The PDF of the last copy; ``Unavailable`` (``rendering``) until it is made."""
    row = handed_in(session, resident_id=resident_id, application_id=application_id)
    key = _revision(session, row.id, row.revision).pdf_key
    return certificates.stored(key, row.number or "", accounts.seal_of(session, vault, resident_id))


def _revision(session: Session, application_id: int, revision: int) -> ApplicationRevision:
    found = session.scalar(
        select(ApplicationRevision).where(
            ApplicationRevision.application_id == application_id, ApplicationRevision.revision == revision
        )
    )
    if found is None:
        raise records.not_found()
    return found


def places(session: Session, answers: dict[str, Any]) -> dict[str, str]:
    """The names of the regions that occur in answers."""
    codes = [value for value in answers.values() if isinstance(value, str) and len(value) == views.REGION_CODE]
    return catalogue.region_names(session, codes) if codes else {}


def progress(session: Session, vault: Vault, *, number: str, mobile_last4: str) -> dict[str, Any]:
    """Status and dates of a case by its number and the last four digits; nothing about the person."""
    index = vault.index("progress", f"{number}|{mobile_last4}")
    row = session.scalar(select(Application).where(Application.number == number, Application.mobile_index == index))
    if row is None:
        raise records.not_found()
    offices = routing.offices(session, row)
    definition = _definition(session, row)
    return {
        "number": row.number,
        "service_name": definition.name,
        "status": row.status,
        "status_label": views.label(row),
        "ended_as": row.ended_as,
        "submitted_at": views.iso(row.submitted_at),
        "due_on": views.iso(row.due_on) if row.queue else None,
        "decided_at": views.iso(row.decided_at),
        "owner": views.owner(row, offices) if row.queue else None,
        "phone": views.phone(row, offices),
        "allowed_actions": [],
    }


def everything(session: Session, vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """Every application of a person with answers, history and names of files, for their own copy of the data."""
    rows = session.scalars(
        select(Application).where(Application.resident_id == resident_id).order_by(Application.created_at)
    )
    return [_whole(session, records.whole(session, vault, row)) for row in rows]


def _whole(session: Session, case: records.Case) -> dict[str, Any]:
    cards = documents.of(session, case.seal, owner_kind="application", owner_id=case.row.id)
    timeline = views.timeline(case.seal, history(session, case.row.id))
    return {
        "number": case.row.number,
        "service_name": case.definition.name,
        "status": str(views.label(case.row)),
        "answers": case.answers(),
        "materials": [{"material": card.code, "name": card.name, "created_at": card.created_at} for card in cards],
        "timeline": [event | {"label": str(event["label"])} for event in timeline],
        "questions": [one | {"status_label": str(one["status_label"])} for one in questions.of(session, case)],
    }
