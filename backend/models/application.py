"""An application 申请, its submitted revisions, corrections, history and people beside the applicant."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.lifecycles.application import ApplicationStatus
from backend.models.base import AutoId, Base, Code, Hash, Id, Ref, Region, Sealed, Words, states, table


class ApplicationHistory(Base):
    """What happened to a case, in order: the applicant's timeline and the staff's record."""

    __tablename__ = "application_history"
    __table_args__ = table(Index(None, "subject_id", "id"))

    id: Mapped[AutoId]
    subject_id: Mapped[Ref]
    at: Mapped[datetime]
    move: Mapped[Code]
    from_status: Mapped[str] = mapped_column(String(16))
    to_status: Mapped[str] = mapped_column(String(16))
    level: Mapped[str] = mapped_column(String(8), default="")
    #: applicant, staff, system
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[Ref | None]
    #: Office and post (中心街街道 审核岗), never a clerk's name.
    post: Mapped[Words] = mapped_column(default="")
    #: The words to the applicant, sealed with the person's key; place: application_history|note|application id.
    note: Mapped[Sealed | None]


class Application(Base):
    """One case. Personal values are sealed with the applicant's own key."""

    __tablename__ = "application"
    __history__: ClassVar[type[ApplicationHistory]] = ApplicationHistory
    __table_args__ = table(
        states("status", ApplicationStatus),
        Index("ix_application_mine", "resident_id", "created_at", "id"),
        Index("ix_application_village_queue", "village", "queue", "due_at", "id"),
        Index("ix_application_town_queue", "town", "queue", "due_at", "id"),
        Index("ix_application_county_queue", "county", "queue", "due_at", "id"),
        Index("ix_application_village_status", "village", "status", "due_at", "id"),
        Index("ix_application_town_status", "town", "status", "due_at", "id"),
        Index("ix_application_county_status", "county", "status", "due_at", "id"),
        Index("ix_application_village_due", "village", "due_at", "id"),
        Index("ix_application_town_due", "town", "due_at", "id"),
        Index("ix_application_county_due", "county", "due_at", "id"),
        Index("ix_application_town_item", "town", "service_item", "due_at", "id"),
        Index("ix_application_county_item", "county", "service_item", "due_at", "id"),
        Index("ix_application_name", "holder_name_index", "county", "id"),
        Index("ix_application_status_due", "status", "due_at"),
        Index("ix_application_claim", "claimed_by", "claimed_until"),
        Index("ix_application_expiry", "status", "expires_at"),
        Index("ix_application_warning", "status", "warn_at"),
    )

    id: Mapped[Id]
    #: ``YG2611-7K2M9Q``, given at submission.
    number: Mapped[str | None] = mapped_column(String(24), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(16), default=ApplicationStatus.DRAFT.value)
    service_item: Mapped[Code]
    service_item_version: Mapped[int]
    resident_id: Mapped[Ref]
    #: Where the case belongs, 12 digits, and its ancestors as stored columns for the queues.
    region: Mapped[Region]
    village: Mapped[Region]
    town: Mapped[Region]
    county: Mapped[Region]
    #: JSON of the answers; place: application|answers|id.
    answers: Mapped[Sealed]
    #: JSON {name, id_type, id_number, mobile} of the holder, frozen at submission.
    holder: Mapped[Sealed | None]
    holder_masked: Mapped[Words] = mapped_column(default="")
    holder_name_index: Mapped[Hash | None]
    holder_id_index: Mapped[Hash | None] = mapped_column(index=True)
    #: Keyed hash of number and last four digits, for progress without login.
    mobile_index: Mapped[Hash | None]
    mandate_id: Mapped[Ref | None]
    #: The level of the workflow whose turn it is (village, town, county; "" when nobody's).
    level: Mapped[str] = mapped_column(String(8), default="")
    #: The level of the office that really handles it: ``level``, or the one above when that office has no staff;
    #: "" when no clerk can act (draft, correction, decided).
    queue: Mapped[str] = mapped_column(String(8), default="")
    #: The level that decided last: it, or one above, may reopen.
    decided_level: Mapped[str] = mapped_column(String(8), default="")
    claimed_by: Mapped[Ref | None]
    claimed_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)
    submitted_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    #: The promised and the legal last day (China); ``due_at`` is the first as a moment, set for every submitted case
    #: and the key of all staff lists.
    due_on: Mapped[date | None]
    legal_due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    #: Since when the clock stands still (an open correction).
    paused_at: Mapped[datetime | None]
    #: When the clerk is warned next; None: no more.
    warn_at: Mapped[datetime | None]
    #: When a draft or an unanswered correction ends; moved by activity.
    expires_at: Mapped[datetime | None]
    expiry_warned_at: Mapped[datetime | None]
    #: When a draft that nobody touched was spoken of; once for ever.
    reminded_at: Mapped[datetime | None]
    #: How a case ended that is neither decided nor taken back: "lapsed" (逾期未补正，已终止).
    ended_as: Mapped[Code | None]
    #: The ended case whose answers this one began with (apply again by one tap).
    previous_id: Mapped[Ref | None]
    audit_sequence: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}


class ApplicationRevision(Base):
    """What was handed in, each time: the copy, and the difference a resubmission shows."""

    __tablename__ = "application_revision"
    __table_args__ = table(UniqueConstraint("application_id", "revision"))

    id: Mapped[Id]
    application_id: Mapped[Ref]
    revision: Mapped[int]
    #: place: application_revision|answers|id
    answers: Mapped[Sealed]
    #: [{code, id, sha256}] in order.
    materials: Mapped[list[Any]]
    at: Mapped[datetime]
    #: Where the copy lies, once it has been made.
    pdf_key: Mapped[str | None] = mapped_column(String(64))


class Correction(Base):
    """One complete notice 一次性告知: every defect at once; a second one waits for the next level's consent.

    Where it stands follows from its dates: ``waits_for`` (proposed), open, or ``closed_at`` with ``closed_as``.
    """

    __tablename__ = "correction"
    __table_args__ = table(Index(None, "application_id", "id"), Index("ix_correction_consent", "waits_for", "id"))

    id: Mapped[Id]
    application_id: Mapped[Ref]
    level: Mapped[str] = mapped_column(String(8))
    opened_by: Mapped[Ref]
    #: JSON {note, items: [{target, reason, hand_in}], earlier, reason_words, refusal}; place: correction|content|id.
    #: ``earlier``: the texts that an edit replaced, oldest first; ``refusal``: why the next level did not consent.
    content: Mapped[Sealed]
    #: When it was sent to the applicant; of a proposal, when it was written.
    opened_at: Mapped[datetime]
    due_on: Mapped[date]
    closed_at: Mapped[datetime | None]
    #: answered, cancelled, lapsed, withdrawn; never sent: refused (no consent), dropped (taken back)
    closed_as: Mapped[Code | None]
    #: Which notice of the case this is; NULL on rows older than the column: the first.
    ordinal: Mapped[int | None]
    #: Why a second notice is needed at all (a code of ``policy.SECOND_REASONS``).
    reason_code: Mapped[Code | None]
    #: The level that must agree before a second notice goes out; NULL: nobody any more.
    waits_for: Mapped[str | None] = mapped_column(String(8))
    consented_by: Mapped[Ref | None]
    edited_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]


class Pause(Base):
    """An interval in which the clock of a case stands still; its working days are added to both deadlines."""

    __tablename__ = "application_pause"
    __table_args__ = table(Index(None, "application_id", "id"))

    id: Mapped[Id]
    application_id: Mapped[Ref]
    #: correction, objection
    kind: Mapped[Code]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class InternalNote(Base):
    """What clerks tell each other about a case; never shown to the applicant, not even in an export."""

    __tablename__ = "internal_note"
    __table_args__ = table(Index(None, "application_id", "id"))

    id: Mapped[Id]
    application_id: Mapped[Ref]
    staff_id: Mapped[Ref]
    post: Mapped[Words]
    #: place: internal_note|text|id
    text: Mapped[Sealed]
    at: Mapped[datetime]


class Question(Base):
    """A message to the applicant that only needs a reply: no clock stops, nothing is decided by it."""

    __tablename__ = "question"
    __table_args__ = table(Index(None, "application_id", "id"))

    id: Mapped[Id]
    application_id: Mapped[Ref]
    staff_id: Mapped[Ref]
    post: Mapped[Words]
    #: place: question|text|id
    text: Mapped[Sealed]
    asked_at: Mapped[datetime]
    #: place: question|reply|id
    reply: Mapped[Sealed | None]
    replied_at: Mapped[datetime | None]


class CaseSeen(Base):
    """How far a clerk has read a case, to mark what is new since: the chain's sequence, no time."""

    __tablename__ = "case_seen"

    staff_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    application_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sequence: Mapped[int]


class Cosignature(Base):
    """A spouse's signature under an application, given with their own login."""

    __tablename__ = "cosignature"
    __table_args__ = table(UniqueConstraint("application_id"))

    id: Mapped[Id]
    application_id: Mapped[Ref]
    #: Keyed hash of the invitation code, good once and for 7 days.
    code_index: Mapped[Hash] = mapped_column(unique=True)
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    signer_id: Mapped[Ref | None]
    #: Masked name of the signer, for both sides.
    signer_masked: Mapped[Words] = mapped_column(default="")
    #: What was signed: SHA-256 over the canonical answers (hex).
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    signed_at: Mapped[datetime | None]


class Mandate(Base):
    """代办: on whose behalf a helper files, and the word they gave for it."""

    __tablename__ = "mandate"
    __table_args__ = table(UniqueConstraint("application_id"))

    id: Mapped[Id]
    application_id: Mapped[Ref]
    #: family, village_specialist, other
    relation: Mapped[Code]
    #: JSON {name, id_type, id_number, mobile} of the principal; place: mandate|principal|id.
    principal: Mapped[Sealed]
    #: The text the principal agreed to, by version.
    text_version: Mapped[Code]
    recorded_at: Mapped[datetime]


class StaffNotice(Base):
    """What an office should look at: a deadline that comes near, or one that has passed."""

    __tablename__ = "staff_notice"
    __table_args__ = table(UniqueConstraint("application_id", "kind", "due_on"), Index(None, "region", "id"))

    id: Mapped[Id]
    #: The office that is told, 12 digits.
    region: Mapped[Region]
    #: deadline_soon (60 % of the days are gone), deadline_near (one working day left), deadline_passed
    kind: Mapped[Code]
    application_id: Mapped[Ref]
    number: Mapped[str] = mapped_column(String(24))
    due_on: Mapped[date]
    at: Mapped[datetime]
