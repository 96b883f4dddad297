"""Staff accounts: signing in with a password and a second factor, and their administration."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.accounts import attempts, factors, passwords, policy, queries, sessions
from backend.accounts.attempts import Bucket
from backend.accounts.queries import StaffCard
from backend.accounts.tokens import Handle
from backend.events import journal
from backend.kernel import ids
from backend.kernel.actors import Actor
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Conflict, Forbidden, Locked, NotFound, Unauthenticated, Wrong
from backend.kernel.i18n import N_
from backend.kernel.privacy import check_id
from backend.models.staff import LEVELS, ROLES, Staff

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}", re.ASCII)
_REGION = re.compile(r"[0-9]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class StaffSignedIn:
    """A fresh session and the post it belongs to."""

    session: Handle
    refresh: str = field(repr=False)
    staff: StaffCard


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is compared with."""

    id: int
    password_hash: str = field(repr=False)


def normalise(username: str) -> str:
    return unicodedata.normalize("NFKC", username).strip().lower()


def count_try(session: Session, vault: Vault, *, username: str, address: str, now: datetime) -> int:
    """Which try in a row this is (from 1); ``Locked`` from the sixth per (account, address)."""
    wanted = _tries(vault, username, address)
    tried = attempts.take(session, wanted, now=now)
    if not tried:
        raise Locked(
            "locked",
            N_("密码错了太多次，这里先锁 15 分钟，之后再试；忘了密码请找管理员"),
            retry_after=attempts.seconds_left(session, wanted, now=now),
        )
    return tried


def forget_tries(session: Session, vault: Vault, *, username: str, address: str) -> None:
    """The right password was given."""
    attempts.clear(session, _tries(vault, username, address))


def credentials(session: Session, username: str) -> Credentials | None:
    """The hash of an active account; ``None`` for unknown and disabled ones alike."""
    row = session.execute(
        select(Staff.id, Staff.password_hash).where(Staff.username == username, Staff.active.is_(True))
    ).one_or_none()
    return Credentials(*row) if row else None


def finish_sign_in(
    session: Session,
    vault: Vault,
    *,
    staff_id: int,
    key: bytes,
    address: str,
    otp: str | None,
    require_otp: bool,
    at: datetime,
) -> StaffSignedIn:
    """After the right password: the second factor, then a session.

    ``require_otp=False`` lets an account without one in; guards then open nothing but its enrolment.
    """
    row = session.get(Staff, staff_id)
    if row is None or not row.active:
        raise wrong_password()
    if row.otp_secret:
        _check_otp(session, vault, row, otp, at)
    elif require_otp:
        raise Forbidden("otp_enrolment_required", N_("这个账号还没有绑定动态口令，请找管理员绑定后再登录"))
    forget_tries(session, vault, username=row.username, address=address)
    pair = sessions.begin(session, key=key, kind="staff", account_id=row.id, at=at)
    return StaffSignedIn(pair.session, pair.refresh, queries.staff_card(row))


def wrong_password() -> Unauthenticated:
    return Unauthenticated("wrong_password", N_("账号、密码或动态口令不对，请再看一遍"))


def add(
    session: Session,
    *,
    username: str,
    name: str,
    post: str,
    role: str,
    level: str,
    region: str,
    password: str,
    now: datetime,
    stale: bool = False,
) -> int:
    """A new account: its id. ``Wrong`` says what does not fit; ``stale``: the password must be changed first."""
    username = normalise(username)
    _check_new(username, role, level, region)
    passwords.check_new(password)
    row = Staff(
        id=ids.new_id(now),
        username=username,
        name=name,
        post=post,
        role=role,
        level=level,
        region=region,
        password_hash=passwords.make_hash(password),
        password_stale=stale,
        active=True,
        otp_step=0,
        created_at=now,
        updated_at=now,
    )
    _insert(session, row)
    return row.id


def _insert(session: Session, row: Staff) -> None:
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("username_taken", N_("这个账号名已经有了，请换一个")) from error


def set_active(session: Session, *, username: str, active: bool, now: datetime, at: datetime) -> None:
    """Enable or disable; disabling ends every session at once."""
    row = _row(session, username)
    row.active, row.updated_at = active, now
    if not active:
        sessions.revoke_all(session, kind="staff", account_id=row.id, at=at)


def reset_password(
    session: Session, *, username: str, password: str, now: datetime, at: datetime, stale: bool = False
) -> None:
    """A new password; every session ends. ``stale``: it must be changed before anything else."""
    passwords.check_new(password)
    row = _row(session, username)
    row.password_hash, row.password_stale, row.updated_at = passwords.make_hash(password), stale, now
    sessions.revoke_all(session, kind="staff", account_id=row.id, at=at)


def change_password(session: Session, *, staff_id: int, hashed: str, but: int, now: datetime, at: datetime) -> None:
    """The person's own new password, hashed beforehand; every session ends but the one that asks (``but``)."""
    row = session.get(Staff, staff_id)
    if row is None:
        raise NotFound("not_found", N_("没有这个账号"))
    row.password_hash, row.password_stale, row.updated_at = hashed, False, now
    sessions.revoke_all(session, kind="staff", account_id=row.id, at=at, but=but)


def enrol_otp(session: Session, vault: Vault, *, username: str, issuer: str, now: datetime) -> str:
    """A new second factor in place of any old one: the ``otpauth://`` address for the person's app, shown once."""
    row = _row(session, username)
    secret = passwords.new_secret()
    row.otp_secret = vault.seal(secret.encode(), place("staff", "otp_secret", row.id))
    row.otp_step, row.updated_at = 0, now
    return passwords.enrolment_url(secret, row.username, issuer)


def know_person(session: Session, vault: Vault, *, username: str, id_type: str, id_number: str, now: datetime) -> None:
    """Which document the clerk has, as a keyed hash only: it keeps them off their own case. ``Wrong`` for a bad one."""
    row = _row(session, username)
    row.person_index = policy.id_index(vault, id_type, check_id(id_type, id_number))
    row.updated_at = now


def id_of(session: Session, *, username: str) -> int:
    """The id behind a name; ``NotFound`` without one."""
    return _row(session, username).id


def listed(session: Session) -> list[tuple[StaffCard, bool, bool]]:
    """Every account by name, with: active, has a second factor."""
    rows = session.scalars(select(Staff).order_by(Staff.username))
    return [(queries.staff_card(row), row.active, row.otp_secret is not None) for row in rows]


def _check_otp(session: Session, vault: Vault, row: Staff, otp: str | None, at: datetime) -> None:
    if not otp:
        raise Unauthenticated("otp_required", N_("请输入动态口令"))
    secret = vault.open(row.otp_secret or "", place("staff", "otp_secret", row.id)).decode()
    used = factors.take(session, vault, staff_id=row.id, secret=secret, typed=otp, at=at)
    if used is None:
        raise wrong_password()
    if used == "recovery":
        actor = Actor("staff", row.role, row.id, row.post)
        act = "account.recovery_code"
        journal.write(session, actor=actor, act=act, subject=row.username, region=row.region, now=at)


def _tries(vault: Vault, username: str, address: str) -> Bucket:
    return attempts.bucket(
        vault,
        "password",
        username,
        address,
        limit=policy.PASSWORD_TRIES,
        window=policy.PASSWORD_LOCK,
        sliding=True,
    )


def _check_new(username: str, role: str, level: str, region: str) -> None:
    if not _USERNAME.fullmatch(username):
        raise Wrong(N_("账号名是 2 到 64 个小写字母、数字和 . _ -"))
    if role not in ROLES:
        raise Wrong(N_("岗位只能是 %(names)s", names="、".join(ROLES)))
    if level not in LEVELS:
        raise Wrong(N_("层级只能是 %(names)s", names="、".join(LEVELS)))
    if not _REGION.fullmatch(region):
        raise Wrong(N_("区划代码是 12 位数字"))


def _row(session: Session, username: str) -> Staff:
    row = session.scalars(select(Staff).where(Staff.username == normalise(username))).one_or_none()
    if row is None:
        raise NotFound("not_found", N_("没有这个账号"))
    return row
