"""What WeChat tells us of people: grants, refusals, what became of a message, who left. Each event counts once.

Events come twice, late and out of order. The ledger goes by when a thing happened, receipts by which word came first,
and a repeated event finds its key in ``wechat_event``. No openid is kept here but as its keyed hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.accounts.policy import openid_index
from backend.kernel.crypto import Vault
from backend.models.delivery import WechatEvent
from backend.notifications.kinds import WECHAT
from backend.notifications.receipts import Receipt, settle
from backend.notifications.wechat import credits, unclaimed
from backend.notifications.wechat.envelope import Element, parsed

#: WeChat repeats a push within seconds, and a stale one is refused by its time: a day is plenty.
KEPT = timedelta(days=1)
ACCEPT, REJECT = "accept", "reject"


@dataclass(frozen=True, slots=True)
class Pushed:
    """One event. ``whose``: keyed hash of the openid; ``mark``: the same for every repetition; ``at``: when it was."""

    whose: str
    name: str
    at: datetime
    mark: str
    root: Element


def take(
    session: Session, vault: Vault, *, xml: bytes, templates: Mapping[str, str], now: datetime, beat: datetime
) -> bool:
    """Work off one event in plain XML; whether it was new. ``templates``: our name → WeChat's id; ``beat``: the
    machine's time, which WeChat's own is compared with.

    ``Forged`` where it cannot be read.
    """
    event = _read(vault, xml)
    if event is None or not _first(session, event, beat):
        return False
    names = {template_id: name for name, template_id in templates.items()}
    match event.name:
        case "subscribe_msg_popup_event":
            _answered(session, vault, event, names, "SubscribeMsgPopupEvent")
        case "subscribe_msg_change_event":
            _answered(session, vault, event, names, "SubscribeMsgChangeEvent")
        case "subscribe_msg_sent_event":
            _sent(session, vault, event, names, now, beat)
        case "unsubscribe":
            credits.refuse(session, openid_index=event.whose, template=credits.EVERY, at=event.at)
    return True


def forget(session: Session, *, beat: datetime) -> int:
    """Delete the keys that no repetition will ask for any more; how many."""
    over = delete(WechatEvent).where(WechatEvent.at < beat - KEPT)
    return int(session.execute(over).rowcount)  # type: ignore[attr-defined]  # a DELETE's CursorResult


def _read(vault: Vault, xml: bytes) -> Pushed | None:
    """``None`` for what is no event: messages that people write are for WeChat's own console."""
    root = parsed(xml)
    moment, openid = root.said("CreateTime"), root.said("FromUserName")
    if root.said("MsgType") != "event" or not openid or not moment.isascii() or not moment.isdigit():
        return None
    mark = vault.index("wechat-event", hashlib.sha256(xml).hexdigest())
    at = datetime.fromtimestamp(int(moment[:10]), UTC)
    return Pushed(openid_index(vault, openid), root.said("Event"), at, mark, root)


def _first(session: Session, event: Pushed, beat: datetime) -> bool:
    try:
        with session.begin_nested():
            session.add(WechatEvent(key=event.mark, at=beat))
    except IntegrityError:
        return False
    return True


def _answered(session: Session, vault: Vault, event: Pushed, names: Mapping[str, str], wrapper: str) -> None:
    """What a person chose, template by template; in the list of notifications WeChat tells of refusals only."""
    is_popup = wrapper == "SubscribeMsgPopupEvent"
    for number, item in enumerate(event.root.all(wrapper, "List")):
        name, word = names.get(item.said("TemplateId")), item.said("SubscribeStatusString")
        if name is None:
            continue
        if word == REJECT:
            credits.refuse(session, openid_index=event.whose, template=name, at=event.at)
        elif word == ACCEPT and is_popup:
            source = vault.index("wechat-grant", f"{event.mark}|{number}")
            credits.grant(session, openid_index=event.whose, template=name, source=source, at=event.at)


def _sent(
    session: Session, vault: Vault, event: Pushed, names: Mapping[str, str], now: datetime, beat: datetime
) -> None:
    for item in event.root.all("SubscribeMsgSentEvent", "List"):
        code = item.said("ErrorCode")
        receipt = Receipt(item.said("MsgID"), "" if code == "0" else f"wechat {code[:8]}")
        if receipt.ref:
            name = names.get(item.said("TemplateId"), "")
            unclaimed.claim(session, whose=event.whose, template=name, receipt=receipt, now=now, beat=beat)
            settle(session, vault, channel=WECHAT, receipts=[receipt], now=now)
