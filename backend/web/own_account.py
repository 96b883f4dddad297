"""What staff do with their own account, for the API and the pages: each asks for the password it should ask for."""

from __future__ import annotations

from flask import request

from backend.accounts import door, factors, ownership, passwords, sessions
from backend.accounts.factors import Enrolment
from backend.kernel.clock import system_clock
from backend.kernel.errors import Invalid, Wrong
from backend.kernel.i18n import N_
from backend.web import admins
from backend.web.admins import card
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once


def check_password(password: str | None) -> None:
    """The present password, counted and slowed down like signing in; ``Invalid`` wrong_password."""
    at = runtime()
    door.check_password(
        at.db,
        at.vault,
        username=card().username,
        password=password or "",
        address=request.remote_addr or "",
        now=at.clock(),
    )


def change_password(*, password: str, new_password: str) -> None:
    """Hashed before the transaction; every other session of the account ends."""
    at, mine = runtime(), card()
    check_new(mine.username, password, new_password)
    check_password(password)
    at.db.transact(
        ownership.change_password,
        staff_id=mine.id,
        hashed=passwords.make_hash(new_password),
        but=caller().session_id,
        now=at.clock(),
        at=system_clock(),
    )


def check_new(username: str, password: str, new_password: str) -> None:
    """``Invalid`` for a new password that is no better than the old one."""
    text = None
    try:
        passwords.check_new(new_password)
    except Wrong as wrong:
        text = wrong.text
    if new_password == password:
        text = N_("新密码不能和现在的一样")
    elif username in new_password.lower():
        text = N_("新密码里不要有账号名")
    if text is not None:
        raise Invalid("weak_password", text, errors={"new_password": [text]})


def begin_factor(pending: str = "") -> Enrolment:
    """A secret for a phone; the one of ``pending`` again, when a form came back."""
    at, mine = runtime(), card()
    issuer = at.settings.issuer
    if pending:
        return factors.again(at.vault, staff_id=mine.id, username=mine.username, issuer=issuer, pending=pending)
    return factors.begin(at.vault, staff_id=mine.id, username=mine.username, issuer=issuer)


def confirm_factor(*, pending: str, code: str, password: str | None) -> list[str]:
    """Bind the phone; the recovery codes, shown with this answer only."""
    at, mine, codes = runtime(), card(), admins.recovery_codes()
    if mine.has_factor:
        check_password(password)
    once(
        ownership.confirm_factor,
        vault=at.vault,
        staff_id=mine.id,
        pending=pending,
        code=code,
        codes=codes,
        now=at.clock(),
        at=system_clock(),
    )
    return codes


def renew_codes(password: str) -> list[str]:
    """Ten new recovery codes; the old ones are void."""
    at, codes = runtime(), admins.recovery_codes()
    check_password(password)
    once(ownership.renew_codes, vault=at.vault, staff_id=card().id, codes=codes, now=at.clock())
    return codes


def live_sessions() -> list[sessions.Live]:
    """Where I am signed in."""
    with runtime().db.reading() as session:
        return sessions.live(session, kind="staff", account_id=card().id, at=system_clock())


def end_session(sid: int) -> None:
    """End one of my sessions."""
    runtime().db.transact(sessions.revoke_own, kind="staff", account_id=card().id, sid=sid, at=system_clock())


def end_others() -> None:
    """End every session of mine but this one."""
    runtime().db.transact(
        sessions.revoke_all, kind="staff", account_id=card().id, at=system_clock(), but=caller().session_id
    )
