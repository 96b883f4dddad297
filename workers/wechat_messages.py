"""One subscription message over WeChat: a credit is spent, WeChat is called, and what was not used is given back.

Three steps and not one transaction: no call is made while one is open. A worker that dies after the first leaves the
credit spent for this delivery; the next try finds it paid.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.accounts.policy import openid_index
from backend.events.leasing import Leased
from backend.gateways.wechat import NoCredit, Notice, WechatInDoubt, WechatRefused, WechatUnavailable
from backend.notifications.deliveries import Parcel
from backend.notifications.kinds import KINDS
from backend.notifications.wechat import credits
from backend.notifications.wording.wechat_fields import wechat_templates
from backend.runtime import Runtime
from workers.kinds import in_time

#: WeChat's own codes for what we find out ourselves.
NO_CREDIT, NO_TEMPLATE = 43101, 40037


def send(runtime: Runtime, parcel: Parcel, row: Leased) -> str:
    """WeChat's id of the message; ``NoCredit`` and ``WechatRefused`` for good, ``WechatUnavailable`` for later,
    ``WechatInDoubt`` where it may have been sent (its credit stays spent)."""
    notice, credit = _notice(runtime, parcel), Credit(runtime, parcel)
    if not credit.spend():
        raise NoCredit(NO_CREDIT)
    # The database may have kept us waiting: whoever has the row by now finds the credit spent and takes it for a call.
    in_time(row)
    try:
        return runtime.wechat.send(notice)
    except WechatInDoubt:
        raise
    except NoCredit:
        credit.lose()
        raise
    except (WechatRefused, WechatUnavailable):
        credit.give_back()
        raise


@dataclass(frozen=True, slots=True)
class Credit:
    """What one delivery pays with; each step is a transaction of its own."""

    runtime: Runtime
    parcel: Parcel

    def spend(self) -> bool:
        return self.runtime.db.transact_once(
            credits.spend,
            openid_index=self._whose(),
            template=self.parcel.said["template"],
            priority=_needed(self.parcel.said["template"], self.parcel.priority),
            delivery_id=self.parcel.id,
            now=self.runtime.clock(),
        )

    def lose(self) -> None:
        self.runtime.db.transact_once(
            credits.lost,
            openid_index=self._whose(),
            template=self.parcel.said["template"],
            delivery_id=self.parcel.id,
            now=self.runtime.clock(),
        )

    def give_back(self) -> None:
        self.runtime.db.transact_once(credits.give_back, delivery_id=self.parcel.id, now=self.runtime.clock())

    def _whose(self) -> str:
        return openid_index(self.runtime.vault, self.parcel.to)


def _needed(name: str, priority: int) -> int:
    """How many credits of a template of WeChat's must be left for a message to take one.

    Counted from the priority of the kind that the template is named after: one for news alone keeps nothing back, or
    the single permission that a person gave for news would never be used.
    """
    least = KINDS[name].priority if name in KINDS else 1
    return max(1, priority - least + 1)


def _notice(runtime: Runtime, parcel: Parcel) -> Notice:
    name = parcel.said["template"]
    template_id, card = runtime.settings.wechat.templates.get(name), wechat_templates().get(name)
    if template_id is None or card is None:
        raise WechatRefused(NO_TEMPLATE)
    return Notice(parcel.to, template_id, card.data(parcel.said), parcel.said["page"])
