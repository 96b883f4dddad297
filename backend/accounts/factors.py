"""The second factor of staff: enrolment by the person, recovery codes for a lost phone, and looking at both.

Nothing of an enrolment is kept until a code proves that the phone has the secret: until then the sealed secret
travels in the form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.accounts import passwords
from backend.kernel import ids
from backend.kernel.crypto import Unreadable, Vault, place
from backend.kernel.errors import Invalid, NotFound
from backend.kernel.i18n import N_
from backend.models.staff import RecoveryCode, Staff

CODES = 10
LENGTH = 10
_TOTP = re.compile(r"[0-9]{6}", re.ASCII)
_RECOVERY = re.compile(f"[{ids.TYPED}]{{{LENGTH}}}")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the page shows while a phone is being bound: secret as text, address for the QR, and the sealed form."""

    secret: str = field(repr=False)
    url: str = field(repr=False)
    pending: str = field(repr=False)


def normalise(typed: str) -> str | None:
    """Six digits of the app, or ten letters of a recovery code, in any width and with spaces; else ``None``."""
    text = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).upper()
    return text if _TOTP.fullmatch(text) or _RECOVERY.fullmatch(text) else None


def begin(vault: Vault, *, staff_id: int, username: str, issuer: str) -> Enrolment:
    """A new secret that counts for nothing until ``confirm``."""
    return _enrolment(vault, staff_id, username, issuer, passwords.new_secret())


def again(vault: Vault, *, staff_id: int, username: str, issuer: str, pending: str) -> Enrolment:
    """The enrolment of a form that came back with a wrong code; ``Invalid`` when it is not one of ours."""
    return _enrolment(vault, staff_id, username, issuer, _opened(vault, staff_id, pending))


def confirm(
    session: Session,
    vault: Vault,
    *,
    staff_id: int,
    pending: str,
    code: str,
    codes: Sequence[str],
    now: datetime,
    at: datetime,
) -> None:
    """Bind the phone that shows ``code``, in place of any other, and replace the recovery codes.

    ``Invalid`` wrong_code. The code is used up with it.
    """
    secret = _opened(vault, staff_id, pending)
    step = passwords.matching_step(secret, code, at)
    row = _row(session, staff_id)
    if step is None:
        text = N_("这 6 位数字不对，请看手机应用里现在显示的")
        raise Invalid("wrong_code", text, errors={"code": [text]})
    row.otp_secret = vault.seal(secret.encode(), place("staff", "otp_secret", row.id))
    row.otp_step, row.updated_at = step, now
    replace_codes(session, vault, staff_id=staff_id, codes=codes, now=now)


def replace_codes(session: Session, vault: Vault, *, staff_id: int, codes: Sequence[str], now: datetime) -> None:
    """The old set is void at once."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    for code in codes:
        session.add(RecoveryCode(id=ids.new_id(now), staff_id=staff_id, code_index=_index(vault, staff_id, code)))


def reset(session: Session, *, staff_id: int, now: datetime) -> None:
    """No second factor any more: the person binds one anew at the next sign-in."""
    row = _row(session, staff_id)
    row.otp_secret, row.otp_step, row.updated_at = None, 0, now
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))


def take(session: Session, vault: Vault, *, staff_id: int, secret: str, typed: str, at: datetime) -> str | None:
    """Use up what was typed: ``otp`` or ``recovery``; ``None`` when it is wrong or was used before."""
    code = normalise(typed)
    if code is None:
        return None
    if _TOTP.fullmatch(code):
        step = passwords.matching_step(secret, code, at)
        return "otp" if step is not None and _take_step(session, staff_id, step) else None
    return "recovery" if _take_code(session, _index(vault, staff_id, code), staff_id, at) else None


def codes_left(session: Session, *, staff_id: int) -> int:
    """How many recovery codes are still good (at most ten)."""
    unused = (RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return len(session.scalars(select(RecoveryCode.id).where(*unused).limit(CODES)).all())


def make_codes(vault: Vault, seed: str) -> list[str]:
    """Ten codes that follow from a keyed hash of ``seed``: a repeated request shows the same ones again."""
    return [spelled(vault, "recovery-codes", f"{seed}|{place_}", LENGTH) for place_ in range(CODES)]


def spelled(vault: Vault, purpose: str, seed: str, length: int) -> str:
    """Letters that can be read out, from a keyed hash (256 bits are enough for 52 of them)."""
    number, letters = int(vault.index(purpose, seed), 16), ""
    for _ in range(length):
        number, rest = divmod(number, len(ids.TYPED))
        letters += ids.TYPED[rest]
    return letters


def _enrolment(vault: Vault, staff_id: int, username: str, issuer: str, secret: str) -> Enrolment:
    pending = vault.seal(secret.encode(), place("staff", "otp_pending", staff_id))
    return Enrolment(secret, passwords.enrolment_url(secret, username, issuer), pending)


def _opened(vault: Vault, staff_id: int, pending: str) -> str:
    try:
        return vault.open(pending, place("staff", "otp_pending", staff_id)).decode()
    except (Unreadable, ValueError, IndexError) as error:
        raise Invalid("enrolment_lost", N_("这次绑定没有做完，请从头再来一次")) from error


def _take_step(session: Session, staff_id: int, step: int) -> bool:
    """A code is good once: its step is taken by one conditional UPDATE, also between two servers."""
    statement = update(Staff).where(Staff.id == staff_id, Staff.otp_step < step).values(otp_step=step)
    done = session.execute(statement, execution_options={"synchronize_session": False})
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _take_code(session: Session, index: str, staff_id: int, at: datetime) -> bool:
    good = (RecoveryCode.code_index == index, RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    statement = update(RecoveryCode).where(*good).values(used_at=at)
    done = session.execute(statement, execution_options={"synchronize_session": False})
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _index(vault: Vault, staff_id: int, code: str) -> str:
    return vault.index("recovery-code", f"{staff_id}|{code}")


def _row(session: Session, staff_id: int) -> Staff:
    row = session.get(Staff, staff_id)
    if row is None:
        raise NotFound("not_found", N_("没有这个账号"))
    return row
