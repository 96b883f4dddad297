"""The pure rules of benefits: who may see and act, what an account must look like, what a confirmation is at."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from backend.kernel.actors import Actor
from backend.kernel.errors import Forbidden, Wrong
from backend.kernel.i18n import N_, Text
from backend.kernel.text import clean, person_name

LEVELS = ("village", "town", "county")
#: Why a clerk may end a benefit; ``reopened`` follows from the case, silence is no reason.
STAFF_REASONS = ("died", "moved", "no_longer_meets", "own_wish")
END_LABELS: dict[str, Text] = {
    "died": N_("本人去世"),
    "moved": N_("户口迁出本区县"),
    "no_longer_meets": N_("不再符合条件"),
    "own_wish": N_("本人不再领取"),
    "reopened": N_("原来的审批重新审核"),
}
#: From being asked to the first reminder, from there to the second, from there to the offer of a call or a visit.
REMINDER = timedelta(days=20)
REMINDERS = 2
_NUMBER = re.compile(r"[0-9]{8,30}", re.ASCII)


class Clerk(Protocol):
    """A member of staff who acts on benefits: ``region`` is the 12-digit code of the office."""

    @property
    def id(self) -> int: ...
    @property
    def level(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def post(self) -> str: ...
    @property
    def person_index(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Account:
    """Where the money goes: whose account, at which bank, its number. Never log it."""

    name: str = field(repr=False)
    bank: str = field(repr=False)
    number: str = field(repr=False)


def account(*, name: str, bank: str, number: str) -> Account:
    """A checked account; ``Wrong`` for a number that no bank gives."""
    digits = re.sub(r"[ -]", "", unicodedata.normalize("NFKC", number))
    if not _NUMBER.fullmatch(digits):
        raise Wrong(N_("银行账号是 8 到 30 位数字，请对照银行卡再看一遍"))
    return Account(person_name(name), clean(bank, max_length=60), digits)


def mask_account(number: str) -> str:
    """The last four digits."""
    return "*" * 4 + number[-4:]


def actor(clerk: Clerk) -> Actor:
    return Actor("staff", "reviewer", clerk.id, clerk.post)


def decides(clerk: Clerk) -> bool:
    """Towns and counties decide; villages look, call and visit."""
    return clerk.level != "village"


def check_decides(clerk: Clerk) -> None:
    if not decides(clerk):
        raise Forbidden("not_your_level", N_("这件事由镇街或区县决定，请告诉镇街的同事"))


def check_own(clerk: Clerk, person_index: str) -> None:
    if clerk.person_index and clerk.person_index == person_index:
        raise Forbidden("own_case", N_("不能办理自己的补贴，请交给同事"))


def next_step(*, reminders: int, now: datetime) -> tuple[str, datetime | None]:
    """What follows on silence, and when to look again: ``reminder`` twice, then ``offer``, then nothing."""
    if reminders < REMINDERS:
        return "reminder", now + REMINDER
    return "offer", None


#: What a person may say has changed.
CHANGES: dict[str, Text] = {
    "moved": N_("户口迁走了"),
    "account": N_("换了银行账户"),
    "family": N_("婚姻或子女情况变了"),
    "died": N_("本人已经去世"),
    "stop": N_("不想再领了"),
    "other": N_("其他情况"),
}
OFFER_ANSWERS = ("call", "visit", "none")
#: How a confirmation came.
WAYS: dict[str, Text] = {
    "online": N_("本人在网上确认"),
    "helper": N_("家人在网上代为确认"),
    "call": N_("电话里确认"),
    "visit": N_("上门时确认"),
    "review": N_("说明变化后核对"),
}
STATES: dict[str, Text] = {
    "asked": N_("等您确认"),
    "offered": N_("可以请我们打电话或上门"),
    "call": N_("我们会给您打电话"),
    "visit": N_("我们会上门"),
    "change": N_("变化正在核对"),
    "confirmed": N_("今年已确认"),
    "closed": N_("已结束"),
}
#: What a person may do in each state; after an answer a change may still be told.
ACTIONS: dict[str, tuple[str, ...]] = {
    "asked": ("confirm", "change"),
    "offered": ("confirm", "change", "answer_offer"),
    "call": ("confirm", "change", "answer_offer"),
    "visit": ("confirm", "change", "answer_offer"),
    "change": ("change",),
    "confirmed": ("change",),
    "closed": (),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed, as the person said it. Never log it.

    ``moved_to``: place in words; ``account``: the new one; ``died_on``: the day; ``words``: family and anything else.
    """

    kinds: tuple[str, ...]
    moved_to: str = field(repr=False, default="")
    account: Account | None = field(repr=False, default=None)
    died_on: date | None = field(repr=False, default=None)
    words: str = field(repr=False, default="")


def state(*, closed: bool, waiting: str | None, confirmed: bool, offer: str | None) -> str:
    """The one state a confirmation is in, from its dates; ``closed``: the campaign or the benefit is over."""
    if waiting == "change":
        return "change"
    if confirmed:
        return "confirmed"
    if closed:
        return "closed"
    if waiting in ("call", "visit"):
        return waiting
    return "offered" if offer in ("offered", "declined") else "asked"
