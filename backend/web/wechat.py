"""WeChat as pages and API show it to the person: bound or not, and how many messages are allowed yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backend.accounts import wechat
from backend.kernel.i18n import N_
from backend.notifications.wechat import credits as ledger
from backend.web.context import runtime
from backend.web.words import say

#: Of ``config/wechat.toml``; one that a county adds is shown under its name.
LABELS = {
    "todo": N_("要您做的事"),
    "visit": N_("预约和上门"),
    "result": N_("办好了，或者没办成"),
    "progress": N_("办理进度"),
}


@dataclass(frozen=True, slots=True)
class WechatCard:
    """``available``: whether there is a service account; ``left``: our template → messages allowed yet."""

    available: bool
    bound_at: datetime | None = None
    left: Mapping[str, int] = field(default_factory=dict)

    @property
    def bound(self) -> bool:
        return self.bound_at is not None


def card(resident_id: int) -> WechatCard:
    """Of one person, in one read; nothing is asked of WeChat."""
    at = runtime()
    if not at.wechat.enabled:
        return WechatCard(False)
    with at.db.reading() as session:
        found = wechat.bound(session, resident_id=resident_id)
        if found is None:
            return WechatCard(True)
        left = ledger.left(session, openid_index=found.openid_index)
    return WechatCard(True, found.bound_at, {name: left.get(name, 0) for name in at.settings.wechat.templates})


def label(template: str) -> str:
    """A template of ours at WeChat's, in the words of the kind that uses it."""
    return say(LABELS[template]) if template in LABELS else template


def openid(resident_id: int) -> str:
    """Of one's own account, for the stand-in's pages in the demo; "" where none is bound."""
    at = runtime()
    with at.db.reading() as session:
        return wechat.openid(session, at.vault, resident_id=resident_id)
