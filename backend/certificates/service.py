"""Commands: issue a receipt or a certificate, revoke, check a printed code. None commits."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, case, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.catalogue.definition import CertificateTemplate
from backend.certificates import keys, numbers, policy, queries, tokens
from backend.certificates.queries import Verification
from backend.events import outbox
from backend.kernel import clock, ids
from backend.kernel.crypto import Seal, Vault, place
from backend.kernel.errors import Collision
from backend.models.certificate import Certificate, Receipt

#: Outbox topics; the subject is the row id.
RENDER_CERTIFICATE = "certificate_issued"
RENDER_RECEIPT = "receipt_issued"
ISSUER = "yangguang"
CODE_LENGTH = 8
#: 30 letters to the power of 8 against 10 guesses a day.
TRIES_PER_DAY = 10


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """What a certificate says. ``decision`` is the case's ``audit_sequence`` after its final approval:
    the same one gives the same certificate, the one after a reopening another.

    ``seal`` is the holder's own key, ``county`` 6 or 12 digits, ``office`` the issuing office's name,
    ``lines`` label and value of what is printed beside the name (``policy.printed_lines``).
    """

    application_id: int
    decision: int
    resident_id: int
    seal: Seal = field(repr=False)
    template: CertificateTemplate
    county: str
    office: str
    holder: str = field(repr=False)
    holder_masked: str
    id_number: str = field(repr=False, default="")
    lines: tuple[tuple[str, str], ...] = field(repr=False, default=())


def issue_receipt(
    session: Session,
    vault: Vault,
    *,
    application_id: int,
    number: str,
    service_item: str,
    service_name: str,
    office: str,
    submitted_on: date,
    now: datetime,
    issuer: str = ISSUER,
) -> str:
    """The token of a submission's receipt; its PDF is left to the outbox. ``Collision`` when the number is taken."""
    signer = keys.current(session, vault, now=now)
    claims = tokens.Claims(issuer, int(now.timestamp()), number, tokens.RECEIPT)
    row = Receipt(
        id=ids.new_id(now),
        number=number,
        application_id=application_id,
        service_item=service_item,
        service_name=service_name,
        office=office,
        submitted_on=submitted_on,
        kid=signer.kid,
        token=tokens.write(claims, kid=signer.kid, key=signer.key),
    )
    outbox.add(session, topic=RENDER_RECEIPT, subject_id=row.id, dedupe_key=f"{RENDER_RECEIPT}:{row.id}", now=now)
    _insert(session, row)
    return row.token


def issue(session: Session, vault: Vault, *, request: CertificateRequest, now: datetime, issuer: str = ISSUER) -> str:
    """The number of the certificate for one decision; its PDF and picture are left to the outbox."""
    known = session.scalar(
        select(Certificate.number).where(
            Certificate.application_id == request.application_id, Certificate.decision == request.decision
        )
    )
    if known is not None:
        return known
    issued_on = clock.today(now)
    number = numbers.reserve(session, prefix=request.template.prefix, county=request.county, year=issued_on.year)
    row = _certificate(session, vault, request=request, number=number, issuer=issuer, now=now)
    key = f"{RENDER_CERTIFICATE}:{row.id}"
    outbox.add(session, topic=RENDER_CERTIFICATE, subject_id=row.id, dedupe_key=key, now=now)
    _insert(session, row)
    return number


def revoke_for(session: Session, *, application_id: int, reason: str, now: datetime) -> int:
    """Revoke what a case has issued; how many that were. ``reason`` is a stable word (reopened, mistake)."""
    revoke = (
        update(Certificate)
        .where(Certificate.application_id == application_id, Certificate.revoked_at.is_(None))
        .values(revoked_at=now, revoke_reason=reason)
    )
    result = session.execute(revoke, execution_options={"synchronize_session": False})
    return int(result.rowcount)  # type: ignore[attr-defined]


def verify_code(session: Session, vault: Vault, *, number: str, code: str, now: datetime) -> Verification:
    """The check by number and printed code. The 11th wrong code of a day, and every later one, is unknown."""
    number, code = number.strip().upper(), code.strip().upper()
    if not 0 < len(number) <= 24 or not 0 < len(code) <= CODE_LENGTH + 8:
        return queries.UNKNOWN
    if not _take_try(session, number, clock.today(now)):
        return queries.UNKNOWN
    index = code_index(vault, number, code.replace(" ", "").replace("-", ""))
    found = queries.by_code(session, number=number, index=index, today=clock.today(now))
    if found.certificate is not None:
        _give_back(session, number)
    return found


def code_index(vault: Vault, number: str, code: str) -> str:
    return vault.index("certificate-code", f"{number}|{code}")


def _certificate(
    session: Session, vault: Vault, *, request: CertificateRequest, number: str, issuer: str, now: datetime
) -> Certificate:
    template, issued_on = request.template, clock.today(now)
    expires_on = policy.last_day(issued_on, template.validity_months)
    signer = keys.current(session, vault, now=now)
    claims = tokens.Claims(
        issuer,
        int(now.timestamp()),
        number,
        tokens.clip(template.type, tokens.LONGEST_TYPE),
        tokens.end_of(expires_on) if expires_on else None,
        request.holder_masked,
    )
    row_id, code = ids.new_id(now), ids.typed_code(CODE_LENGTH)
    return Certificate(
        id=row_id,
        number=number,
        application_id=request.application_id,
        decision=request.decision,
        resident_id=request.resident_id,
        type=template.type,
        title=template.title,
        holder_masked=request.holder_masked,
        issuer=request.office,
        issued_at=now,
        issued_on=issued_on,
        expires_on=expires_on,
        kid=signer.kid,
        token=tokens.write(claims, kid=signer.kid, key=signer.key),
        facts=request.seal.seal_text(_facts(request, code), place("certificate", "facts", row_id)),
        code_index=code_index(vault, number, code),
    )


def _facts(request: CertificateRequest, code: str) -> str:
    facts = {
        "holder": request.holder,
        "id_number": request.id_number,
        "lines": request.lines,
        "statement": request.template.statement,
        "code": code,
    }
    return json.dumps(facts, ensure_ascii=False)


def _insert(session: Session, row: Certificate | Receipt) -> None:
    """``Collision`` when another process issued the same one: the next run of the command finds it."""
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Collision(type(row).__name__) from error


def _take_try(session: Session, number: str, today: date) -> bool:
    """Count a try before looking, so that many at once stay within the limit; False: none left, or no such number."""
    same_day: ColumnElement[bool] = Certificate.code_tries_on == today
    tries = case((same_day, Certificate.code_tries + 1), else_=1)
    take = (
        update(Certificate)
        .where(
            Certificate.number == number,
            or_(Certificate.code_tries_on.is_(None), ~same_day, Certificate.code_tries < TRIES_PER_DAY),
        )
        # MariaDB assigns from left to right: the count must be made before the day changes.
        .ordered_values((Certificate.code_tries, tries), (Certificate.code_tries_on, today))
    )
    result = session.execute(take, execution_options={"synchronize_session": False})
    return bool(result.rowcount)  # type: ignore[attr-defined]


def _give_back(session: Session, number: str) -> None:
    """A right code costs no try."""
    give = update(Certificate).where(Certificate.number == number).values(code_tries=Certificate.code_tries - 1)
    session.execute(give, execution_options={"synchronize_session": False})
