"""Family a clerk declared: keyed hashes only, so that the clerk is kept off their cases and nothing else is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.accounts.policy import id_index
from backend.kernel import ids
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Invalid, NotFound, Wrong
from backend.kernel.i18n import N_
from backend.kernel.privacy import check_id
from backend.models.staff import StaffRelative

#: More than any family; a bound, so that nobody tries numbers against the hash.
MOST = 50


@dataclass(frozen=True, slots=True)
class Relative:
    """One declaration as its clerk may see it again: no name, no number."""

    id: int
    declared_at: datetime


def declare(session: Session, *, vault: Vault, staff_id: int, id_type: str, id_number: str, now: datetime) -> int:
    """Keep the keyed hash of a relative's document; its id, the same one for the same person.

    ``Invalid`` for a bad number, ``Conflict`` ``too_many`` beyond ``MOST``.
    """
    try:
        index = id_index(vault, id_type, check_id(id_type, id_number))
    except Wrong as wrong:
        raise Invalid("wrong_document", wrong.text, errors={"id_number": [wrong.text]}) from wrong
    known = session.scalars(select(StaffRelative).where(StaffRelative.staff_id == staff_id).with_for_update()).all()
    for row in known:
        if row.person_index == index:
            return row.id
    if len(known) >= MOST:
        raise Conflict("too_many", N_("最多登记 %(n)s 位家人，请先删去不需要的", n=MOST))
    row = StaffRelative(id=ids.new_id(now), staff_id=staff_id, person_index=index, declared_at=now)
    session.add(row)
    return row.id


def remove(session: Session, *, staff_id: int, relative_id: int) -> None:
    """Take a declaration back; ``NotFound`` for anybody else's."""
    mine = (StaffRelative.id == relative_id, StaffRelative.staff_id == staff_id)
    if not session.execute(delete(StaffRelative).where(*mine)).rowcount:  # type: ignore[attr-defined]
        raise NotFound("not_found", N_("没有找到这条登记，可能已经删掉了"))


def listed(session: Session, *, staff_id: int) -> list[Relative]:
    """The declarations of one clerk, oldest first."""
    query = select(StaffRelative.id, StaffRelative.declared_at).where(StaffRelative.staff_id == staff_id)
    return [Relative(*row) for row in session.execute(query.order_by(StaffRelative.id))]
