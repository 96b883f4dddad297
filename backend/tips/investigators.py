"""The keys of investigators 核查员: made under a passphrase that nobody else knows, let in by two who are in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.events import moves
from backend.kernel import sealing
from backend.kernel.crypto import Unreadable
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.kernel.i18n import N_
from backend.kernel.sealing import Pair
from backend.lifecycles.tip import INVESTIGATOR_KEY, KeyStatus
from backend.models.tip import Investigator, TipKey, TipState, Unlocked
from backend.tips import entries, gate, recipients

SHORTEST, LONGEST = 12, 128
DUTIES = (recipients.INVESTIGATE, recipients.PAY)


@dataclass(frozen=True, slots=True)
class Staff:
    """Who of the office asks, as the main app says: a number, a post and a place."""

    id: int
    name: str
    post: str
    region: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A pair, its private half wrapped."""

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
    return _wrapped(sealing.new_pair(), passphrase)


def rewrapped(row: Investigator, *, old: str, new: str) -> NewKey | None:
    """The same pair under another passphrase; ``None`` when the old one is wrong. Two Argon2, no transaction."""
    check_passphrase(new)
    private = unwrap(row, old)
    return _wrapped(sealing.pair_of(private), new) if private else None


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


def rewrap(session: Session, *, investigator_id: str, key: NewKey) -> None:
    """Keep the other wrapping and lock the key wherever it is open. ``Conflict`` when the pair was renewed since."""
    row = locked(session, investigator_id)
    if row.public != key.public:
        raise Conflict("key_changed", N_("您的钥匙刚刚换过，请刷新后再试"))
    row.wrapped, row.salt = key.wrapped, key.salt
    session.execute(delete(Unlocked).where(Unlocked.investigator_id == row.id))


def renew(session: Session, *, staff: Staff, key: NewKey, day: date) -> str:
    """Another pair in place of a lost one; it opens nothing and waits to be let in as the first did."""
    row = of_staff(session, staff_id=staff.id)
    if row is None:
        raise not_found()
    row = locked(session, row.id)
    moves.mark(row, "renew", lifecycle=INVESTIGATOR_KEY, role="investigator", day=day)
    _close(session, row.id)
    row.public, row.wrapped, row.salt = key.public, key.wrapped, key.salt
    row.name, row.post, row.region, row.county = staff.name, staff.post, staff.region, staff.region[:6]
    row.backed_by = row.admitted_by = None
    return row.id


def end(session: Session, *, investigator_id: str, county: str | None, day: date) -> None:
    """Take a key out: no tip is sealed to it any more. ``county``: the asking investigator's, ``None``: the operator.

    ``Conflict`` when it is the last one that opens tips: then nobody here could.
    """
    row = locked(session, investigator_id)
    if county is not None and row.county != county:
        raise not_found()
    if county is not None and recipients.opens(row) and _count_active(session, county) == 1:
        raise Conflict("last_key", N_("这是最后一把能看举报的钥匙，停用以后就没有人能看了。请先让另一位核查员启用"))
    role = "operator" if county is None else "investigator"
    moves.mark(row, "end", lifecycle=INVESTIGATOR_KEY, role=role, day=day)
    _close(session, row.id)


def locked(session: Session, investigator_id: str) -> Investigator:
    """The row; filings and other moves of this key wait until this one is committed."""
    row = session.get(Investigator, investigator_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise not_found()
    return row


def not_found() -> NotFound:
    return NotFound("key_not_found", N_("没有找到这把钥匙，请回到名单再看一遍"))


def fingerprint(public: bytes) -> str:
    """Sixteen digits to compare by telephone: ``1234 5678 9012 3456``."""
    digits = str(int.from_bytes(hashlib.sha256(public).digest()[:8]) % 10**16).zfill(16)
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def appoint(session: Session, *, investigator_id: str, day: date) -> None:
    """Let a county's first key in, by the operator's command (``admitting.appoint`` asks whether it is)."""
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


def _wrapped(pair: Pair, passphrase: str) -> NewKey:
    salt = sealing.new_salt()
    wrapped = sealing.seal(gate.from_words(passphrase, salt), pair.private, _place(pair.public))
    return NewKey(pair.public, wrapped, salt)


def _close(session: Session, investigator_id: str) -> None:
    """Nothing is sealed to this key any more, and it is open nowhere."""
    session.execute(delete(TipKey).where(TipKey.holder == investigator_id))
    session.execute(delete(Unlocked).where(Unlocked.investigator_id == investigator_id))
    session.execute(delete(TipState).where(TipState.name == investigator_id))


def _count_active(session: Session, county: str) -> int:
    return len(recipients.active(session, county=county))


def _place(public: bytes) -> str:
    return f"investigator|{public.hex()}"
