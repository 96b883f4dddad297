"""The second step of a session: a fresh code to the account's own number, before things for one pair of eyes are shown.

A phone that lies about signed in is enough to follow a case, not to read a result. Only codes asked for here count
(``codes.SECOND_STEP``): a sign-in code does not open anything, and a code of the second step signs nobody in. ``at`` is
the machine's time like every moment of a session; codes live by the product's clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.accounts import attempts, codes, policy, queries
from backend.accounts.attempts import Bucket
from backend.kernel.crypto import Vault
from backend.kernel.errors import Forbidden, Invalid, Problem, TooMany, Unauthenticated
from backend.kernel.i18n import N_
from backend.kernel.privacy import mask_mobile
from backend.models.session import AuthSession

#: So long after the code one may read on.
GOOD_FOR = timedelta(minutes=15)
#: Tries of an account in a day, right ones not counted: whoever holds the phone but not its SIM does not guess on.
TRIES, WINDOW = 15, timedelta(days=1)


def request(
    session: Session, vault: Vault, *, resident_id: int, address: str, limits: policy.CodeLimits, now: datetime
) -> int:
    """Leave a code for the account's own number to be sent; counted together with the codes to sign in."""
    mobile = queries.person(session, vault, resident_id).mobile
    return codes.request(
        session, vault, mobile=mobile, address=address, limits=limits, now=now, purpose=codes.SECOND_STEP
    )


def take(
    session: Session, vault: Vault, *, resident_id: int, session_id: int, code: str, now: datetime, at: datetime
) -> Problem | None:
    """Try a code for one session: ``None`` when it was right, else the refusal, returned so that its count is kept.

    Edges call ``door.take_second_step``, which raises it after the commit. A wrong code is ``Invalid`` and not 401: the
    session stays.
    """
    tried = _tried(vault, resident_id)
    if not attempts.take(session, tried, now=now):
        text = N_("今天验证码错得太多了，请明天再试，或者打电话给服务站")
        return TooMany("too_many_tries", text, retry_after=attempts.seconds_left(session, tried, now=now))
    mobile = queries.person(session, vault, resident_id).mobile
    refusal = codes.use(session, vault, mobile=mobile, code=code, now=now, purpose=codes.SECOND_STEP)
    if isinstance(refusal, Unauthenticated):
        return Invalid(refusal.code, refusal.title, errors=refusal.errors)
    if refusal is None:
        attempts.clear(session, tried)
        own = (AuthSession.id == session_id, AuthSession.kind == "resident", AuthSession.account_id == resident_id)
        session.execute(update(AuthSession).where(*own).values(second_step_at=at))
    return refusal


def fresh(session: Session, *, session_id: int, at: datetime) -> bool:
    """Whether this very session took the step within the last quarter of an hour."""
    taken = session.scalar(select(AuthSession.second_step_at).where(AuthSession.id == session_id))
    return taken is not None and at - taken < GOOD_FOR


def check(session: Session, *, session_id: int, at: datetime) -> None:
    """``Forbidden second_step_required`` unless the step is fresh."""
    if not fresh(session, session_id=session_id, at=at):
        raise Forbidden("second_step_required", N_("请先用短信验证码再确认一次是您本人，再看这些内容"))


def number(session: Session, vault: Vault, *, resident_id: int) -> str:
    """The masked number that the code goes to."""
    return mask_mobile(queries.person(session, vault, resident_id).mobile)


def _tried(vault: Vault, resident_id: int) -> Bucket:
    return attempts.bucket(vault, "second-step", str(resident_id), limit=TRIES, window=WINDOW)
