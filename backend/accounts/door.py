"""The ways in that need more than one transaction: a refused try must stay counted, hashing must hold no lock.

Edges call these and nothing else to sign in; each raises the refusal after what it counted was committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from backend.accounts import attempts, passwords, policy, second_step, service, sessions, staff, wechat
from backend.accounts.service import SignedIn
from backend.accounts.sessions import Pair
from backend.accounts.staff import StaffSignedIn
from backend.gateways.wechat import WeChat
from backend.kernel.clock import system_clock
from backend.kernel.crypto import Vault
from backend.kernel.errors import Invalid, Problem, TooMany
from backend.kernel.i18n import N_

R = TypeVar("R")


class Transactions(Protocol):
    """``backend.db.Database`` as this module sees it."""

    def transact(self, command: Callable[..., R], /, *args: Any, **kwargs: Any) -> R: ...

    def reading(self) -> AbstractContextManager[Session]: ...


def sign_in(
    db: Transactions,
    vault: Vault,
    *,
    key: bytes,
    mobile: str,
    code: str,
    now: datetime,
    wechat_word: str | None = None,
) -> SignedIn:
    """A resident with a code from an SMS; ``Unauthenticated`` wrong_code, ``TooMany`` after five tries.

    ``wechat_word``: of the identity that is bound at once (``wechat.waiting``).
    """
    typed = {"mobile": mobile, "code": code, "wechat_word": wechat_word}
    return _granted(db.transact(service.sign_in, vault, key=key, now=now, at=system_clock(), **typed))


def identify_wechat(db: Transactions, vault: Vault, gateway: WeChat, *, code: str, address: str, now: datetime) -> str:
    """Whose code of WeChat's this is: the openid; refusals of ``wechat.identify``, ``TooMany`` from one address.

    Counted before the call: each costs WeChat's answer, whoever asks.
    """
    asked = attempts.bucket(vault, "wechat-code", address, limit=policy.WECHAT_CODES, window=policy.WECHAT_WINDOW)
    if not db.transact(attempts.take, asked, now=now):
        raise TooMany("too_many_tries", N_("试得太多了，请过几分钟再来"), retry_after=60)
    return wechat.identify(gateway, code)


def sign_in_by_wechat(db: Transactions, vault: Vault, *, key: bytes, openid: str) -> SignedIn | None:
    """The account of this WeChat; ``None`` where no account is bound to it."""
    return db.transact(service.sign_in_by_wechat, vault, key=key, openid=openid, at=system_clock())


def take_second_step(
    db: Transactions, vault: Vault, *, resident_id: int, session_id: int, code: str, now: datetime
) -> None:
    """A code once more on a session that is signed in; ``Invalid`` wrong_code, ``TooMany`` after too many."""
    own = {"resident_id": resident_id, "session_id": session_id}
    _granted(db.transact(second_step.take, vault, **own, code=code, now=now, at=system_clock()))


def refresh(db: Transactions, *, key: bytes, token: str, kind: str, grace: bool = False) -> Pair:
    """The next pair of tokens; ``Unauthenticated`` session_ended or refresh_reused (the family is revoked)."""
    return _granted(db.transact(sessions.refresh, key=key, token=token, kind=kind, grace=grace, at=system_clock()))


def sign_in_staff(
    db: Transactions,
    vault: Vault,
    *,
    key: bytes,
    address: str,
    username: str,
    password: str,
    otp: str | None,
    require_otp: bool,
    now: datetime,
    pause: Callable[[float], None] = time.sleep,
) -> StaffSignedIn:
    """A member of staff. Same words, same work and same delay for unknown names.

    ``Locked`` from the sixth try per (account, address) for 15 minutes; ``Invalid`` for a password that is
    too long to hash; ``Unauthenticated`` wrong_password or otp_required; ``Forbidden`` without a second
    factor where ``require_otp``.
    """
    passwords.check_length(password)
    username = staff.normalise(username)
    tried = db.transact(staff.count_try, vault, username=username, address=address, now=now)
    with db.reading() as session:
        known = staff.credentials(session, username)
    if not passwords.matches(known.password_hash if known else None, password) or known is None:
        pause(policy.delay(tried))
        raise staff.wrong_password()
    return db.transact(
        staff.finish_sign_in,
        vault,
        staff_id=known.id,
        key=key,
        address=address,
        otp=otp,
        require_otp=require_otp,
        at=system_clock(),
    )


def check_password(
    db: Transactions,
    vault: Vault,
    *,
    username: str,
    password: str,
    address: str,
    now: datetime,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Whether it is really the person at this session who asks; counted and slowed down like signing in.

    ``Invalid`` wrong_password (not 401: the session stays), ``Locked`` from the sixth try.
    """
    passwords.check_length(password)
    tried = db.transact(staff.count_try, vault, username=username, address=address, now=now)
    with db.reading() as session:
        known = staff.credentials(session, username)
    if not passwords.matches(known.password_hash if known else None, password):
        pause(policy.delay(tried))
        text = N_("现在的密码不对，请再看一遍")
        raise Invalid("wrong_password", text, errors={"password": [text]})
    db.transact(staff.forget_tries, vault, username=username, address=address)


def _granted(outcome: R | Problem) -> R:
    if isinstance(outcome, Problem):
        raise outcome
    return outcome
