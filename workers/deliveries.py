"""Sending what leaves the house: one call per delivery, outside every transaction, marked ``sending`` before it."""

from __future__ import annotations

from collections.abc import Callable

from backend.events.leasing import Leased
from backend.gateways.sms import Short
from backend.gateways.wechat import Notice
from backend.notifications import deliveries
from backend.notifications.deliveries import Later, Parcel
from backend.notifications.kinds import SMS, WECHAT
from backend.runtime import Runtime
from workers.kinds import outside


def _sms(runtime: Runtime, parcel: Parcel, row: Leased) -> str:
    said = parcel.said
    message = Short(
        to=parcel.to,
        template=parcel.kind,
        text=said["text"],
        key=row.dedupe_key,
        sent_at=runtime.clock(),
        params=tuple(said["params"]),
    )
    return runtime.sms.send(message)


def _wechat(runtime: Runtime, parcel: Parcel, row: Leased) -> str:
    said = parcel.said
    data = {name: said[name] for name in ("subject", "note")}
    return runtime.wechat.send(Notice(parcel.to, said["template"], data, said["page"]))


CALLS: dict[str, Callable[[Runtime, Parcel, Leased], str]] = {SMS: _sms, WECHAT: _wechat}


def _send(runtime: Runtime, row: Leased) -> None:
    now = runtime.clock()
    with runtime.db.reading() as session:
        parcel = deliveries.open_(session, runtime.vault, delivery_id=row.subject_id, now=now)
    if parcel is None or isinstance(parcel, Later):
        runtime.db.transact(deliveries.close, delivery_id=row.subject_id, now=now)
        return
    ref = CALLS[parcel.channel](runtime, parcel, row)
    runtime.db.transact(deliveries.hand_over, delivery_id=parcel.id, provider_ref=ref, now=runtime.clock())


send = outside(_send)
