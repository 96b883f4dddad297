"""The life of a tip 举报, of an investigator's key, and of a reward 奖励: what each move is and whose it is.

A move of a tip writes a date and nothing else: no history, no audit, no outbox row (PRODUCT §2.4).
"""

from __future__ import annotations

from enum import StrEnum

from backend.kernel.i18n import N_
from backend.kernel.machine import Lifecycle, moves


class TipStatus(StrEnum):
    RECEIVED = "received"
    VERIFYING = "verifying"
    NEED_MORE = "need_more"
    TRANSFERRED = "transferred"
    SUBSTANTIATED = "substantiated"
    UNSUBSTANTIATED = "unsubstantiated"
    CLOSED = "closed"


class KeyStatus(StrEnum):
    WAITING = "waiting"
    BACKED = "backed"
    ACTIVE = "active"
    ENDED = "ended"


class RewardStatus(StrEnum):
    OFFERED = "offered"
    CLAIMED = "claimed"
    RELEASED = "released"
    PAID = "paid"
    LAPSED = "lapsed"


T, K, R = TipStatus, KeyStatus, RewardStatus

TIP_LABELS = {
    T.RECEIVED: N_("已收到"),
    T.VERIFYING: N_("正在核查"),
    T.NEED_MORE: N_("等您补充"),
    T.TRANSFERRED: N_("已移送"),
    T.SUBSTANTIATED: N_("查实了"),
    T.UNSUBSTANTIATED: N_("没有查实"),
    T.CLOSED: N_("已结束"),
}
INVESTIGATOR = ("investigator",)
REPORTER = ("reporter",)
OPEN = (T.RECEIVED, T.VERIFYING, T.NEED_MORE, T.TRANSFERRED)
ENDED = (T.SUBSTANTIATED, T.UNSUBSTANTIATED)

TIP = Lifecycle(
    "tip",
    TIP_LABELS,
    moves(
        ("verify", (T.RECEIVED, T.NEED_MORE, T.TRANSFERRED), T.VERIFYING, INVESTIGATOR, N_("开始核查"), None),
        ("ask", (T.RECEIVED, T.VERIFYING), T.NEED_MORE, INVESTIGATOR, N_("请举报人补充"), None),
        ("answer", (T.NEED_MORE,), T.VERIFYING, REPORTER, N_("补充"), None),
        ("transfer", (T.RECEIVED, T.VERIFYING, T.NEED_MORE), T.TRANSFERRED, INVESTIGATOR, N_("移送"), None),
        ("substantiate", (T.VERIFYING, T.NEED_MORE, T.TRANSFERRED), T.SUBSTANTIATED, INVESTIGATOR, N_("查实"), None),
        ("dismiss", (*OPEN,), T.UNSUBSTANTIATED, INVESTIGATOR, N_("没有查实"), None),
        ("close", (*OPEN, *ENDED), T.CLOSED, (*INVESTIGATOR, "system"), N_("结束"), None),
        ("withdraw", (T.RECEIVED, T.VERIFYING, T.NEED_MORE), T.CLOSED, REPORTER, N_("撤回"), None),
        ("reopen", (*ENDED, T.CLOSED), T.VERIFYING, INVESTIGATOR, N_("重新核查"), None),
    ),
)

#: Of the key with which an investigator opens tips: another one backs it, a second one opens the tips to it.
INVESTIGATOR_KEY = Lifecycle(
    "investigator_key",
    {K.WAITING: N_("等人担保"), K.BACKED: N_("还要第二个人同意"), K.ACTIVE: N_("可以看举报"), K.ENDED: N_("已停用")},
    moves(
        ("back", (K.WAITING,), K.BACKED, (*INVESTIGATOR, "operator"), N_("担保"), None),
        ("admit", (K.BACKED,), K.ACTIVE, INVESTIGATOR, N_("同意，让他能看"), None),
        ("appoint", (K.WAITING,), K.ACTIVE, ("operator",), N_("启用第一把钥匙"), None),
        ("recover", (K.WAITING, K.BACKED, K.ACTIVE), K.ACTIVE, ("operator",), N_("用恢复密钥启用"), None),
        ("renew", (*KeyStatus,), K.WAITING, INVESTIGATOR, N_("重新做一把"), None),
        ("end", (K.WAITING, K.BACKED, K.ACTIVE), K.ENDED, (*INVESTIGATOR, "operator"), N_("停用"), None),
    ),
)

REWARD = Lifecycle(
    "reward",
    {
        R.OFFERED: N_("可以领"),
        R.CLAIMED: N_("已申领"),
        R.RELEASED: N_("可以付了"),
        R.PAID: N_("已付"),
        R.LAPSED: N_("过期没领"),
    },
    moves(
        ("claim", (R.OFFERED,), R.CLAIMED, REPORTER, N_("申领"), None),
        ("release", (R.CLAIMED,), R.RELEASED, INVESTIGATOR, N_("两个人都同意付"), None),
        ("pay", (R.RELEASED,), R.PAID, INVESTIGATOR, N_("付了"), None),
        ("lapse", (R.OFFERED,), R.LAPSED, ("system",), N_("过期"), None),
    ),
)
