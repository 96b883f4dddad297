"""Handing in: once, complete, with a number, a deadline and a receipt; again after a correction; or taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.accounts import consents
from backend.accounts.consents import Purposes
from backend.accounts.policy import id_index
from backend.applications import corrections, deadlines, notices, people, policy, records, retention, routing, supplies
from backend.catalogue import forms
from backend.certificates import service as certificates
from backend.documents import queries as documents
from backend.documents.queries import DocumentCard
from backend.events import moves, outbox
from backend.kernel import ids
from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import local, today
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Collision, Invalid
from backend.kernel.i18n import N_, Text
from backend.kernel.privacy import mask_name
from backend.kernel.workdays import Calendar
from backend.lifecycles.application import APPLICATION
from backend.models.application import Application, ApplicationRevision

#: The work of making the applicant's copy; the subject is the revision.
COPY = "copy_wanted"


@dataclass(frozen=True, slots=True)
class Missing:
    """Everything that keeps a case from being handed in, all at once (一次性告知)."""

    fields: dict[str, Text]
    materials: dict[str, Text]
    consents: dict[str, Text]
    people: dict[str, Text]

    def all(self) -> dict[str, list[Text]]:
        """One mapping for problem details: ``answers.x``, ``materials.x``, ``consents.x``, ``identity``…"""
        named = {f"answers.{k}": v for k, v in self.fields.items()}
        named |= {f"materials.{k}": v for k, v in self.materials.items()}
        named |= {f"consents.{k}": v for k, v in self.consents.items()}
        return {name: [text] for name, text in (named | self.people).items()}


def applicant(case: records.Case) -> Actor:
    return Actor("applicant", "applicant", case.row.resident_id)


def find_missing(
    session: Session, case: records.Case, cards: list[DocumentCard], *, purposes: Purposes, now: datetime
) -> Missing:
    """What is still missing; empty mappings when the case may be handed in."""
    checked = forms.check_answers(case.definition, case.answers(), complete=True, now=now)
    have = {card.code for card in cards}
    wanted = forms.wanted_materials(case.definition, checked.answers)
    materials = {m.code: N_("请上传“%(label)s”", label=m.label) for m in wanted if m.needed and m.code not in have}
    given = consents.given_purposes(session, resident_id=case.row.resident_id, purposes=purposes)
    agreed = {p: N_("请先阅读并同意") for p in case.definition.consents if p not in given}
    if case.row.mandate_id and people.MANDATE_LETTER not in have:
        materials[people.MANDATE_LETTER] = N_("请上传本人签名的委托书照片")
    asked = case.definition.cosign == "required" and case.definition.asks_cosignature(checked.answers)
    signed = not asked or people.is_signed(session, case)
    holder = case.person.id_number is not None or case.row.mandate_id is not None
    owed = policy.missing_people(cosign=case.definition.cosign, signed=signed, identity=holder)
    return Missing(checked.faults, materials, agreed, owed)


def submit(
    session: Session,
    *,
    vault: Vault,
    calendar: Calendar,
    purposes: Purposes,
    issuer: str,
    resident_id: int,
    application_id: int,
    expected_version: int | None,
    now: datetime,
) -> int:
    """Hand a draft in: everything checked, then number, deadline, receipt, history, audit and outbox in one go.

    Errors: 422 ``incomplete`` with everything missing; 409 when it was handed in before.
    """
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id)
    row = case.row
    records.check_version(row, expected_version)
    APPLICATION.check("submit", row.status, "applicant")
    cards = _checked(session, case, purposes, now)
    supplies.check_turn(session, case, now=now)
    _freeze_holder(session, vault, case)
    _number_and_deadlines(vault, case, calendar, now)
    offices = routing.offices(session, row)
    moves.apply(session, row, "submit", lifecycle=APPLICATION, actor=applicant(case), now=now)
    if case.definition.levels:
        routing.give_turn(row, policy.turn(case.definition.levels, 0, offices))
    else:
        moves.apply(session, row, "grant", lifecycle=APPLICATION, actor=SYSTEM, now=now)
        row.decided_at = now
        retention.start(session, row, now=now)
    _keep_revision(session, case, cards, now)
    _give_receipt(session, vault, case, office=offices[row.queue or "county"].name, issuer=issuer, now=now)
    return row.id


def _give_receipt(
    session: Session, vault: Vault, case: records.Case, *, office: str, issuer: str, now: datetime
) -> None:
    """The signed receipt, with everything else of the submission; a number that is taken already is drawn again."""
    try:
        certificates.issue_receipt(
            session,
            vault,
            application_id=case.row.id,
            number=case.row.number or "",
            service_item=case.row.service_item,
            service_name=case.definition.name,
            office=office,
            submitted_on=today(now),
            issuer=issuer,
            now=now,
        )
        session.flush()
    except IntegrityError as error:
        raise Collision from error


def _checked(session: Session, case: records.Case, purposes: Purposes, now: datetime) -> list[DocumentCard]:
    cards = documents.of(session, case.seal, owner_kind="application", owner_id=case.row.id)
    missing = find_missing(session, case, cards, purposes=purposes, now=now).all()
    if missing:
        raise Invalid("incomplete", N_("还差 %(n)s 项，补齐后就能提交", n=len(missing)), errors=missing)
    case.keep_answers(forms.check_answers(case.definition, case.answers(), complete=True, now=now).answers)
    return cards


def _freeze_holder(session: Session, vault: Vault, case: records.Case) -> None:
    """The person the case is about, as they are today: later changes of the account do not reach it."""
    holder = people.holder(session, case)
    row = case.row
    row.holder = records.seal_json(case.seal, holder, place("application", "holder", row.id))
    row.holder_masked = mask_name(holder["name"])
    row.holder_name_index = vault.index("holder-name", holder["name"])
    row.holder_id_index = id_index(vault, holder["id_type"], holder["id_number"])


def _number_and_deadlines(vault: Vault, case: records.Case, calendar: Calendar, now: datetime) -> None:
    row, day = case.row, local(now)
    row.number = ids.number_of("YG", day.year, day.month)
    row.mobile_index = vault.index("progress", f"{row.number}|{case.person.mobile[-4:]}")
    row.submitted_at = now
    row.expires_at = row.expiry_warned_at = None
    deadlines.put(row, policy.deadlines(case.definition, calendar, day.date()))


def _keep_revision(session: Session, case: records.Case, cards: list[DocumentCard], now: datetime) -> None:
    """A frozen copy of what was handed in, for the copy and for the next difference."""
    row = case.row
    row.revision += 1
    revision = ApplicationRevision(
        id=ids.new_id(now),
        application_id=row.id,
        revision=row.revision,
        materials=[{"code": card.code, "id": card.id, "sha256": card.sha256_index} for card in cards],
        at=now,
    )
    at = place("application_revision", "answers", revision.id)
    revision.answers = records.seal_json(case.seal, case.answers(), at)
    session.add(revision)
    outbox.add(session, topic=COPY, subject_id=revision.id, dedupe_key=f"{COPY}:{revision.id}", now=now)


def resubmit(
    session: Session,
    *,
    vault: Vault,
    calendar: Calendar,
    purposes: Purposes,
    resident_id: int,
    application_id: int,
    expected_version: int | None,
    now: datetime,
) -> int:
    """Answer a correction: complete again, back to the level that asked, the pause added to the deadline."""
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id)
    row = case.row
    records.check_version(row, expected_version)
    APPLICATION.check("resubmit", row.status, "applicant")
    cards = _checked(session, case, purposes, now)
    corrections.close(session, row, corrections.ANSWERED, now=now)
    deadlines.resume(session, row, deadlines.CORRECTION, calendar=calendar, now=now)
    row.expires_at = row.expiry_warned_at = None
    moves.apply(session, row, "resubmit", lifecycle=APPLICATION, actor=applicant(case), now=now)
    start = case.definition.levels.index(row.level)
    routing.give_turn(row, policy.turn(case.definition.levels, start, routing.offices(session, row)))
    _keep_revision(session, case, cards, now)
    return row.id


def withdraw(
    session: Session,
    *,
    vault: Vault,
    resident_id: int,
    application_id: int,
    expected_version: int | None,
    now: datetime,
) -> int:
    """Take a case back before it is decided; a new application starts prefilled."""
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id)
    records.check_version(case.row, expected_version)
    moves.apply(session, case.row, "withdraw", lifecycle=APPLICATION, actor=applicant(case), now=now)
    end(session, case.row, now)
    return case.row.id


def end(session: Session, row: Application, now: datetime) -> None:
    """Nobody's turn any more, no clock, no open correction; the materials get their day of destruction."""
    corrections.close(session, row, corrections.LAPSED if row.ended_as else corrections.WITHDRAWN, now=now)
    retention.start(session, row, now=now)
    notices.leave(session, row, now=now)
    routing.leave_queue(row)
    deadlines.stop(session, row, now=now)
    row.expires_at = None
    row.decided_at = now
