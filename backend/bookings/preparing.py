"""How to prepare for the visit; pure. General words for everybody: nothing about a person is asked for it or kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from backend.bookings import codes
from backend.bookings.completion import MAN, WOMAN, Check
from backend.bookings.queries import BookingCard
from backend.kernel.clock import local
from backend.kernel.i18n import N_, Text

#: Nobody gets up to stop eating: what falls between midnight and this hour is said as midnight.
NIGHT_ENDS = time(5)
GROUPS = {
    "talk": N_("医生问一问、讲一讲"),
    "body": N_("身体检查和超声"),
    "laboratory": N_("抽血、验尿等化验"),
}


@dataclass(frozen=True, slots=True)
class Fasting:
    """From when on nothing is eaten; ``at`` "": midnight at the end of the day ``on``."""

    on: date
    at: str
    hours: int


@dataclass(frozen=True, slots=True)
class Hint:
    """One line of a checklist; ``code`` stays the same whatever it says."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class Group:
    """Checks of one kind that are done at the visit."""

    title: Text
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """What one person does before and brings along, and what is done there. ``whose``: of the seat."""

    whose: str
    before: tuple[Hint, ...]
    bring: tuple[Hint, ...]
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        return sum(len(group.checks) for group in self.groups)


def fasting(starts_at: datetime, hours: int) -> Fasting | None:
    """From when on to eat nothing before a visit, in China's time; ``None`` where it is not needed.

    Never later than ``hours`` before: midnight stands for the small hours, so at most five hours earlier.
    """
    if not hours:
        return None
    begin = local(starts_at - timedelta(hours=hours))
    if begin.time() <= NIGHT_ENDS:
        return Fasting(begin.date() - timedelta(days=1), "", hours)
    return Fasting(begin.date(), f"{begin:%H:%M}", hours)


def last_meal(hungry: Fasting, day: str) -> Text:
    """From when on not to eat, in words; ``day``: ``hungry.on`` as the reader says it."""
    if hungry.at:
        return N_("%(day)s %(at)s 以后不要吃东西，可以喝少量白水", day=day, at=hungry.at)
    return N_("%(day)s晚上 12 点以后不要吃东西，可以喝少量白水", day=day)


def checklist(card: BookingCard, checks: Sequence[Check], *, whose: str, who: str, day: str) -> Checklist:
    """What one person of a booking prepares. ``who``: woman, man or "" where nobody knows; ``day``: of the last meal.

    What is only for women is said to women, and where nobody knows with 女方 before it.
    """
    mine = [check for check in checks if check.applies(who) and not check.later]
    return Checklist(
        whose=whose,
        before=(*_before(card, day), *_for_women(who)),
        bring=tuple(_bring(card)),
        groups=tuple(_groups(mine)),
    )


def _before(card: BookingCard, day: str) -> Iterable[Hint]:
    hungry = fasting(card.starts_at, card.station.fasting_hours)
    if hungry:
        yield Hint("fasting", last_meal(hungry, day))
    yield Hint("light", N_("前一天吃清淡些，不喝酒，早点睡"))
    yield Hint("medicine", N_("正在吃药的，先打电话问服务站当天要不要吃"))
    yield Hint("clothes", N_("穿袖口宽松、好穿脱的衣服"))


_WOMEN = (
    Hint("timing", N_("月经干净后 3 到 7 天来最合适；日子不合适就改期，不用说原因")),
    Hint("bladder", N_("做超声以前可能要憋尿，到了听医生安排")),
    Hint("pregnant", N_("可能已经怀孕的，检查前先告诉医生")),
)


def _for_women(who: str) -> tuple[Hint, ...]:
    if who == MAN:
        return ()
    if who == WOMAN:
        return _WOMEN
    return tuple(Hint(hint.code, N_("女方：%(hint)s", hint=hint.text)) for hint in _WOMEN)


def _bring(card: BookingCard) -> Iterable[Hint]:
    yield Hint("identity", N_("本人的身份证，或者别的有效证件"))
    if card.station.marriage_certificate:
        alone = N_("结婚证")
        yield Hint("marriage_certificate", alone if card.seats == 1 else N_("结婚证，两个人带一本就行"))
    yield Hint("code", N_("签到码：手机上的二维码，或者记下 %(code)s", code=codes.spoken(card.code)))
    yield Hint("papers", N_("以前的检查单，有就带上"))
    if card.station.fasting_hours:
        yield Hint("food", N_("一点吃的：抽完血就能吃"))


def _groups(checks: Sequence[Check]) -> Iterable[Group]:
    order = list(GROUPS)
    by_group = sorted(checks, key=lambda check: order.index(check.group))
    for code, found in groupby(by_group, key=lambda check: check.group):
        yield Group(GROUPS[code], tuple(found))
