"""An installation with a service account at the stand-in, for tests of what goes out there and what comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.policy import openid_index
from backend.kernel.crypto import Vault, place
from backend.models.delivery import WechatBinding, WechatCredit
from backend.models.resident import Resident
from backend.notifications.wechat import credits
from backend.runtime import Runtime
from config.settings import Settings, WechatAccount
from standins.wechat import StandIn
from standins.wechat_state import Fault

OPENID = "o-wang-0001"


def with_account(settings: Settings, wechat: StandIn) -> Settings:
    """The same installation with the stand-in's account."""
    of = wechat.account
    account = WechatAccount(
        app_id=of.app_id,
        app_secret=of.secret,
        token=of.token,
        aes_key=of.aes_key,
        api_url=wechat.url,
        open_url=wechat.url,
        templates={name: template_id for template_id, name in of.templates.items()},
    )
    return replace(settings, wechat=account)


def template_id(wechat: StandIn, name: str = "todo") -> str:
    """WeChat's id of one of our templates."""
    return next(one for one, ours in wechat.account.templates.items() if ours == name)


def bind(runtime: Runtime, resident_id: int, openid: str = OPENID) -> None:
    """This WeChat belongs to that account."""
    runtime.db.transact(_bind, runtime.vault, resident_id, openid, runtime.clock())


def _bind(session: Session, vault: Vault, resident_id: int, openid: str, now: datetime) -> None:
    key = session.scalars(select(Resident.key).where(Resident.id == resident_id)).one()
    sealed = vault.person(key, resident_id).seal_text(openid, place("wechat_binding", "openid", resident_id))
    index = openid_index(vault, openid)
    session.add(WechatBinding(resident_id=resident_id, openid=sealed, openid_index=index, bound_at=now))


def allow(runtime: Runtime, wechat: StandIn, *, times: int = 1, name: str = "todo", openid: str = OPENID) -> None:
    """So many grants, as both sides know them."""
    wechat.state.grant(openid, template_id(wechat, name), times)
    with runtime.db.reading() as session:
        known = len(session.scalars(select(WechatCredit.id)).all())
    for number in range(known, known + times):
        runtime.db.transact(
            credits.grant,
            openid_index=openid_index(runtime.vault, openid),
            template=name,
            source=f"test {number}",
            at=datetime(2026, 11, 23, tzinfo=UTC),
        )


def left(runtime: Runtime, openid: str = OPENID) -> dict[str, int]:
    """Our template → what may still be sent."""
    with runtime.db.reading() as session:
        return dict(credits.left(session, openid_index=openid_index(runtime.vault, openid)))


def fault(wechat: StandIn, **fault: Any) -> None:
    """One fault at the sending of messages, or at ``path``."""
    wechat.state.faults.append(Fault(**{"path": "bizsend", **fault}))
