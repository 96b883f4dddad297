"""Reads: a resident's own certificates, and what anyone may learn from a token."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from backend.certificates import policy, tokens
from backend.certificates.keys import PUBLIC_KEYS
from backend.kernel import clock, cursors
from backend.kernel.crypto import Seal, Unreadable, Vault, place
from backend.kernel.errors import NotFound, Unavailable
from backend.kernel.i18n import N_, Text
from backend.models.application import Application
from backend.models.certificate import Certificate, Receipt
from backend.models.resident import Resident

PDF, PNG = "pdf", "png"
#: Longer texts than an address of ours with the longest token are not looked at.
LONGEST_PASTED = 1024


@dataclass(frozen=True, slots=True)
class PublicCertificate:
    """What a verifier learns: the masked holder, never more."""

    number: str
    type: str
    title: str
    holder_masked: str
    issued_on: date
    expires_on: date | None
    issuer: str


@dataclass(frozen=True, slots=True)
class PublicReceipt:
    """What a receipt proves: that this case was handed in there on that day."""

    number: str
    service_item: str
    service_name: str
    submitted_on: date
    office: str


@dataclass(frozen=True, slots=True)
class Verification:
    """``status``: valid, revoked, expired, unknown; at most one of the two is there."""

    status: str
    certificate: PublicCertificate | None = None
    receipt: PublicReceipt | None = None

    @property
    def label(self) -> Text:
        return policy.LABELS[self.status]


CertificateRow = Row[str, str, str, date, date | None, str, datetime | None]
ReceiptRow = Row[str, str, date, str]
UNKNOWN = Verification(policy.UNKNOWN)


@dataclass(frozen=True, slots=True)
class CertificateCard:
    """A certificate as its holder sees it; ``code`` is printed under the QR."""

    id: int
    number: str
    type: str
    title: str
    holder_masked: str
    issuer: str
    issued_on: date
    expires_on: date | None
    status: str
    token: str
    rendered: bool
    application_id: int
    #: Why it was revoked (reopened, collected…), None while it is not.
    reason: str | None
    #: Near its end or past it: the next one can be applied for.
    renewable: bool

    @property
    def label(self) -> Text:
        return policy.LABELS[self.status]

    @property
    def allowed_actions(self) -> list[str]:
        return [*(["download"] if self.rendered else []), *(["renew"] if self.renewable else [])]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where a rendered file lies, the key it opens with, and the name to save it under (without ending)."""

    key: str
    name: str
    seal: Seal = field(repr=False)


_PUBLIC = (
    Certificate.type,
    Certificate.title,
    Certificate.holder_masked,
    Certificate.issued_on,
    Certificate.expires_on,
    Certificate.issuer,
    Certificate.revoked_at,
)
_RECEIPT = (
    Receipt.service_item,
    Receipt.service_name,
    Receipt.submitted_on,
    Receipt.office,
)
#: Built once, and run below the ORM: making the statement and its session state cost more than the read.
#: They ask for no more columns than they must: the driver decodes a description of each with every answer.
_CERTIFICATE_OF = select(*_PUBLIC).where(
    Certificate.number == bindparam("number"), Certificate.token == bindparam("token")
)
_RECEIPT_OF = select(*_RECEIPT).where(Receipt.number == bindparam("number"), Receipt.token == bindparam("token"))


def verify(session: Session, *, token: str, base_url: str, now: datetime) -> Verification:
    """What a token (or our own address that holds one) is worth today; one signature, one read by unique key.

    Whatever comes gives an answer: a token that we did not sign, or that differs from the one we stored, is unknown.
    """
    bare = token_in(token, base_url)
    claims = tokens.read(bare, lambda kid: PUBLIC_KEYS.find(session, kid)) if bare else None
    if claims is None:
        return UNKNOWN
    sought = {"number": claims.number, "token": bare}
    if claims.type == tokens.RECEIPT:
        found = session.connection().execute(_RECEIPT_OF, sought).first()
        return _receipt(claims.number, found) if found else UNKNOWN
    row = session.connection().execute(_CERTIFICATE_OF, sought).first()
    return _certificate(claims.number, row, clock.today(now)) if row else UNKNOWN


def by_code(session: Session, *, number: str, index: str, today: date) -> Verification:
    """The certificate of a number whose printed code has this keyed hash; tries are counted by ``service``."""
    statement = select(*_PUBLIC).where(Certificate.number == number, Certificate.code_index == index)
    row = session.execute(statement).first()
    return _certificate(number, row, today) if row else UNKNOWN


def token_in(text: str, base_url: str) -> str | None:
    """The token in a scanned text: bare, or behind ``/v/`` of this installation; another host's is none."""
    if len(text) > LONGEST_PASTED:
        return None
    text = text.strip()
    if "/" not in text:
        return text or None
    try:
        parts, ours = urlsplit(text), urlsplit(base_url)
    except ValueError:
        return None
    same = parts.scheme.lower() == ours.scheme and parts.netloc.lower() == ours.netloc.lower()
    path = parts.path.removeprefix(ours.path.rstrip("/"))
    return path.removeprefix("/v/") if same and path.startswith("/v/") else None


def mine(
    session: Session, *, resident_id: int, now: datetime, limit: int = 20, cursor: str | None = None
) -> tuple[list[CertificateCard], str | None]:
    """A page of a resident's certificates, newest first, and the cursor of the next."""
    statement = (
        select(Certificate)
        .where(Certificate.resident_id == resident_id)
        .order_by(Certificate.issued_at.desc(), Certificate.id.desc())
        .limit(limit + 1)
    )
    after = cursors.read(cursor)
    if after:
        at, seen = after
        statement = statement.where(
            or_(Certificate.issued_at < at, and_(Certificate.issued_at == at, Certificate.id < seen))
        )
    rows = session.scalars(statement).all()
    last = rows[limit - 1] if len(rows) > limit else None
    cards = [_card(row, clock.today(now)) for row in rows[:limit]]
    return cards, cursors.make(last.issued_at, last.id) if last else None


def owned(session: Session, *, number: str, resident_id: int, now: datetime) -> CertificateCard:
    """One certificate for its holder; ``NotFound`` for anybody else."""
    return _card(_row(session, number, resident_id), clock.today(now))


def of_application(session: Session, *, application_id: int, now: datetime) -> CertificateCard | None:
    """The newest certificate of a case."""
    statement = (
        select(Certificate)
        .where(Certificate.application_id == application_id)
        .order_by(Certificate.decision.desc())
        .limit(1)
    )
    row = session.scalar(statement)
    return _card(row, clock.today(now)) if row else None


def printed_code(session: Session, vault: Vault, *, number: str, resident_id: int) -> str:
    """The code under the QR, for the holder's own page."""
    row = _row(session, number, resident_id)
    facts = _seal(session, vault, resident_id).open_text(row.facts, place("certificate", "facts", row.id))
    return str(json.loads(facts)["code"])


def file_of(session: Session, vault: Vault, *, number: str, resident_id: int, kind: str) -> StoredFile:
    """The rendered PDF or picture of one's own certificate; ``Unavailable`` (``rendering``) until it is made."""
    row = _row(session, number, resident_id)
    return stored(row.pdf_key if kind == PDF else row.png_key, row.number, _seal(session, vault, resident_id))


def application_of(session: Session, number: str) -> int | None:
    """The case a certificate that was not revoked came from."""
    query = select(Certificate.application_id).where(Certificate.number == number, Certificate.revoked_at.is_(None))
    return session.scalar(query)


def receipt_token(session: Session, *, application_id: int) -> str | None:
    """The token of a case's receipt, for its QR."""
    return session.scalar(select(Receipt.token).where(Receipt.application_id == application_id))


def receipt_file(session: Session, vault: Vault, *, application_id: int, resident_id: int) -> StoredFile:
    """The PDF of the receipt of one's own case."""
    statement = (
        select(Receipt.pdf_key, Receipt.number)
        .join(Application, Application.id == Receipt.application_id)
        .where(Receipt.application_id == application_id, Application.resident_id == resident_id)
    )
    row = session.execute(statement).first()
    if row is None:
        raise NotFound("not_found", N_("没有这张回执"))
    return stored(row.pdf_key, row.number, _seal(session, vault, resident_id))


def stored(key: str | None, name: str, seal: Seal) -> StoredFile:
    """Where a rendered file lies; ``Unavailable`` (``rendering``) until it is made."""
    if key is None:
        raise Unavailable("rendering", N_("正在制作，请过几秒再看"), retry_after=2)
    return StoredFile(key, name, seal)


def _seal(session: Session, vault: Vault, resident_id: int) -> Seal:
    key = session.scalar(select(Resident.key).where(Resident.id == resident_id))
    try:
        return vault.person(key or "", resident_id)
    except Unreadable as error:
        raise NotFound("not_found", N_("没有这张证件")) from error


def _row(session: Session, number: str, resident_id: int) -> Certificate:
    row = session.scalar(
        select(Certificate).where(Certificate.number == number, Certificate.resident_id == resident_id)
    )
    if row is None:
        raise NotFound("not_found", N_("没有这张证件"))
    return row


def _card(row: Certificate, today: date) -> CertificateCard:
    return CertificateCard(
        id=row.id,
        number=row.number,
        type=row.type,
        title=row.title,
        holder_masked=row.holder_masked,
        issuer=row.issuer,
        issued_on=row.issued_on,
        expires_on=row.expires_on,
        status=policy.status(revoked_at=row.revoked_at, expires_on=row.expires_on, today=today),
        token=row.token,
        rendered=row.rendered_at is not None,
        application_id=row.application_id,
        reason=row.revoke_reason,
        renewable=policy.renewable(
            issued_on=row.issued_on, expires_on=row.expires_on, revoked_at=row.revoked_at, today=today
        ),
    )


def _certificate(number: str, row: CertificateRow, today: date) -> Verification:
    kind, title, holder, issued_on, expires_on, issuer, revoked_at = row
    status = policy.status(revoked_at=revoked_at, expires_on=expires_on, today=today)
    return Verification(
        status, certificate=PublicCertificate(number, kind, title, holder, issued_on, expires_on, issuer)
    )


def _receipt(number: str, row: ReceiptRow) -> Verification:
    item, name, submitted_on, office = row
    return Verification(policy.VALID, receipt=PublicReceipt(number, item, name, submitted_on, office))


def everything(session: Session, vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """Every certificate of a person, with the token of its QR, for their own copy of the data."""
    rows = session.scalars(select(Certificate).where(Certificate.resident_id == resident_id).order_by(Certificate.id))
    return [
        {
            "number": row.number,
            "title": row.title,
            "issuer": row.issuer,
            "issued_on": row.issued_on,
            "expires_on": row.expires_on,
            "revoked_at": row.revoked_at,
            "token": row.token,
        }
        for row in rows
    ]
