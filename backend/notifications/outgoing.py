"""Which of the deliveries that are due go out now: not by night, not too many to one person, not what nobody wants."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kernel import ids
from backend.kernel.clock import SHANGHAI, today
from backend.kernel.crypto import Vault, place
from backend.lifecycles.delivery import DeliveryStatus as S
from backend.models.delivery import Delivery
from backend.notifications import deliveries, planning
from backend.notifications.deliveries import Parcel
from backend.notifications.kinds import OWN, SMS, WECHAT
from backend.notifications.planning import Recipient
from backend.notifications.wechat import credits
from backend.notifications.wording.templates import templates

DAY = timedelta(days=1)
#: Deliveries are counted among those begun since: none waits longer but for an outage.
WAITING_AT_MOST = 3 * DAY
#: Where a person's address stands: (table, column), for its seal.
ADDRESSES = {SMS: ("resident", "mobile"), WECHAT: ("wechat_binding", "openid")}


@dataclass(slots=True)
class Sorted:
    """Delivery id → what to send, or when to look again; what is in neither is over."""

    ready: dict[int, Parcel] = field(default_factory=dict)
    later: dict[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Day:
    """What one turn goes by. ``counts``: resident → how many of the day have gone out."""

    vault: Vault
    per_day: int
    counts: Counter[int]
    now: datetime


def sort(
    session: Session,
    vault: Vault,
    *,
    delivery_ids: Collection[int],
    doubtful: Collection[int] = (),
    per_day: int,
    now: datetime,
) -> Sorted:
    """Look at due deliveries as they are now, and end those that are not to be sent any more.

    ``doubtful``: of them, those that may have gone out already: only asking can tell, at any hour.
    ``per_day``: what one person may get on one day; what needs the person may be twice as many.
    """
    rows = deliveries.locked(session, delivery_ids)
    people = planning.recipients(session, {row.resident_id for row in rows.values()})
    day = _Day(vault, per_day, _sent_today(session, people, now), now)
    found = Sorted()
    for row in rows.values():
        if row.content is not None and row.status in (S.FAILED, S.DOUBTFUL):
            # Its words were kept and its work is due again: a person has asked for another try.
            deliveries.move(session, row, "retry", now=now, keep=True)
        if row.status == S.WAITING:
            place_it = _ask if row.id in doubtful else _send
            place_it(session, day, row, people.get(row.resident_id), found)
    return found


def _ask(session: Session, day: _Day, row: Delivery, person: Recipient | None, found: Sorted) -> None:
    """WeChat cannot be asked, but its event may still tell; and before its credit is taken, no call is made."""
    parcel = _parcel(day.vault, row, person)
    if row.channel == WECHAT and not credits.paid(session, delivery_id=row.id):
        _send(session, day, row, person, found)
    elif row.channel == WECHAT or parcel is None:
        deliveries.move(session, row, "doubt", now=day.now)
    else:
        found.ready[row.id] = parcel


def _send(session: Session, day: _Day, row: Delivery, person: Recipient | None, found: Sorted) -> None:
    parcel = _parcel(day.vault, row, person)
    if deliveries.too_late(row, day.now):
        deliveries.move(session, row, "expire", now=day.now)
    elif person is None or parcel is None or not _wanted(row, person):
        deliveries.pass_on(session, day.vault, row, now=day.now)
        deliveries.move(session, row, "drop", now=day.now)
    elif (due_at := _due(row, person, day)) > day.now:
        found.later[row.id] = due_at
    else:
        day.counts[row.resident_id] += 1
        found.ready[row.id] = parcel


def _parcel(vault: Vault, row: Delivery, person: Recipient | None) -> Parcel | None:
    """``None`` for an erased person, one without this channel, or words that are gone."""
    seal = person.seal(vault) if person else None
    if person is None or seal is None or row.content is None or row.channel not in person.sealed:
        return None
    to = seal.open_text(person.sealed[row.channel], place(*ADDRESSES[row.channel], person.id))
    said = json.loads(seal.open_text(row.content, place("delivery", "content", row.id)))[row.channel]
    return Parcel(row.id, person.id, row.channel, row.kind, row.priority, to, said, row.created_at)


def _wanted(row: Delivery, person: Recipient) -> bool:
    """Whether the person has not chosen otherwise since it was planned; own reminders carry their channel."""
    template = templates().get(row.kind)
    if template is None or template.kind == OWN:
        return True
    return not person.stopped and row.channel in person.choices.get(template.kind, (row.channel,))


def _due(row: Delivery, person: Recipient, day: _Day) -> datetime:
    """Now, after the night, or tomorrow where the day has had its fill."""
    most = day.per_day * (2 if row.priority == 1 else 1)
    return person.quiet.after(day.now if day.counts[person.id] < most else _midnight(day.now) + DAY)


def _sent_today(session: Session, people: Collection[int], now: datetime) -> Counter[int]:
    """Resident → how many of the day went out. Two processes at once may let one more through: it is a brake."""
    midnight = _midnight(now)
    counted = (
        select(Delivery.resident_id, func.count())
        .where(
            Delivery.resident_id.in_(people),
            Delivery.id >= ids.new_id(midnight - WAITING_AT_MOST),
            Delivery.sent_at >= midnight,
            Delivery.sent_at < midnight + DAY,
        )
        .group_by(Delivery.resident_id)
    )
    return Counter({row[0]: row[1] for row in session.execute(counted)})


def _midnight(now: datetime) -> datetime:
    return datetime.combine(today(now), time(), SHANGHAI)
