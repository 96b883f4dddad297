"""Messages on their way out of the house: deliveries 送达, what people prefer, credits at WeChat, providers, costs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.lifecycles.delivery import DeliveryStatus
from backend.models.base import AutoId, Base, Code, Hash, Id, Ref, Sealed, states, table


class Delivery(Base):
    """One message over one channel: ``kind`` (the template), ``event`` (subject and period), once each for a person.

    Work on it is an outbox row of the channel's topic; attempts are counted there.
    """

    __tablename__ = "delivery"
    __table_args__ = table(
        states("status", DeliveryStatus),
        UniqueConstraint("resident_id", "kind", "event", "channel"),
        Index(None, "resident_id", "id"),
        Index(None, "application_id", "id"),
        Index(None, "provider_ref"),
        Index(None, "status", "updated_at"),
    )

    id: Mapped[Id]
    resident_id: Mapped[Ref]
    kind: Mapped[Code]
    event: Mapped[str] = mapped_column(String(120))
    #: wechat, sms
    channel: Mapped[Code]
    #: Channels to try after this one, in order, with commas.
    then: Mapped[Code] = mapped_column(default="")
    status: Mapped[str] = mapped_column(String(10), default=DeliveryStatus.WAITING)
    #: 1 needs the person, 2 is a result, 3 is news.
    priority: Mapped[int]
    #: JSON {channel: what is said there}; place: delivery|content|id; NULL once nothing is to be sent any more.
    content: Mapped[Sealed | None]
    #: Never after the event it is about.
    not_after: Mapped[datetime | None]
    application_id: Mapped[Ref | None]
    #: The provider's name for it, by which its receipt comes back.
    provider_ref: Mapped[Code | None]
    error: Mapped[Code | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class NotificationPreference(Base):
    """What a person chose; no row: the defaults of ``notifications.kinds``."""

    __tablename__ = "notification_preference"

    resident_id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=1)
    #: kind → channels besides the inbox
    choices: Mapped[dict[str, Any]]
    #: Hours of the clock (0 to 23) that widen the night; NULL: the night as it is.
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]
    #: Nothing but the inbox.
    stopped_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}


class WechatBinding(Base):
    """The WeChat identity of an account, at most one each way."""

    __tablename__ = "wechat_binding"

    resident_id: Mapped[Id]
    #: Sealed by the person's key; place: wechat_binding|openid|resident id
    openid: Mapped[Sealed]
    openid_index: Mapped[Hash] = mapped_column(unique=True)
    bound_at: Mapped[datetime]


class WechatCredit(Base):
    """One grant to send one subscription message of one of our WeChat templates; spent, taken back, or good."""

    __tablename__ = "wechat_credit"
    __table_args__ = table(Index(None, "openid_index", "template", "spent_at", "revoked_at", "id"))

    id: Mapped[AutoId]
    openid_index: Mapped[Hash]
    template: Mapped[Code]
    #: Keyed hash of the event that granted it: the same event grants once.
    source: Mapped[Hash] = mapped_column(unique=True)
    granted_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
    delivery_id: Mapped[Ref | None] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


class WechatChoice(Base):
    """The last no of a person who was asked about one template; ``*``: to all of them.

    Events come out of order: an older no changes nothing, and no grant older than a no counts.
    """

    __tablename__ = "wechat_choice"

    openid_index: Mapped[Hash] = mapped_column(primary_key=True)
    template: Mapped[Code] = mapped_column(primary_key=True)
    refused_at: Mapped[datetime | None]


class WechatEvent(Base):
    """A callback that has been worked off: a replay finds its row."""

    __tablename__ = "wechat_event"

    key: Mapped[Hash] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class Provider(Base):
    """What all processes know of one provider: how many calls this second, and whether it is left alone.

    Times are the machine's: they measure.
    """

    __tablename__ = "provider"

    #: wechat, sms
    name: Mapped[Code] = mapped_column(primary_key=True)
    #: Failures in a row.
    failures: Mapped[int] = mapped_column(default=0)
    #: The circuit is open until then; after it one call is let through to try.
    open_until: Mapped[datetime | None]
    #: The second (Unix time) that ``taken`` counts.
    second: Mapped[int] = mapped_column(BigInteger, default=0)
    taken: Mapped[int] = mapped_column(default=0)


class SmsMonth(Base):
    """What text messages cost in one month of the Chinese calendar; totals only, of all kinds together."""

    __tablename__ = "sms_month"

    #: 2026-11
    month: Mapped[Code] = mapped_column(primary_key=True)
    messages: Mapped[int] = mapped_column(default=0)
    parts: Mapped[int] = mapped_column(default=0)
    #: Thousandths of a yuan.
    cost: Mapped[int] = mapped_column(BigInteger, default=0)
    #: When the budget was first found used up.
    exhausted_at: Mapped[datetime | None]


class EarlyReceipt(Base):
    """A receipt of a message whose name we do not know, or not yet: it can come before the call is written down.

    Most are of codes, whose names nobody keeps; a day later they are deleted.
    """

    __tablename__ = "early_receipt"

    channel: Mapped[Code] = mapped_column(primary_key=True)
    ref: Mapped[Code] = mapped_column(primary_key=True)
    #: The kind of failure; "" when it arrived.
    error: Mapped[Code] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(index=True)
