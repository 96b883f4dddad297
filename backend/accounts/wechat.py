"""The WeChat identity 微信 of an account: signing in with it, binding it, letting it go. At most one each way.

An identity that no account has waits as a sealed word (``waiting``) until its owner signs in by phone and says so. It
is good for 10 minutes and once, and never takes the place of another WeChat of that account: somebody who helps out
with a phone of their own would otherwise receive what is meant for the other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.accounts import attempts, policy, queries
from backend.gateways.wechat import WeChat, WechatRefused, WechatUnavailable
from backend.kernel.crypto import Unreadable, Vault, place
from backend.kernel.errors import Collision, Conflict, Forbidden, Unauthenticated, Unavailable
from backend.kernel.i18n import N_
from backend.models.delivery import WechatBinding
from backend.notifications import calling_off
from backend.notifications.kinds import CHANNELS, KINDS, WECHAT
from backend.notifications.wechat import credits as ledger

#: Of a code: wrong, used, over, missing (developers.weixin.qq.com, 全局返回码).
WRONG_CODES = frozenset({40029, 40163, 42003, 41008})
#: Longer ones are not ours.
LONGEST_WORD = 512
_PLACE = "accounts|wechat|0"


@dataclass(frozen=True, slots=True)
class Bound:
    """``openid_index``: what credits of this WeChat stand under."""

    openid_index: str
    bound_at: datetime


def identify(gateway: WeChat, code: str) -> str:
    """Whose code this is: the openid. Calls WeChat, so no transaction is open.

    ``Unauthenticated`` wrong_code; ``Forbidden`` wechat_snapshot for the made-up identity of a look-around page;
    ``Unavailable`` where there is no WeChat or it does not answer.
    """
    if not gateway.enabled:
        raise Unavailable("wechat_off", N_("这里没有开通微信登录，请用手机号登录"), retry_after=3600)
    try:
        found = gateway.identify(code)
    except WechatUnavailable as away:
        raise _away() from away
    except WechatRefused as refused:
        if refused.code not in WRONG_CODES:
            raise _away() from refused
        text = N_("微信没有认出您，请从微信重新打开这一页，或者用手机号登录")
        raise Unauthenticated("wrong_code", text, errors={"code": [text]}) from refused
    if found.is_snapshot:
        text = N_("这是微信的预览页，办不了事。请点右下角“使用完整服务”，再来一次")
        raise Forbidden("wechat_snapshot", text)
    return found.openid


def account(session: Session, vault: Vault, *, openid: str) -> int | None:
    """The account that this WeChat is bound to."""
    return _holder(session, policy.openid_index(vault, openid))


def waiting(vault: Vault, *, openid: str, now: datetime) -> str:
    """The word by which this identity can be bound while its owner signs in."""
    until = (now + policy.BINDING_LIFE).timestamp()
    return vault.seal(json.dumps([openid, until]).encode(), _PLACE)


def waits(vault: Vault, *, word: str, now: datetime) -> bool:
    """Whether a word is ours and its time is not over (it may have been used)."""
    return _opened(vault, word, now) is not None


def bind_waiting(session: Session, vault: Vault, *, resident_id: int, word: str, now: datetime) -> bool:
    """Bind what waits to the account that has just signed in; whether this WeChat belongs to it now.

    Never refuses: a word that is over or an account with another WeChat is no reason not to sign in.
    """
    openid = _opened(vault, word, now)
    used = attempts.bucket(vault, "wechat-word", word, limit=1, window=policy.BINDING_LIFE)
    if openid is None or not attempts.take(session, used, now=now):
        return False
    holder = account(session, vault, openid=openid)
    if holder is None and bound(session, resident_id=resident_id) is None:
        bind(session, vault, resident_id=resident_id, openid=openid, now=now)
        return True
    return holder == resident_id


def bind(session: Session, vault: Vault, *, resident_id: int, openid: str, now: datetime) -> None:
    """This WeChat from now on, instead of the one before; ``Conflict`` wechat_taken where another account has it."""
    row = queries.resident_row(session, resident_id)
    index = policy.openid_index(vault, openid)
    holder = _holder(session, index)
    if holder == resident_id:
        return
    if holder is not None:
        raise Conflict(
            "wechat_taken", N_("这个微信已经和另一个账号关联。请先用那个账号登录，在“我的—微信”里解除，再来关联")
        )
    unbind(session, vault, resident_id=resident_id, now=now)
    sealed = vault.person(row.key, row.id).seal_text(openid, _at(row.id))
    try:
        with session.begin_nested():
            session.add(WechatBinding(resident_id=row.id, openid=sealed, openid_index=index, bound_at=now))
    except IntegrityError as error:
        # Two at once, for this WeChat or for this account: looked at again, the second finds what the first wrote.
        raise Collision("wechat_binding") from error


def unbind(session: Session, vault: Vault, *, resident_id: int, now: datetime) -> None:
    """Let the WeChat go: nothing is sent there any more, what waits goes the next way. Twice is once."""
    found = bound(session, resident_id=resident_id)
    if found is None:
        return
    session.execute(delete(WechatBinding).where(WechatBinding.resident_id == resident_id))
    ledger.revoke(session, openid_index=found.openid_index, template=None, now=now)
    others = tuple(name for name in CHANNELS if name != WECHAT)
    calling_off.fit(session, vault, resident_id=resident_id, wanted=dict.fromkeys(KINDS, others), now=now)


def bound(session: Session, *, resident_id: int) -> Bound | None:
    """The WeChat of an account."""
    mine = select(WechatBinding.openid_index, WechatBinding.bound_at).where(WechatBinding.resident_id == resident_id)
    row = session.execute(mine).one_or_none()
    return Bound(*row) if row else None


def openid(session: Session, vault: Vault, *, resident_id: int) -> str:
    """The openid of the WeChat of an account; "" where none is bound."""
    sealed = session.scalar(select(WechatBinding.openid).where(WechatBinding.resident_id == resident_id))
    return queries.seal_of(session, vault, resident_id).open_text(sealed, _at(resident_id)) if sealed else ""


def _holder(session: Session, openid_index: str) -> int | None:
    return session.scalar(select(WechatBinding.resident_id).where(WechatBinding.openid_index == openid_index))


def _at(resident_id: int) -> str:
    """The place of the sealed openid."""
    return place("wechat_binding", "openid", resident_id)


def _opened(vault: Vault, word: str, now: datetime) -> str | None:
    if not word or len(word) > LONGEST_WORD:
        return None
    try:
        openid, until = json.loads(vault.open(word, _PLACE))
    except (Unreadable, ValueError, IndexError):
        return None
    return str(openid) if now.timestamp() < until else None


def _away() -> Unavailable:
    return Unavailable("wechat_unavailable", N_("微信那边没有回应，请过一会儿再试，或者用手机号登录"), retry_after=10)
