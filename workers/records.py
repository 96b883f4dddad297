"""Writing down how a chunk of calls to a provider went: sent, again later, over the next channel, or given up."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from backend.events import leasing
from backend.events.leasing import IN_DOUBT, Leased
from backend.gateways.sms import SmsInDoubt, SmsUnavailable
from backend.gateways.wechat import NoCredit, WechatInDoubt, WechatUnavailable
from backend.kernel.clock import system_clock
from backend.kernel.errors import Unavailable
from backend.lifecycles.delivery import DeliveryStatus as S
from backend.models.delivery import Delivery
from backend.notifications import costs, deliveries, discreet, providers
from backend.notifications.deliveries import Parcel
from backend.notifications.kinds import SMS
from backend.runtime import Runtime
from workers import registry
from workers.drain import describe
from workers.kinds import OutOfTime, permanent

logger = logging.getLogger("workers.deliveries")

#: Seconds before a provider is asked about a message in doubt: a slow one may be about to take it.
BEFORE_ASKING = 15.0


class NeverCame(Exception):
    """The provider was asked and does not know the message: it may be sent after all."""


class StillUnknown(Exception):
    """The provider was asked and cannot tell yet."""


#: The provider answered that it has not taken it, or was never reached.
NOT_TAKEN = (SmsUnavailable, WechatUnavailable)
#: What is nobody's fault and needs nobody's look: the inbox has the message.
ORDINARY = (NoCredit,)
#: Our own side: no call was made, the attempt does not count.
UNTRIED = (OutOfTime, Unavailable)


@dataclass(frozen=True, slots=True)
class Tried:
    """One call. ``answer``: the provider's name of the message ("" where only its fate is known), or an error."""

    row: Leased
    parcel: Parcel
    at: datetime
    answer: str | Exception


def answered(tried: Tried) -> bool | None:
    """Whether the provider is well as far as this call shows; ``None``: nothing was asked of it."""
    if isinstance(tried.answer, UNTRIED):
        return None
    return isinstance(tried.answer, (str, NeverCame, StillUnknown)) or permanent(tried.answer)


def record(session: Session, runtime: Runtime, tried: Sequence[Tried]) -> None:
    """All of it in the caller's transaction; running it again changes nothing."""
    now, rows = runtime.clock(), deliveries.locked(session, [one.parcel.id for one in tried])
    sent = [one for one in tried if isinstance(one.answer, str)]
    news = [
        one
        for one in sent
        if one.parcel.id in rows
        and deliveries.hand_over(session, rows[one.parcel.id], provider_ref=str(one.answer) or None, now=now)
    ]
    if sent:
        leasing.finish(session, [one.row for one in sent], now=now)
    leasing.release(session, [one.row for one in tried if isinstance(one.answer, UNTRIED)])
    for one in tried:
        if isinstance(one.answer, NeverCame):
            leasing.resolve(session, one.row)
        elif isinstance(one.answer, Exception) and not isinstance(one.answer, UNTRIED):
            _failed(session, runtime, one, rows.get(one.parcel.id), one.answer, now)
    paid = [one.parcel.said["text"] for one in news if one.parcel.channel == SMS]
    costs.book(session, tariff=runtime.tariff, texts=paid, now=now)
    if own := [one.row.id for one in tried if one.parcel.kind in discreet.own_templates()]:
        session.flush()
        discreet.forget_work(session, own)
    _note(session, tried)


def _failed(
    session: Session, runtime: Runtime, one: Tried, delivery: Delivery | None, error: Exception, now: datetime
) -> None:
    """Again after the next interval; where there is none, or it cannot help, over the next channel or dead."""
    waits, doubt = registry.TOPICS[one.row.topic].intervals, in_doubt(error)
    kind = f"{IN_DOUBT}: {describe(error)}" if doubt else describe(error)
    if delivery is None or delivery.status != S.WAITING:
        leasing.finish(session, [one.row], now=now)  # a receipt, or its reader, was faster
    elif doubt and one.parcel.channel != SMS:
        deliveries.move(session, delivery, "doubt", now=now)
        leasing.finish(session, [one.row], now=now)
    elif not permanent(error) and one.row.attempts <= len(waits):
        least = BEFORE_ASKING if doubt else 0
        leasing.retry(session, one.row, error=kind, intervals=[max(least, wait) for wait in waits], now=now)
    elif doubt:
        deliveries.move(session, delivery, "doubt", now=now, keep=True)
        leasing.dead(session, one.row, error=kind)
    else:
        _give_up(session, runtime, one.row, delivery, error, now)


def _give_up(
    session: Session, runtime: Runtime, row: Leased, delivery: Delivery, error: Exception, now: datetime
) -> None:
    ordinary = isinstance(error, ORDINARY)
    name = type(error).__name__
    following = deliveries.give_up(session, runtime.vault, delivery, error=name, keep=not ordinary, now=now)
    if following is None and not ordinary:
        leasing.dead(session, row, error=describe(error))
    else:
        leasing.finish(session, [row], now=now)


def in_doubt(error: Exception) -> bool:
    """Whether the message may have been taken all the same: all but a clear no."""
    if isinstance(error, (SmsInDoubt, WechatInDoubt, StillUnknown)):
        return True
    return not isinstance(error, NOT_TAKEN) and not permanent(error)


def _note(session: Session, tried: Sequence[Tried]) -> None:
    """For the circuit of the provider, last of all: every process writes to that row."""
    channel, topic = tried[0].parcel.channel, tried[0].row.topic
    answers = [well for one in tried if (well := answered(one)) is not None]
    if providers.note(session, channel, answers=answers, beat=system_clock()):
        logger.warning("%s is left alone for %s s", channel, int(providers.REST.total_seconds()))
    quiet = (*UNTRIED, *ORDINARY, NeverCame)
    failed = [one.answer for one in tried if isinstance(one.answer, Exception) and not isinstance(one.answer, quiet)]
    for kind, number in Counter(map(describe, failed)).items():
        logger.warning("%s: %s not sent: %s", topic, number, kind)
