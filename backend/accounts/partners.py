"""A couple: one invites with a code, the other accepts; one partner each way."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from backend.accounts import queries
from backend.accounts.policy import INVITATION_LIFE
from backend.kernel import ids
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.kernel.i18n import N_
from backend.models.resident import PartnerInvitation, Resident

CODE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Invitation:
    """``code`` is shown to the inviter only."""

    id: int
    code: str = field(repr=False)
    expires_at: datetime


def invite(session: Session, vault: Vault, *, resident_id: int, now: datetime) -> int:
    """A fresh code for the partner, good once and for 7 days; older open ones end. The id of the invitation."""
    row = queries.resident_row(session, resident_id)
    if row.partner_id is not None:
        raise _linked()
    session.execute(
        update(PartnerInvitation)
        .where(
            PartnerInvitation.inviter_id == resident_id,
            PartnerInvitation.accepted_at.is_(None),
            PartnerInvitation.expires_at > now,
        )
        .values(expires_at=now)
    )
    invitation_id, code = ids.new_id(now), ids.typed_code(CODE_LENGTH)
    seal = vault.person(row.key, row.id)
    session.add(
        PartnerInvitation(
            id=invitation_id,
            inviter_id=resident_id,
            code=seal.seal_text(code, place("partner_invitation", "code", invitation_id)),
            code_index=_index(vault, code),
            created_at=now,
            expires_at=now + INVITATION_LIFE,
        )
    )
    return invitation_id


def invitation(session: Session, vault: Vault, *, resident_id: int, invitation_id: int) -> Invitation:
    """One's own invitation with its code."""
    row = session.get(PartnerInvitation, invitation_id)
    if row is None or row.inviter_id != resident_id or row.code is None:
        raise _unknown()
    seal = queries.seal_of(session, vault, resident_id)
    return Invitation(row.id, seal.open_text(row.code, place("partner_invitation", "code", row.id)), row.expires_at)


def standing(session: Session, vault: Vault, *, resident_id: int, now: datetime) -> Invitation | None:
    """One's own invitation that can still be accepted, if there is one."""
    row = session.scalars(
        select(PartnerInvitation)
        .where(
            PartnerInvitation.inviter_id == resident_id,
            PartnerInvitation.accepted_at.is_(None),
            PartnerInvitation.expires_at > now,
        )
        .order_by(PartnerInvitation.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return invitation(session, vault, resident_id=resident_id, invitation_id=row.id)


def name_of(session: Session, *, resident_id: int) -> str | None:
    """The masked name of the partner, "" where it is not known; ``None`` without a partner."""
    spouse = aliased(Resident)
    mine = select(spouse.name_masked).join(Resident, Resident.partner_id == spouse.id)
    return session.scalar(mine.where(Resident.id == resident_id))


def asking(session: Session, vault: Vault, *, resident_id: int, code: str, now: datetime) -> str:
    """The masked name of who invites, "" where it is not known; refused like ``accept``."""
    row = _open(session, vault, resident_id, code, now)
    return session.scalar(select(Resident.name_masked).where(Resident.id == row.inviter_id)) or ""


def accept(session: Session, vault: Vault, *, resident_id: int, code: str, now: datetime) -> int:
    """Link the two accounts; the partner's id.

    ``NotFound`` not_found for an unknown code, invitation_used, invitation_expired; ``Invalid`` own_invitation for
    one's own, ``Conflict`` already_linked when either has a partner.
    """
    row = _open(session, vault, resident_id, code, now)
    _use(session, row.id, now)
    _link(session, row.inviter_id, resident_id, now)
    return row.inviter_id


def unlink(session: Session, *, resident_id: int, now: datetime) -> None:
    """End the link on both sides; nothing happens without one."""
    session.execute(
        update(Resident)
        .where(or_(Resident.id == resident_id, Resident.partner_id == resident_id))
        .values(partner_id=None, version=Resident.version + 1, updated_at=now)
        .execution_options(synchronize_session=False)
    )


def _open(session: Session, vault: Vault, resident_id: int, code: str, now: datetime) -> PartnerInvitation:
    """The invitation of a code that this person may accept; each reason against it in words of its own.

    Nobody guesses ten letters: whoever knows a code has been sent it, and may hear what became of it.
    """
    row = session.scalars(
        select(PartnerInvitation).where(PartnerInvitation.code_index == _index(vault, code))
    ).one_or_none()
    if row is None:
        raise _unknown()
    if row.inviter_id == resident_id:
        raise Invalid("own_invitation", N_("这是您自己发出的邀请，请发给爱人，由爱人登录后接受"))
    if row.accepted_at is not None:
        raise _used()
    if row.expires_at <= now:
        raise NotFound("invitation_expired", N_("这个邀请过期了，或者爱人换了新的，请爱人再发一个"))
    return row


def _use(session: Session, invitation_id: int, now: datetime) -> None:
    statement = (
        update(PartnerInvitation)
        .where(PartnerInvitation.id == invitation_id, PartnerInvitation.accepted_at.is_(None))
        .values(accepted_at=now)
        .execution_options(synchronize_session=False)
    )
    if not session.execute(statement).rowcount:  # type: ignore[attr-defined]
        raise _used()


def _link(session: Session, one: int, other: int, now: datetime) -> None:
    """Two conditional UPDATEs in id order: of two acceptances at once, one finds a place taken."""
    pairs = sorted([(one, other), (other, one)])
    for mine, partner in pairs:
        statement = (
            update(Resident)
            .where(Resident.id == mine, Resident.partner_id.is_(None), Resident.erased_at.is_(None))
            .values(partner_id=partner, version=Resident.version + 1, updated_at=now)
            .execution_options(synchronize_session=False)
        )
        try:
            linked = session.execute(statement).rowcount  # type: ignore[attr-defined]
        except IntegrityError as error:
            raise _linked() from error
        if not linked:
            raise _linked()


def _index(vault: Vault, code: str) -> str:
    return vault.index("partner_invitation", unicodedata.normalize("NFKC", code).strip().upper())


def _unknown() -> NotFound:
    return NotFound("not_found", N_("这个邀请码不对，请对照爱人手机上的再看一遍"))


def _used() -> NotFound:
    return NotFound("invitation_used", N_("这个邀请已经接受过了，每个邀请只能用一次"))


def _linked() -> Conflict:
    return Conflict("already_linked", N_("已经关联了爱人，要换的话请先解除关联"))
