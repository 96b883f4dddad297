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
        UniqueConstraint("service_item", "person_index"),
        Index("ix_benefit_recipient_mine", "resident_id", "id"),
        Index("ix_benefit_recipient_county", "county", "service_item", "ended_on", "id"),
        Index("ix_benefit_recipient_town", "town", "service_item", "ended_on", "id"),
    )

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=1)
    #: The case it follows from (the newest, when somebody comes back after an end).
    application_id: Mapped[Ref] = mapped_column(unique=True)
    resident_id: Mapped[Ref]
    service_item: Mapped[Code]
    village: Mapped[Region]
    town: Mapped[Region]
    county: Mapped[Region]
    holder_masked: Mapped[Words]
    #: Blind index of the person's document: one person, one benefit, once.
    person_index: Mapped[Hash]
    #: The amount class of the item (``[[benefit.classes]]``), and when it began to hold.
    amount_class: Mapped[Code]
    #: JSON {name, bank, account}; sealed with the person's key; place: benefit_recipient|account|id.
    account: Mapped[Sealed]
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    #: died, moved, no_longer_meets, own_wish, reopened
    end_reason: Mapped[Code | None]
    audit_sequence: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}


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
        Index("ix_confirmation_offers", "campaign_id", "offer", "id"),
    )

    id: Mapped[Id]
    campaign_id: Mapped[Ref]
    recipient_id: Mapped[Ref]
    asked_at: Mapped[datetime]
    #: How often was reminded: 0, 1, 2.
    reminders: Mapped[int] = mapped_column(default=0)
    #: When the next reminder, then the offer, is due; NULL: none follows.
    next_at: Mapped[datetime | None]
    #: offered, accepted_call, accepted_visit, declined, made; NULL before the offer.
    offer: Mapped[Code | None]
    offered_at: Mapped[datetime | None]
    #: How and when it was confirmed: online, helper, call, visit; NULL: not yet.
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
    __table_args__ = table(Index(None, "county", "id"))

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=1)
    #: ``FF2611-7K2M9Q``
    number: Mapped[str] = mapped_column(String(24), unique=True)
    county: Mapped[Region]
    #: The office that prepared it, and so the recipients it is about.
    region: Mapped[Region]
    service_item: Mapped[Code]
    #: ``2026`` or ``2026-11``
    period: Mapped[str] = mapped_column(String(8))
    prepared_by: Mapped[Ref]
    prepared_at: Mapped[datetime]
    approved_by: Mapped[Ref | None]
    approved_at: Mapped[datetime | None]
    #: Sent back by the second person, with reasons (history); its payments are free again.
    discarded_at: Mapped[datetime | None]
    exported_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    count: Mapped[int]
    total_fen: Mapped[int] = mapped_column(BigInteger)
    #: SHA-256 (hex) over the frozen lines: number, recipient, account, amount, in order.
    checksum: Mapped[Hash]
    audit_sequence: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[str] = mapped_column(String(64), default="")

    __mapper_args__ = {"version_id_col": version}


class Payment(Base):
    """One recipient × benefit × period, paid at most once, whatever is tried again."""

    __tablename__ = "payment"
    __table_args__ = table(
        UniqueConstraint("recipient_id", "service_item", "period"),
        Index(None, "batch_id", "id"),
        Index(None, "failed_at"),
    )

    id: Mapped[Id]
    #: 13 letters that the bank's file repeats.
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    recipient_id: Mapped[Ref]
    service_item: Mapped[Code]
    period: Mapped[str] = mapped_column(String(8))
    amount_class: Mapped[Code]
    fen: Mapped[int] = mapped_column(BigInteger)
    #: The batch it stands in now; NULL: free for the next (its batch was discarded, or the bank refused it).
    batch_id: Mapped[Ref | None]
    #: JSON {name, bank, account} as frozen; sealed with the person's key; place: payment|account|id.
    account: Mapped[Sealed]
    paid_at: Mapped[datetime | None]
    #: The bank's refusal, until the next try.
    failed_at: Mapped[datetime | None]
    failure: Mapped[Words | None]


class PaymentAttempt(Base):
    """One try of one payment in one batch with what became of it: the history that reproduces every number."""

    __tablename__ = "payment_attempt"
    __table_args__ = table(UniqueConstraint("batch_id", "payment_id"))

    id: Mapped[Id]
    batch_id: Mapped[Ref]
    payment_id: Mapped[Ref]
    fen: Mapped[int] = mapped_column(BigInteger)
    #: paid, failed, discarded; NULL: the bank has not answered.
    outcome: Mapped[Code | None]
    reason: Mapped[Words | None]
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
