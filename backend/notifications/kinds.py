"""What kinds of messages there are, and over which channels each goes unless a person chooses otherwise.

The inbox always has every message; ``channels`` are what comes to the person from outside, in the order in which they
are tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.kernel.i18n import N_, Text

#: Where every message is; the channels besides it lead out of the house.
INBOX, WECHAT, SMS = "inbox", "wechat", "sms"
CHANNELS = (WECHAT, SMS)
#: Codes: always by SMS, at any hour, and nothing to choose.
SECURITY = "security"
#: Reminders that people set for themselves carry their channel with them.
OWN = "own"


@dataclass(frozen=True, slots=True)
class Kind:
    """``priority``: 1 needs the person, 2 is a result, 3 is news: the last credit at WeChat is kept for the first."""

    name: str
    label: Text
    hint: Text
    priority: int
    channels: tuple[str, ...]


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("todo", N_("要您做的事"), N_("补材料、回答问题、年审"), 1, (WECHAT, SMS)),
        Kind("booking", N_("预约和上门"), N_("约好了、快到了、有变动、候补到了"), 1, (WECHAT, SMS)),
        Kind("result", N_("办好了，或者没办成"), N_("发证、不通过、有新的结果"), 2, (WECHAT, SMS)),
        Kind("expiry", N_("快到期的"), N_("证件、没交的草稿"), 2, (WECHAT,)),
        Kind("benefit", N_("补贴"), N_("发放、账户和资格的变动"), 3, (WECHAT,)),
        Kind("progress", N_("办理进度"), N_("受理、送审、公示"), 3, (WECHAT,)),
        Kind(OWN, N_("自己定的提醒"), N_("在定提醒的页面选"), 1, ()),
        Kind(SECURITY, N_("验证码"), N_("一直用短信"), 1, (SMS,)),
    )
}
#: What a person can choose channels for.
CHOOSABLE = tuple(name for name in KINDS if name not in (OWN, SECURITY))
