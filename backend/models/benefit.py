"""Benefits 奖励扶助: who receives one, the yearly confirmation, and the payments.

No row carries a status; each follows from dates. Amounts are fen (1/100 yuan), whole numbers.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Code, Hash, Id, Ref, Region, Sealed, Words, table


class Recipient(Base):
    """One person who receives one benefit, from an approved case on until it ends."""

    __tablename__ = "benefit_recipient"
    __table_args__ = table(
        UniqueConstraint("service_item", "person_index", "occasion"),
        Index("ix_benefit_recipient_mine", "resident_id", "id"),
        Index("ix_benefit_recipient_county", "county", "service_item", "id"),
        Index("ix_benefit_recipient_town", "town", "service_item", "id"),
        Index("ix_benefit_recipient_village", "village", "service_item", "id"),
    )

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=1)
    #: The case it follows from (the newest, when somebody comes back after an end).
    application_id: Mapped[Ref] = mapped_column(unique=True)
    #: The account that filed it: the person's own, or a helper's. Its key seals what is personal here.
    resident_id: Mapped[Ref]
    #: Filed by a helper 代办 for somebody else.
    helped: Mapped[bool] = mapped_column(default=False)
    #: When the case was decided that this follows from: the same decision enrols once.
    granted_at: Mapped[datetime]
    service_item: Mapped[Code]
    village: Mapped[Region]
    town: Mapped[Region]
    county: Mapped[Region]
    holder_masked: Mapped[Words]
    #: Blind index of the person's document: one person, one benefit, one row.
    person_index: Mapped[Hash]
    #: "" for a benefit that goes on; the case's id for one that is paid once, which may be granted again another year.
    occasion: Mapped[str] = mapped_column(String(20), default="")
    #: The amount class of the item (``[[benefit.classes]]``) that holds now; "": a clerk has to say which.
    amount_class: Mapped[Code]
    #: JSON {name, bank, account}; sealed with the person's key; place: benefit_recipient|account|id.
    account: Mapped[Sealed]
    #: The present or last spell: from its first day to the first day that is not in it any more.
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    #: died, moved, no_longer_meets, own_wish, reopened
    end_reason: Mapped[Code | None]
    audit_sequence: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}


class BenefitTerm(Base):
    """One stretch of days in which a recipient had one amount class: half-open, never overlapping, never deleted."""

    __tablename__ = "benefit_term"
    __table_args__ = table(Index(None, "recipient_id", "from_on"))

    id: Mapped[Id]
    recipient_id: Mapped[Ref]
    #: The case that granted it.
    application_id: Mapped[Ref]
    amount_class: Mapped[Code]
    from_on: Mapped[date]
    #: The first day after it; NULL: it goes on.
    to_on: Mapped[date | None]


class ConfirmationCampaign(Base):
    """A yearly re-confirmation 年审 of one benefit in one county: opened for everyone, in pieces, resumable."""

    __tablename__ = "confirmation_campaign"
    __table_args__ = table(UniqueConstraint("county", "service_item", "period"))

    id: Mapped[Id]
    county: Mapped[Region]
    service_item: Mapped[Code]
    #: ``2026``
    period: Mapped[str] = mapped_column(String(8))
    opened_by: Mapped[Ref]
    opened_at: Mapped[datetime]
    #: Until when an answer is asked for; nothing is lost on that day.
    answer_by: Mapped[date]
    #: The last recipient the opening has reached; NULL once everyone has been.
    reached: Mapped[Ref | None]
    opened: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]


class Confirmation(Base):
    """One recipient in one campaign: asked, reminded twice, offered a call or a visit, answered."""

    __tablename__ = "confirmation"
    __table_args__ = table(
        UniqueConstraint("campaign_id", "recipient_id"),
        Index("ix_confirmation_next", "next_at", "id"),
        Index("ix_confirmation_recipient", "recipient_id", "id"),
        Index("ix_confirmation_answers", "campaign_id", "confirmed_at", "changed_at", "reviewed_at", "offer"),
        Index("ix_confirmation_county", "county", "waiting", "id"),
        Index("ix_confirmation_town", "town", "waiting", "id"),
        Index("ix_confirmation_village", "village", "waiting", "id"),
    )

    id: Mapped[Id]
    campaign_id: Mapped[Ref]
    recipient_id: Mapped[Ref]
    village: Mapped[Region]
    town: Mapped[Region]
    county: Mapped[Region]
    #: What a clerk has to do: change, call, visit; NULL: nothing. Silence is never work for a clerk.
    waiting: Mapped[Code | None]
    asked_at: Mapped[datetime]
    #: How often was reminded: 0, 1, 2.
    reminders: Mapped[int] = mapped_column(default=0)
    #: When the next reminder, then the offer, is due; NULL: none follows.
    next_at: Mapped[datetime | None]
    #: offered, accepted_call, accepted_visit, declined, made; NULL before the offer.
    offer: Mapped[Code | None]
    offered_at: Mapped[datetime | None]
    #: How and when it was confirmed: online, helper, call, visit, review; NULL: not yet.
    confirmed_at: Mapped[datetime | None]
    confirmed_way: Mapped[Code | None]
    #: JSON of what has changed, as the person said; place: confirmation|change|id. A clerk looks at it.
    change: Mapped[Sealed | None]
    changed_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[Ref | None]


class PaymentBatch(Base):
    """A frozen list of payments: one prepares, another approves, then it is exported and the bank answers."""

    __tablename__ = "payment_batch"
    __table_args__ = table(
        Index("ix_payment_batch_county", "county", "id"), Index("ix_payment_batch_region", "region", "id")
    )

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=1)
    #: ``FF2611-7K2M9Q``
    number: Mapped[str] = mapped_column(String(24), unique=True)
    county: Mapped[Region]
    #: The office that prepared it, and so the recipients it is about.
    region: Mapped[Region]
    service_item: Mapped[Code]
    #: ``2026``, ``2026-11`` or ``once``
    period: Mapped[str] = mapped_column(String(8))
    prepared_by: Mapped[Ref]
    prepared_at: Mapped[datetime]
    approved_by: Mapped[Ref | None]
    approved_at: Mapped[datetime | None]
    #: Sent back, with reasons; its payments are free again.
    discarded_by: Mapped[Ref | None]
    discarded_at: Mapped[datetime | None]
    #: Words of a clerk that may name people; sealed by the vault; place: payment_batch|discard_reason|id.
    discard_reason: Mapped[Sealed | None]
    exported_at: Mapped[datetime | None]
    #: Every payment of it was answered by the bank.
    settled_at: Mapped[datetime | None]
    count: Mapped[int]
    total_fen: Mapped[int] = mapped_column(BigInteger)
    #: SHA-256 (hex) over the frozen lines in order of their references; see ``backend/benefits/checksums.py``.
    checksum: Mapped[Hash]
    #: How many lines differ from the last payment of the same people, by kind, and how many people ended.
    differences: Mapped[dict[str, Any]]
    audit_sequence: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[str] = mapped_column(String(64), default="")

    __mapper_args__ = {"version_id_col": version}


class Payment(Base):
    """One recipient × benefit × period, paid at most once, whatever is tried again."""

    __tablename__ = "payment"
    __table_args__ = table(
        UniqueConstraint("recipient_id", "service_item", "period"),
        Index("ix_payment_batch", "batch_id", "id"),
        Index("ix_payment_failed", "county", "failed_at", "id"),
        Index("ix_payment_period", "county", "service_item", "period", "id"),
    )

    id: Mapped[Id]
    #: ``P`` and 13 letters or digits, which the bank's file repeats; no spreadsheet takes it for a number.
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    recipient_id: Mapped[Ref]
    county: Mapped[Region]
    town: Mapped[Region]
    service_item: Mapped[Code]
    period: Mapped[str] = mapped_column(String(8))
    #: As in the newest attempt.
    amount_class: Mapped[Code]
    fen: Mapped[int] = mapped_column(BigInteger)
    #: The batch it stands in now; NULL: free for the next (its batch was discarded, or the bank refused it).
    batch_id: Mapped[Ref | None]
    paid_at: Mapped[datetime | None]
    #: The bank's last refusal; NULL once it is paid.
    failed_at: Mapped[datetime | None]


class PaymentAttempt(Base):
    """One try of one payment in one batch, as frozen, with what became of it: every number follows from these."""

    __tablename__ = "payment_attempt"
    __table_args__ = table(
        UniqueConstraint("batch_id", "payment_id"), Index("ix_payment_attempt_payment", "payment_id", "id")
    )

    id: Mapped[Id]
    batch_id: Mapped[Ref]
    payment_id: Mapped[Ref]
    amount_class: Mapped[Code]
    fen: Mapped[int] = mapped_column(BigInteger)
    #: JSON {name, bank, account}; sealed with the person's key; place: payment_attempt|account|id.
    account: Mapped[Sealed]
    #: What differs from the last attempt for the same person: new, amount, account, both, again; NULL: nothing.
    difference: Mapped[Code | None]
    #: paid, failed, discarded; NULL: the bank has not answered.
    outcome: Mapped[Code | None]
    #: The bank's words, sealed with the person's key (they may repeat a name); place: payment_attempt|reason|id.
    reason: Mapped[Sealed | None]
    answered_at: Mapped[datetime | None]


class BankReturn(Base):
    """One file of the bank, taken in whole or not at all; the same content is never taken in twice."""

    __tablename__ = "bank_return"
    __table_args__ = table(UniqueConstraint("batch_id", "digest"))

    id: Mapped[Id]
    batch_id: Mapped[Ref]
    #: SHA-256 of the file.
    digest: Mapped[Hash]
    imported_by: Mapped[Ref]
    imported_at: Mapped[datetime]
    paid: Mapped[int]
    failed: Mapped[int]
    #: {paid_fen, failed_fen}
    sums: Mapped[dict[str, Any]]
