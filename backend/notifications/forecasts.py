"""What telling many people something will take, before anybody is told: how many over which channel, parts, yuan.

A forecast of one message each, by what holds now: who is bound to WeChat and has a credit there, who chose what, who
can be reached at all. Counts only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from backend.kernel import sms_parts
from backend.kernel.quiet import NIGHT
from backend.models.delivery import NotificationPreference, WechatBinding, WechatCredit
from backend.models.resident import Resident
from backend.notifications import costs, planning
from backend.notifications.costs import Tariff
from backend.notifications.kinds import INBOX, SMS, WECHAT
from backend.notifications.planning import Reach, Recipient
from backend.notifications.wechat.credits import LEFT
from backend.notifications.wording.speaking import Params
from backend.notifications.wording.template import PAGE, Template
from backend.notifications.wording.templates import templates


@dataclass(frozen=True, slots=True)
class Forecast:
    """``people``: messages in all; ``wechat``, ``sms``, ``inbox``: over which channel they go first (the inbox has
    every one); ``parts`` of text messages; ``cost`` and ``left`` of the month in thousandths of a yuan, ``left`` is
    ``None`` without a budget.
    """

    people: int
    wechat: int
    sms: int
    inbox: int
    parts: int
    cost: int
    left: int | None

    @property
    def short(self) -> int:
        """Thousandths of a yuan by which the month's budget is too small."""
        return 0 if self.left is None else max(self.cost - self.left, 0)


def forecast(
    session: Session,
    *,
    people: Select[int],
    template: str,
    params: Params,
    reach: Reach,
    wechat: bool,
    tariff: Tariff,
    now: datetime,
) -> Forecast:
    """One message of a template to everybody in ``people`` (ids of residents, one for each message).

    ``wechat``: whether this installation has a service account; ``params``: as the message will have them.
    """
    pattern = templates()[template]
    per_language = _parts(pattern, params, reach, tariff)
    first: Counter[str] = Counter()
    parts = 0
    for person, count in _groups(session, people, pattern, wechat):
        channel = next(iter(planning.chain(pattern, person, reach)), INBOX)
        first[channel] += count
        parts += count * per_language[person.language] if channel == SMS else 0
    return Forecast(
        people=first.total(),
        wechat=first[WECHAT],
        sms=first[SMS],
        inbox=first[INBOX],
        parts=parts,
        cost=parts * tariff.price,
        left=costs.left(session, tariff=tariff, now=now),
    )


def _parts(pattern: Template, params: Params, reach: Reach, tariff: Tariff) -> dict[str, int]:
    """Language → parts of the text message."""
    if SMS not in pattern.channels:
        return {}
    said = pattern.render(SMS, {**params, PAGE: f"{reach.site}/messages"})
    return {language: sms_parts.parts(words["text"], tariff.sign) for language, words in said.items()}


def _groups(session: Session, people: Select[int], pattern: Template, wechat: bool) -> Iterator[tuple[Recipient, int]]:
    """People who are alike to a message, as one of them, and how many they are; erased ones are nobody."""
    wanted = people.subquery()
    credit = exists().where(
        WechatCredit.openid_index == WechatBinding.openid_index,
        WechatCredit.template == pattern.wechat,
        *LEFT,
    )
    alike = (
        Resident.language,
        Resident.mobile.is_not(None),
        credit,
        NotificationPreference.choices,
        NotificationPreference.stopped_at.is_not(None),
    )
    rows = session.execute(
        select(*alike, func.count())
        .select_from(wanted)
        .join(Resident, Resident.id == next(iter(wanted.c)))
        .outerjoin(WechatBinding, WechatBinding.resident_id == Resident.id)
        .outerjoin(NotificationPreference, NotificationPreference.resident_id == Resident.id)
        .where(Resident.key != "")
        .group_by(*alike)
    )
    for language, mobile, paid, choices, stopped, count in rows:
        yield _like(language, (SMS,) * bool(mobile) + (WECHAT,) * bool(paid and wechat), choices, stopped), count


def _like(
    language: str, channels: Sequence[str], choices: Mapping[str, Sequence[str]] | None, stopped: bool
) -> Recipient:
    """Somebody who can be reached there; the address itself is none of a forecast's business."""
    reachable = dict.fromkeys(channels, "")
    return Recipient(0, "", language, reachable, choices or {}, NIGHT, bool(stopped))
