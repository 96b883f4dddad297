"""The life of a booking 预约, from the held seats to the completed checkup (CONTRACT §3).

No move of it is audited or kept as history: who came and who did not is nobody's business afterwards (PRODUCT §2.2).
"""

from __future__ import annotations

from enum import StrEnum

from backend.kernel.i18n import N_
from backend.kernel.machine import Lifecycle, moves


class BookingStatus(StrEnum):
    HELD = "held"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    MISSED = "missed"


S = BookingStatus
#: What takes seats and keeps a couple from a second booking.
ACTIVE = (S.HELD, S.CONFIRMED, S.CHECKED_IN)

LABELS = {
    S.HELD: N_("已占号，等您确认"),
    S.CONFIRMED: N_("已预约"),
    S.CHECKED_IN: N_("已签到"),
    S.COMPLETED: N_("已检查"),
    S.CANCELLED: N_("已取消"),
    S.MISSED: N_("这次没来"),
}

PERSON = ("person",)
NURSE = ("nurse",)
SYSTEM = ("system",)

BOOKING = Lifecycle(
    "booking",
    LABELS,
    moves(
        ("confirm", (S.HELD,), S.CONFIRMED, PERSON, N_("确认预约"), "booking_confirmed"),
        ("reschedule", (S.CONFIRMED,), S.CONFIRMED, PERSON, N_("改期"), "booking_rescheduled"),
        ("give_back", (S.HELD,), S.CANCELLED, PERSON, N_("不约了"), None),
        ("cancel", (S.CONFIRMED,), S.CANCELLED, PERSON, N_("取消预约"), "booking_cancelled"),
        ("expire", (S.HELD,), S.CANCELLED, SYSTEM, N_("占号到时，退回"), None),
        ("close", (S.CONFIRMED,), S.CANCELLED, SYSTEM, N_("服务站不开门，预约结束"), "booking_closed"),
        ("check_in", (S.CONFIRMED,), S.CHECKED_IN, NURSE, N_("签到"), None),
        ("undo_check_in", (S.CHECKED_IN,), S.CONFIRMED, NURSE, N_("撤销签到"), None),
        ("call_off", (S.CHECKED_IN,), S.CANCELLED, NURSE, N_("撤销现场登记"), None),
        ("complete", (S.CHECKED_IN,), S.COMPLETED, (*NURSE, *SYSTEM), N_("检查完成"), "booking_completed"),
        ("miss", (S.CONFIRMED,), S.MISSED, SYSTEM, N_("过了时间没来"), "booking_missed"),
    ),
)
