"""One-time codes by SMS: sent, tried, used once. Answers never tell whether a number is known.

A code is good for what it was asked for and nothing else (its row stands under an index of that purpose): one that was
talked out of somebody "to sign in" opens no result, and asking for one kind never ends a code of the other. What is
counted, sent codes and wrong tries, is counted per number for all purposes together.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.accounts import attempts, policy
from backend.accounts.attempts import Bucket
from backend.events import outbox
from backend.kernel import ids
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Problem, TooMany, Unauthenticated
from backend.kernel.i18n import N_
from backend.models.outbox import Outbox
from backend.models.session import SmsCode

#: To sign in, and to prove once more who sits at a phone that is signed in; also the topics that send them.
SIGN_IN, SECOND_STEP = "sms_code", "second_step_code"
TOPICS = (SIGN_IN, SECOND_STEP)
TOPIC = SIGN_IN


def request(
    session: Session,
    vault: Vault,
    *,
    mobile: str,
    address: str,
    limits: policy.CodeLimits,
    now: datetime,
    purpose: str = SIGN_IN,
) -> int:
    """Leave a code for a checked number to be sent; ``TooMany`` above a limit. The id of the code.

    The same statements for known and unknown numbers: accounts are not looked at.
    """
    _spend(session, vault, mobile, address, limits, now)
    under, code_id, code = index(vault, mobile, purpose), ids.new_id(now), f"{secrets.randbelow(10**6):06d}"
    session.execute(
        update(SmsCode).where(SmsCode.mobile_index == under, SmsCode.closed_at.is_(None)).values(closed_at=now)
    )
    session.add(
        SmsCode(
            id=code_id,
            mobile_index=under,
            content=vault.seal(json.dumps([mobile, code]).encode(), place("sms_code", "content", code_id)),
            code_hash=_hash(vault, code_id, code),
            created_at=now,
            expires_at=now + policy.CODE_LIFE,
        )
    )
    outbox.add(session, topic=purpose, subject_id=code_id, dedupe_key=f"{purpose}:{code_id}", now=now)
    return code_id


def use(
    session: Session, vault: Vault, *, mobile: str, code: str, now: datetime, purpose: str = SIGN_IN
) -> Problem | None:
    """Try a code: ``None`` when it was right (and is now used), else the refusal.

    The refusal is returned and not raised, because the counted try must be committed with it. The try
    is counted before the code is looked at: parallel tries cannot exceed the limit.
    """
    wrong = _wrong_codes(vault, mobile)
    if not attempts.take(session, wrong, now=now):
        return _too_many(attempts.seconds_left(session, wrong, now=now))
    row = session.scalars(
        select(SmsCode)
        .where(SmsCode.mobile_index == index(vault, mobile, purpose), SmsCode.closed_at.is_(None))
        .order_by(SmsCode.created_at.desc(), SmsCode.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None or not _counted(session, row.id, now):
        return _refusal()
    if not hmac.compare_digest(row.code_hash, _hash(vault, row.id, code)) or not _closed(session, row.id, now):
        return _refusal()
    attempts.clear(session, wrong)
    return None


def open_code(session: Session, vault: Vault, sms_code_id: int, now: datetime) -> tuple[str, str] | None:
    """Number and code for the worker that sends it; ``None`` once it is used, replaced or expired."""
    row = session.get(SmsCode, sms_code_id)
    if row is None or row.closed_at is not None or row.expires_at <= now:
        return None
    mobile, code = json.loads(vault.open(row.content, place("sms_code", "content", row.id)))
    return mobile, code


def undelivered(session: Session) -> bool:
    """Whether a code still waits to be sent."""
    waiting = select(Outbox.id).where(Outbox.topic.in_(TOPICS), Outbox.status.in_(("due", "leased", "sending")))
    return session.scalar(waiting.limit(1)) is not None


def forget(session: Session, mobile_index: str) -> None:
    """Delete every code of a number, whatever it was for (its account is erased)."""
    known = [_index_of(mobile_index, purpose) for purpose in TOPICS]
    session.execute(delete(SmsCode).where(SmsCode.mobile_index.in_(known)))


def index(vault: Vault, mobile: str, purpose: str) -> str:
    """What the codes of a number stand under, for one purpose."""
    return _index_of(policy.mobile_index(vault, mobile), purpose)


def _index_of(mobile_index: str, purpose: str) -> str:
    """Codes of another purpose stand under a number of their own, which follows from the keyed hash."""
    if purpose == SIGN_IN:
        return mobile_index
    return hashlib.sha256(f"{purpose}|{mobile_index}".encode()).hexdigest()


def _spend(session: Session, vault: Vault, mobile: str, address: str, limits: policy.CodeLimits, now: datetime) -> None:
    window = timedelta(minutes=10)
    by_address = attempts.bucket(vault, "code-address", address, limit=limits.per_address_10_min, window=window)
    hour = timedelta(hours=1)
    by_mobile = attempts.bucket(vault, "code-mobile", mobile, limit=limits.per_mobile_hour, window=hour)
    for wanted in (by_address, by_mobile):
        if not attempts.take(session, wanted, now=now):
            raise TooMany(
                "too_many_codes",
                N_("验证码要得太多了，请过一会儿再试，已发的验证码 5 分钟内有效"),
                retry_after=attempts.seconds_left(session, wanted, now=now),
            )


def _counted(session: Session, code_id: int, now: datetime) -> bool:
    """One of the five tries of this code, while it is good."""
    statement = (
        update(SmsCode)
        .where(
            SmsCode.id == code_id,
            SmsCode.tries < policy.CODE_TRIES,
            SmsCode.closed_at.is_(None),
            SmsCode.expires_at > now,
        )
        .values(tries=SmsCode.tries + 1)
        .execution_options(synchronize_session=False)
    )
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _closed(session: Session, code_id: int, now: datetime) -> bool:
    statement = update(SmsCode).where(SmsCode.id == code_id, SmsCode.closed_at.is_(None)).values(closed_at=now)
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _wrong_codes(vault: Vault, mobile: str) -> Bucket:
    return attempts.bucket(vault, "wrong-code", mobile, limit=policy.CODE_TRIES, window=policy.WRONG_CODES_WINDOW)


def _hash(vault: Vault, code_id: int, code: str) -> str:
    return vault.index("sms_code", f"{code_id}:{code}")


def _refusal() -> Unauthenticated:
    text = N_("验证码不对或已过期，请看最新一条短信，或重新获取")
    return Unauthenticated("wrong_code", text, errors={"code": [text]})


def _too_many(seconds: int) -> TooMany:
    return TooMany("too_many_tries", N_("验证码错了太多次，请 5 分钟后再试"), retry_after=seconds)
