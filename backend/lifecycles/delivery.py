"""The life of a delivery 送达: one message on its way over one channel, until the provider says how it ended.

No move of it is history or audit: the row itself is the record that its reader sees.
"""

from __future__ import annotations

from enum import StrEnum

from backend.kernel.i18n import N_
from backend.kernel.machine import Lifecycle, moves


class DeliveryStatus(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    DOUBTFUL = "doubtful"
    DROPPED = "dropped"


S = DeliveryStatus

LABELS = {
    S.WAITING: N_("等着发"),
    S.SENT: N_("发出了"),
    S.DELIVERED: N_("收到了"),
    S.FAILED: N_("没有送到"),
    S.EXPIRED: N_("过了时间，没有发"),
    S.DOUBTFUL: N_("可能发出了，不再重发"),
    S.DROPPED: N_("没有发"),
}

SYSTEM = ("system",)
PROVIDER = ("provider",)
PERSON = ("person",)

DELIVERY = Lifecycle(
    "delivery",
    LABELS,
    moves(
        ("hand_over", (S.WAITING, S.DOUBTFUL), S.SENT, SYSTEM, N_("交给运营商"), None),
        ("confirm", (S.WAITING, S.SENT, S.DOUBTFUL), S.DELIVERED, PROVIDER, N_("回执：收到"), None),
        ("bounce", (S.WAITING, S.SENT, S.DOUBTFUL), S.FAILED, PROVIDER, N_("回执：没收到"), None),
        ("give_up", (S.WAITING,), S.FAILED, SYSTEM, N_("不再试"), None),
        ("expire", (S.WAITING,), S.EXPIRED, SYSTEM, N_("过了时间"), None),
        ("doubt", (S.WAITING,), S.DOUBTFUL, SYSTEM, N_("不知道发没发出"), None),
        ("retry", (S.FAILED, S.DOUBTFUL), S.WAITING, SYSTEM, N_("再试一次"), None),
        ("drop", (S.WAITING,), S.DROPPED, (*SYSTEM, *PERSON), N_("不用发了"), None),
    ),
)
