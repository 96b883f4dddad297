"""What a resident does with their account."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.accounts import codes, policy, queries, sessions, wechat
from backend.accounts.queries import ResidentCard
from backend.accounts.tokens import Handle
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Invalid, Problem, Stale, Wrong
from backend.kernel.i18n import N_, Text
from backend.kernel.privacy import check_id, mask_name
from backend.kernel.text import person_name
from backend.models.resident import Resident


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session and the account it belongs to. ``wechat_bound``: the WeChat that it came with is its own."""

    session: Handle
    refresh: str = field(repr=False)
    resident: ResidentCard
    wechat_bound: bool = False


def sign_in(
    session: Session,
    vault: Vault,
    *,
    key: bytes,
    mobile: str,
    code: str,
    now: datetime,
    at: datetime,
    wechat_word: str | None = None,
) -> SignedIn | Problem:
    """Sign in with a code; the first time makes the account. A refusal is returned: its count is committed.

    Edges call ``door.sign_in``, which raises the refusal after the commit. ``mobile`` is checked already.
    ``wechat_word``: the WeChat that waits to be bound (``wechat.waiting``), where the person wants that.
    """
    refusal = codes.use(session, vault, mobile=mobile, code=code, now=now)
    if refusal:
        return refusal
    row = _by_mobile(session, vault, mobile) or _created(session, vault, mobile, now)
    bound = wechat.bind_waiting(session, vault, resident_id=row.id, word=wechat_word or "", now=now)
    pair = sessions.begin(session, key=key, kind="resident", account_id=row.id, at=at)
    return SignedIn(pair.session, pair.refresh, queries.card(vault, row), bound)


def sign_in_by_wechat(session: Session, vault: Vault, *, key: bytes, openid: str, at: datetime) -> SignedIn | None:
    """A session of the account that this WeChat is bound to; ``None`` where there is none."""
    resident_id = wechat.account(session, vault, openid=openid)
    if resident_id is None:
        return None
    row = queries.resident_row(session, resident_id)
    pair = sessions.begin(session, key=key, kind="resident", account_id=row.id, at=at)
    return SignedIn(pair.session, pair.refresh, queries.card(vault, row), True)


def put_identity(
    session: Session, vault: Vault, *, resident_id: int, name: str, id_type: str, id_number: str, now: datetime
) -> None:
    """Keep name and document, sealed. ``Invalid`` says which part is wrong.

    Open cases keep the holder they were submitted with. A person may have several accounts (two mobiles), and
    nobody can lock a person out by typing their number first: a document is no key of an account.
    """
    name, number = _checked(name, id_type, id_number, now)
    row = queries.resident_row(session, resident_id)
    seal = vault.person(row.key, row.id)
    row.name = seal.seal_text(name, place("resident", "name", row.id))
    row.name_masked = mask_name(name)
    row.id_type = id_type
    row.id_number = seal.seal_text(number, place("resident", "id_number", row.id))
    row.id_index = policy.id_index(vault, id_type, number)
    row.identity_at = row.updated_at = now


def update_profile(
    session: Session,
    *,
    resident_id: int,
    now: datetime,
    language: str | None = None,
    care_mode: bool | None = None,
    expected_version: int | None = None,
) -> None:
    """Language (zh, en) and care mode; ``Stale`` when ``expected_version`` is not the current one."""
    row = queries.resident_row(session, resident_id)
    if expected_version is not None and expected_version != row.version:
        raise Stale("stale", N_("内容已经变了，请刷新后再改"))
    if language is not None:
        row.language = language
    if care_mode is not None:
        row.care_mode = care_mode
    row.updated_at = now


def ensure_resident(session: Session, vault: Vault, *, mobile: str, now: datetime) -> int:
    """The account of a checked number, made when there is none yet; its id."""
    row = _by_mobile(session, vault, mobile) or _created(session, vault, mobile, now)
    return row.id


def _checked(name: str, id_type: str, id_number: str, now: datetime) -> tuple[str, str]:
    """Both at once, so that the person hears of every defect in one answer."""
    errors: dict[str, list[Text]] = {}
    number = ""
    try:
        name = person_name(name)
    except Wrong as wrong:
        errors["name"] = [wrong.text]
    try:
        number = check_id(id_type, id_number, today=today(now))
    except Wrong as wrong:
        errors["id_number"] = [wrong.text]
    if errors:
        raise Invalid("invalid_input", N_("有 %(n)s 处要改", n=len(errors)), errors=errors)
    return name, number


def _by_mobile(session: Session, vault: Vault, mobile: str) -> Resident | None:
    index = policy.mobile_index(vault, mobile)
    return session.scalars(select(Resident).where(Resident.mobile_index == index)).one_or_none()


def _created(session: Session, vault: Vault, mobile: str, now: datetime) -> Resident:
    resident_id = ids.new_id(now)
    key = vault.new_person_key(resident_id)
    row = Resident(
        id=resident_id,
        key=key,
        mobile=vault.person(key, resident_id).seal_text(mobile, place("resident", "mobile", resident_id)),
        mobile_index=policy.mobile_index(vault, mobile),
        name_masked="",
        language="zh",
        care_mode=False,
        created_at=now,
        updated_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Two first sign-ins at once: the other one made the account.
        found = _by_mobile(session, vault, mobile)
        if found is None:
            raise
        return found
    return row
