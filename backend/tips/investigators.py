"""The keys of investigators 核查员: made under a passphrase that nobody else knows, let in by two who are in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events import moves
from backend.kernel import sealing
from backend.kernel.crypto import Unreadable
from backend.kernel.errors import Conflict, Invalid
from backend.kernel.i18n import N_
from backend.lifecycles.tip import INVESTIGATOR_KEY, KeyStatus
from backend.models.tip import Investigator
from backend.tips import entries, gate

SHORTEST, LONGEST = 12, 128


@dataclass(frozen=True, slots=True)
class Staff:
    """Who of the office asks, as the main app says: a number, a post and a place."""

    id: int
    name: str
    post: str
    region: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A fresh pair, its private half wrapped."""

    public: bytes
    wrapped: bytes = field(repr=False)
    salt: bytes


def check_passphrase(passphrase: str) -> None:
    """``Invalid`` before any hashing."""
    if not SHORTEST <= len(passphrase) <= LONGEST:
        text = N_("口令要 %(least)d 到 %(most)d 个字，几个词连起来好记也难猜", least=SHORTEST, most=LONGEST)
        raise Invalid("invalid_input", text, errors={"passphrase": [text]})


def new_key(passphrase: str) -> NewKey:
    """One Argon2; outside any transaction."""
    check_passphrase(passphrase)
    pair, salt = sealing.new_pair(), sealing.new_salt()
    wrapped = sealing.seal(gate.from_words(passphrase, salt), pair.private, _place(pair.public))
    return NewKey(pair.public, wrapped, salt)


def enrol(session: Session, *, staff: Staff, key: NewKey, duty: str, day: date) -> str:
    """A key that waits to be let in; its id. ``Conflict`` when this member of staff has one."""
    if of_staff(session, staff_id=staff.id) is not None:
        raise Conflict("key_exists", N_("您已经有一把钥匙了"))
    row = Investigator(
        id=entries.new_id(),
        staff_id=staff.id,
        status=KeyStatus.WAITING.value,
        county=staff.region[:6],
        region=staff.region,
        name=staff.name,
        post=staff.post,
        duty=duty,
        public=key.public,
        wrapped=key.wrapped,
        salt=key.salt,
        moved_on=day,
    )
    session.add(row)
    return row.id


def appoint(session: Session, *, investigator_id: str, day: date) -> None:
    """Let the first key in, by the operator's command; later ones need two investigators."""
    row = session.get_one(Investigator, investigator_id)
    moves.mark(row, "appoint", lifecycle=INVESTIGATOR_KEY, role="operator", day=day)


def of_staff(session: Session, *, staff_id: int) -> Investigator | None:
    return session.scalar(select(Investigator).where(Investigator.staff_id == staff_id))


def unwrap(row: Investigator, passphrase: str) -> bytes | None:
    """The private key, or ``None`` for a wrong passphrase. One Argon2; outside any transaction."""
    if len(passphrase) > LONGEST:
        return None
    try:
        return sealing.unseal(gate.from_words(passphrase, row.salt), row.wrapped, _place(row.public))
    except Unreadable:
        return None


def _place(public: bytes) -> str:
    return f"investigator|{public.hex()}"
