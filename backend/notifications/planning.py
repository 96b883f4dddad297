"""Over which channels a message leaves the house, and when: the person's choice, what can reach them, the night."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events import outbox, rows
from backend.kernel import ids
from backend.kernel.crypto import Seal, Unreadable, Vault, place
from backend.kernel.quiet import NIGHT, QuietHours
from backend.lifecycles.delivery import DeliveryStatus
from backend.models.delivery import Delivery, NotificationPreference, WechatBinding
from backend.models.notification import Message
from backend.models.resident import Resident
from backend.notifications.kinds import CHANNELS, KINDS, OWN, SMS, WECHAT
from backend.notifications.wording.speaking import Params
from backend.notifications.wording.template import PAGE, Template

#: The topic that works a channel off.
TOPICS = {WECHAT: "send_wechat", SMS: "send_sms"}


@dataclass(frozen=True, slots=True)
class Reach:
    """How a message may leave the house. ``site``: where our pages are; ``not_after``: the event it is about.

    ``channels``: chosen for this very message (reminders that people set for themselves), instead of the kind's.
    """

    site: str
    not_after: datetime | None = None
    channels: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """What sending needs to know of a person. ``choices``: kind → channels, where the person has chosen."""

    id: int
    key: str = field(repr=False)
    language: str
    #: channel → mobile number or openid, sealed
    sealed: Mapping[str, str] = field(repr=False)
    choices: Mapping[str, Sequence[str]]
    quiet: QuietHours
    stopped: bool

    def seal(self, vault: Vault) -> Seal | None:
        """What the person's words are sealed with; ``None`` once they have been erased."""
        try:
            return vault.person(self.key, self.id)
        except Unreadable:
            return None

    @property
    def mobile(self) -> bool:
        return SMS in self.sealed

    @property
    def wechat(self) -> bool:
        return WECHAT in self.sealed


def recipient(session: Session, resident_id: int) -> Recipient | None:
    """The person with their choices; ``None`` for an unknown one."""
    return recipients(session, [resident_id]).get(resident_id)


def recipients(session: Session, resident_ids: Collection[int]) -> dict[int, Recipient]:
    """Many of them in one statement; unknown ones are missing."""
    found = session.execute(
        select(
            Resident.id,
            Resident.key,
            Resident.language,
            Resident.mobile,
            WechatBinding.openid,
            NotificationPreference.choices,
            NotificationPreference.quiet_from,
            NotificationPreference.quiet_to,
            NotificationPreference.stopped_at,
        )
        .outerjoin(WechatBinding, WechatBinding.resident_id == Resident.id)
        .outerjoin(NotificationPreference, NotificationPreference.resident_id == Resident.id)
        .where(Resident.id.in_(resident_ids))
    )
    return {row[0]: _recipient(*row) for row in found}


def _recipient(
    resident_id: int,
    key: str,
    language: str,
    mobile: str | None,
    openid: str | None,
    choices: Mapping[str, Sequence[str]] | None,
    quiet_from: int | None,
    quiet_to: int | None,
    stopped_at: datetime | None,
) -> Recipient:
    quiet = NIGHT if quiet_from is None or quiet_to is None else NIGHT.widened(time(quiet_from), time(quiet_to))
    sealed = {channel: address for channel, address in ((SMS, mobile), (WECHAT, openid)) if address}
    return Recipient(resident_id, key, language, sealed, choices or {}, quiet, stopped_at is not None)


def chain(template: Template, person: Recipient, reach: Reach) -> tuple[str, ...]:
    """The channels in the order in which they are tried, if they can reach the person; () for the inbox only."""
    if person.stopped and template.kind != OWN:
        return ()
    wanted = person.choices.get(template.kind, KINDS[template.kind].channels)
    if reach.channels is not None:
        wanted = reach.channels
    return tuple(name for name in CHANNELS if name in wanted and name in person.sealed and name in template.channels)


def plan(
    session: Session,
    seal: Seal,
    *,
    person: Recipient,
    template: Template,
    message: Message,
    params: Params,
    reach: Reach,
) -> int | None:
    """Leave the first delivery of a message behind, due by day; its id, or ``None`` where the inbox is all."""
    channels = chain(template, person, reach)
    if not channels:
        return None
    inbox = f"{reach.site}/messages"
    # A text message is paid by the letter, and an id in it may look like a code: it opens the inbox.
    pages = {WECHAT: f"{inbox}/{ids.encode(message.id)}", SMS: inbox}
    said = {name: _said(template, name, {**params, PAGE: pages[name]}, person.language) for name in channels}
    return begin(
        session,
        seal,
        resident_id=person.id,
        kind=template.name,
        event=message.event,
        channels=channels,
        said=said,
        priority=KINDS[template.kind].priority,
        not_after=reach.not_after,
        application_id=message.application_id,
        due_at=person.quiet.after(message.sent_at),
        now=message.sent_at,
    )


def begin(
    session: Session,
    seal: Seal,
    *,
    resident_id: int,
    kind: str,
    event: str,
    channels: Sequence[str],
    said: Mapping[str, Any],
    priority: int,
    not_after: datetime | None,
    application_id: int | None,
    due_at: datetime,
    now: datetime,
) -> int:
    """One delivery over the first of ``channels`` with the work to send it; the others are tried where it fails."""
    delivery_id, channel = ids.new_id(now), channels[0]
    content = json.dumps({name: said[name] for name in channels}, ensure_ascii=False)
    values = {
        "id": delivery_id,
        "resident_id": resident_id,
        "kind": kind,
        "event": event,
        "channel": channel,
        "then": ",".join(channels[1:]),
        "status": DeliveryStatus.WAITING,
        "priority": priority,
        "content": seal.seal_text(content, place("delivery", "content", delivery_id)),
        "not_after": not_after,
        "application_id": application_id,
        "created_at": now,
        "updated_at": now,
    }
    rows.chain(session, Delivery, values)
    topic = TOPICS[channel]
    key = f"{topic}:{delivery_id}"
    outbox.add(session, topic=topic, subject_id=delivery_id, dedupe_key=key, due_at=due_at, now=now)
    return delivery_id


def _said(template: Template, channel: str, params: Params, language: str) -> dict[str, Any]:
    """What the channel says in the person's language, and for SMS the values alone."""
    parts: dict[str, Any] = dict(template.render(channel, params)[language])
    if channel == SMS:
        parts |= {"params": list(template.said_in_order(SMS, params, language)), "language": language}
    if channel == WECHAT:
        parts |= {"template": template.wechat, "page": params[PAGE]}
    return parts
