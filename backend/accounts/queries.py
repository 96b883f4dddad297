"""What edges and other domains may know about accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from backend.accounts import codes
from backend.kernel.crypto import Seal, Unreadable, Vault, place
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.kernel.privacy import mask_id, mask_mobile
from backend.models.resident import Resident
from backend.models.session import AuthSession
from backend.models.staff import Staff


@dataclass(frozen=True, slots=True)
class StaffCard:
    """A post with its office; ``name`` is the post's own, people outside see ``post`` only."""

    id: int
    username: str
    name: str
    post: str
    role: str
    level: str
    region: str
    person_index: str | None = field(repr=False, default=None)
    #: Whether a second factor is bound, and whether the password must be changed first.
    has_factor: bool = False
    password_stale: bool = False


@dataclass(frozen=True, slots=True)
class SessionCard:
    """A live session and its account: what a guard and a layout need, read in one statement."""

    session_id: int
    kind: str
    account_id: int
    name_masked: str = ""
    language: str = "zh"
    care_mode: bool = False
    staff: StaffCard | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A resident with the opened values, for the domains that act for them. Never log it."""

    id: int
    mobile: str = field(repr=False)
    name: str | None = field(repr=False)
    id_type: str | None
    id_number: str | None = field(repr=False)
    name_masked: str
    seal: Seal = field(repr=False)
    language: str = "zh"
    partner_id: int | None = None


@dataclass(frozen=True, slots=True)
class ResidentCard:
    """A resident as shown to themselves: masked."""

    id: int
    version: int
    mobile_masked: str
    name_masked: str
    id_type: str | None
    id_number_masked: str | None
    identity_at: datetime | None
    language: str
    care_mode: bool
    has_partner: bool
    created_at: datetime


def live_session(session: Session, *, sid: int, kind: str) -> SessionCard | None:
    """The session with its account in one statement; ``None`` once either is gone, revoked or disabled."""
    return _live_resident(session, sid) if kind == "resident" else _live_staff(session, sid)


def person(session: Session, vault: Vault, resident_id: int) -> Person:
    """The opened values of a resident; ``NotFound`` for an erased account."""
    row = resident_row(session, resident_id)
    seal = vault.person(row.key, row.id)
    return Person(
        id=row.id,
        mobile=opened(seal, row, "mobile") or "",
        name=opened(seal, row, "name"),
        id_type=row.id_type,
        id_number=opened(seal, row, "id_number"),
        name_masked=row.name_masked,
        seal=seal,
        language=row.language,
        partner_id=row.partner_id,
    )


def seal_of(session: Session, vault: Vault, resident_id: int) -> Seal:
    """The seal of one person; ``Unreadable`` for an erased account."""
    key = session.scalars(select(Resident.key).where(Resident.id == resident_id)).one_or_none()
    return vault.person(key or "", resident_id)


def seal_or_none(session: Session, vault: Vault, resident_id: int) -> Seal | None:
    """The same; ``None`` once the person has been erased."""
    try:
        return seal_of(session, vault, resident_id)
    except Unreadable:
        return None


def resident(session: Session, vault: Vault, resident_id: int) -> ResidentCard:
    """A resident, masked; ``NotFound`` for an erased account."""
    return card(vault, resident_row(session, resident_id))


def card(vault: Vault, row: Resident) -> ResidentCard:
    """The masked view of a row that is at hand."""
    seal = vault.person(row.key, row.id)
    number = opened(seal, row, "id_number")
    return ResidentCard(
        id=row.id,
        version=row.version,
        mobile_masked=mask_mobile(opened(seal, row, "mobile") or ""),
        name_masked=row.name_masked,
        id_type=row.id_type,
        id_number_masked=mask_id(number) if number else None,
        identity_at=row.identity_at,
        language=row.language,
        care_mode=row.care_mode,
        has_partner=row.partner_id is not None,
        created_at=row.created_at,
    )


def staff(session: Session, staff_id: int) -> StaffCard | None:
    """One member of staff, active or not."""
    row = session.get(Staff, staff_id)
    return staff_card(row) if row else None


def posts(session: Session, staff_ids: Collection[int]) -> dict[int, str]:
    """The posts of members of staff by id, as people may see them."""
    rows = session.execute(select(Staff.id, Staff.post).where(Staff.id.in_(staff_ids)))
    return dict(rows.all())


def at_work(session: Session, *, role: str, staff_ids: Collection[int]) -> dict[int, str]:
    """Which of these members of staff have this role and an active account: id → the region of their office."""
    found = select(Staff.id, Staff.region).where(Staff.id.in_(staff_ids), Staff.role == role, Staff.active.is_(True))
    return dict(session.execute(found).all())


def sms_code(session: Session, vault: Vault, sms_code_id: int, now: datetime) -> tuple[str, str] | None:
    """Number and code to send; ``None`` once the code is used, replaced or expired."""
    return codes.open_code(session, vault, sms_code_id, now)


def resident_row(session: Session, resident_id: int) -> Resident:
    """The row of an account that is not erased; ``NotFound`` otherwise."""
    row = session.get(Resident, resident_id)
    if row is None or not row.key:
        raise NotFound("not_found", N_("没有找到这个账号"))
    return row


def opened(seal: Seal, row: Resident, column: str) -> str | None:
    """One sealed column of a resident."""
    sealed = getattr(row, column)
    return seal.open_text(sealed, place("resident", column, row.id)) if sealed else None


def staff_card(row: Staff) -> StaffCard:
    return StaffCard(
        row.id,
        row.username,
        row.name,
        row.post,
        row.role,
        row.level,
        row.region,
        row.person_index,
        row.otp_secret is not None,
        bool(row.password_stale),
    )


#: Asked with every request: built once, and run below the ORM.
_LIVE_RESIDENT = (
    select(AuthSession.account_id, Resident.name_masked, Resident.language, Resident.care_mode)
    .join(Resident, Resident.id == AuthSession.account_id)
    .where(
        AuthSession.id == bindparam("sid"),
        AuthSession.kind == "resident",
        AuthSession.revoked_at.is_(None),
        Resident.erased_at.is_(None),
    )
)
_LIVE_STAFF = (
    select(
        Staff.id,
        Staff.username,
        Staff.name,
        Staff.post,
        Staff.role,
        Staff.level,
        Staff.region,
        Staff.person_index,
        Staff.otp_secret.is_not(None),
        func.coalesce(Staff.password_stale, False),
    )
    .join(AuthSession, AuthSession.account_id == Staff.id)
    .where(
        AuthSession.id == bindparam("sid"),
        AuthSession.kind == "staff",
        AuthSession.revoked_at.is_(None),
        Staff.active.is_(True),
    )
)


def _live_resident(session: Session, sid: int) -> SessionCard | None:
    row = session.connection().execute(_LIVE_RESIDENT, {"sid": sid}).one_or_none()
    return SessionCard(sid, "resident", *row) if row else None


def _live_staff(session: Session, sid: int) -> SessionCard | None:
    row: Any = session.connection().execute(_LIVE_STAFF, {"sid": sid}).one_or_none()
    return SessionCard(sid, "staff", row[0], staff=StaffCard(*row)) if row else None
