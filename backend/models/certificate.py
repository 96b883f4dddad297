"""Certificates 证件, receipts 回执, their numbers and the keys that sign them.

No row carries a status: whether a certificate is valid, revoked or expired is computed from its dates.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Code, Hash, Id, Ref, Sealed, Words, table


class SigningKey(Base):
    """A key pair of this installation. Retired keys sign nothing and verify for ever."""

    __tablename__ = "signing_key"

    id: Mapped[Id]
    kid: Mapped[str] = mapped_column(String(8), unique=True)
    #: The JOSE name; EdDSA now, a row can say another one later.
    algorithm: Mapped[str] = mapped_column(String(16))
    #: The raw public key, base64url (43 characters for Ed25519).
    public: Mapped[str] = mapped_column(String(255))
    #: The raw private key; place: signing_key|private|id.
    private: Mapped[Sealed]
    #: ``current`` for the one that signs, NULL for the others: unique, so two processes cannot make two.
    turn: Mapped[str | None] = mapped_column(String(8), unique=True)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class CertificateSequence(Base):
    """The last number given in one series (type prefix, county, year): no gap, no duplicate."""

    __tablename__ = "certificate_sequence"

    #: ``HY-370402-2026``
    series: Mapped[str] = mapped_column(String(24), primary_key=True)
    last: Mapped[int]


class Certificate(Base):
    """One certificate; a case that was reopened and approved again gets another."""

    __tablename__ = "certificate"
    __table_args__ = table(
        UniqueConstraint("application_id", "decision"),
        Index("ix_certificate_mine", "resident_id", "issued_at", "id"),
        Index("ix_certificate_revoked", "revoked_at"),
        Index("ix_certificate_expiry", "expires_on", "id"),
    )

    id: Mapped[Id]
    #: ``HY-370402-2026-000045``
    number: Mapped[str] = mapped_column(String(24), unique=True)
    application_id: Mapped[Ref]
    #: The audit sequence of the approval it follows from.
    decision: Mapped[int]
    resident_id: Mapped[Ref]
    type: Mapped[Code]
    title: Mapped[Words]
    holder_masked: Mapped[Words]
    #: The name of the office.
    issuer: Mapped[Words]
    issued_at: Mapped[datetime]
    #: Days in China; valid through the last of them; NULL: permanent.
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    kid: Mapped[str] = mapped_column(String(8))
    token: Mapped[str] = mapped_column(String(400))
    #: JSON {holder, code, body, lines: [[label, value]]}, sealed with the holder's key; place: certificate|facts|id.
    facts: Mapped[Sealed]
    #: Keyed hash of number and printed code, and how often a wrong one came on that day.
    code_index: Mapped[Hash]
    code_tries: Mapped[int] = mapped_column(default=0)
    code_tries_on: Mapped[date | None]
    #: The last reminder of its end: so many days before.
    expiry_told: Mapped[int | None]
    revoked_at: Mapped[datetime | None]
    #: A stable English word: reopened, withdrawn, mistake.
    revoke_reason: Mapped[Code | None]
    rendered_at: Mapped[datetime | None]
    pdf_key: Mapped[str | None] = mapped_column(String(120))
    png_key: Mapped[str | None] = mapped_column(String(120))


class Receipt(Base):
    """What a person holds after submitting; says which case, never whose."""

    __tablename__ = "receipt"

    id: Mapped[Id]
    #: The number of the application.
    number: Mapped[str] = mapped_column(String(24), unique=True)
    application_id: Mapped[Ref] = mapped_column(unique=True)
    service_item: Mapped[Code]
    service_name: Mapped[Words]
    #: The name of the office.
    office: Mapped[Words]
    submitted_on: Mapped[date]
    kid: Mapped[str] = mapped_column(String(8))
    token: Mapped[str] = mapped_column(String(400))
    rendered_at: Mapped[datetime | None]
    pdf_key: Mapped[str | None] = mapped_column(String(120))
