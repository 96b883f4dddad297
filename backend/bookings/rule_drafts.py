"""Rules as a nurse writes them, and everything that is wrong with them; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from backend.bookings.rules import Rules, Stretch
from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_, Text

LEAD_MINUTES, HORIZON_DAYS, RELEASE = 60, 30, time(8)
#: What a number may be at least and at most.
LIMITS = {
    "slot_minutes": (5, 240),
    "seats_per_slot": (1, 200),
    "daily_cap": (1, 2000),
    "lead_minutes": (0, 7 * 24 * 60),
    "horizon_days": (1, 180),
}
MOST_SLOTS = 100
ZERO = {
    "slot_minutes": N_("一个时间至少 5 分钟"),
    "seats_per_slot": N_("每个时间至少 1 个号；哪天不开门，请写到“停诊和补开”里"),
    "daily_cap": N_("每天至少 1 个号；哪天不开门，请写到“停诊和补开”里"),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """All rules of a station; ``hours``: (weekday 1–7, from, to), as they were written."""

    hours: tuple[tuple[int, time, time], ...]
    slot_minutes: int
    seats_per_slot: int
    daily_cap: int
    town_quotas: Mapping[str, int] = field(default_factory=dict)
    lead_minutes: int = LEAD_MINUTES
    horizon_days: int = HORIZON_DAYS
    release_time: time = RELEASE

    def rules(self) -> Rules:
        """As the slots are planned from them."""
        hours: dict[int, tuple[Stretch, ...]] = {}
        for weekday, begin, end in sorted(self.hours):
            hours[weekday] = (*hours.get(weekday, ()), (begin, end))
        return Rules(
            hours=hours,
            slot_minutes=self.slot_minutes,
            seats_per_slot=self.seats_per_slot,
            daily_cap=self.daily_cap,
            town_quotas=dict(self.town_quotas),
            lead=timedelta(minutes=self.lead_minutes),
            horizon_days=self.horizon_days,
            release=self.release_time,
        )

    def values(self) -> dict[str, Any]:
        """The columns of ``StationRules``."""
        return {
            "hours": [[weekday, f"{begin:%H:%M}", f"{end:%H:%M}"] for weekday, begin, end in sorted(self.hours)],
            "slot_minutes": self.slot_minutes,
            "seats_per_slot": self.seats_per_slot,
            "daily_cap": self.daily_cap,
            "town_quotas": dict(sorted(self.town_quotas.items())),
            "lead_minutes": self.lead_minutes,
            "horizon_days": self.horizon_days,
            "release_time": f"{self.release_time:%H:%M}",
        }

    def warnings(self) -> list[Text]:
        """What is allowed and yet keeps couples away."""
        found = []
        if min(self.seats_per_slot, self.daily_cap) < 2:
            found.append(N_("一个时间只有 1 个号，夫妻没法一起约；请改成 2 个以上"))
        if any(seats < 2 for seats in self.town_quotas.values()):
            found.append(N_("有的镇街一天只有 1 个号，那里的夫妻没法一起约"))
        return found


def check(draft: Draft, *, towns: Collection[str]) -> None:
    """``Invalid`` with a sentence per field; ``towns``: the 12-digit towns of the station's county."""
    errors: dict[str, Text] = {name: text for name in LIMITS if (text := _number(name, getattr(draft, name)))}
    minutes = draft.slot_minutes if "slot_minutes" not in errors else LIMITS["slot_minutes"][0]
    errors |= check_stretches([stretch[1:] for stretch in draft.hours], minutes, "hours")
    errors |= {f"hours.{place}": text for place, text in _overlaps(draft.hours).items()}
    if not draft.hours:
        errors["hours"] = N_("请至少填一天的开放时间；要停一段时间，请写到“停诊和补开”里")
    elif not errors and _most_a_day(draft) > MOST_SLOTS:
        errors["slot_minutes"] = N_("一天会有超过 %(n)s 个时间，请把每个时间改长", n=MOST_SLOTS)
    errors |= {f"town_quotas.{town}": text for town, text in _quotas(draft, towns).items()}
    if "lead_minutes" not in errors and draft.lead_minutes >= draft.horizon_days * 24 * 60:
        errors["lead_minutes"] = N_("提前的时间比放号的天数还长，谁也约不上，请改短")
    refuse(errors)


def check_stretches(stretches: Sequence[Stretch], minutes: int, name: str) -> dict[str, Text]:
    """What is wrong with single stretches, by ``name.place``: the wrong way round, or no room for one slot."""
    errors: dict[str, Text] = {}
    for place, (begin, end) in enumerate(stretches):
        if begin >= end:
            errors[f"{name}.{place}"] = N_("结束的时间要比开始的晚")
        elif _length(begin, end) < timedelta(minutes=minutes):
            said = span(begin, end)
            errors[f"{name}.{place}"] = N_("%(span)s 放不下一个 %(minutes)s 分钟的时间", span=said, minutes=minutes)
    return errors


def refuse(errors: Mapping[str, Text]) -> None:
    """``Invalid`` when there is anything."""
    if errors:
        fields = {name: [text] for name, text in errors.items()}
        raise Invalid("invalid_input", N_("有 %(n)s 处要改", n=len(fields)), errors=fields)


def overlapping(one: Stretch, other: Stretch) -> Text:
    return N_("%(one)s 和 %(other)s 有重叠，请改开", one=span(*one), other=span(*other))


def span(begin: time, end: time) -> str:
    return f"{begin:%H:%M}–{end:%H:%M}"


def _number(name: str, value: int) -> Text | None:
    low, high = LIMITS[name]
    if value < low and name in ZERO:
        return ZERO[name]
    return None if low <= value <= high else N_("请填 %(low)s 到 %(high)s 之间的整数", low=low, high=high)


def _overlaps(hours: Sequence[tuple[int, time, time]]) -> dict[int, Text]:
    """By the place of the later of two stretches that share time."""
    found: dict[int, Text] = {}
    ordered = sorted(range(len(hours)), key=lambda place: hours[place])
    for before, after in pairwise(ordered):
        (weekday, *one), (same_day, *other) = hours[before], hours[after]
        if weekday == same_day and other[0] < one[1]:
            found[after] = overlapping((one[0], one[1]), (other[0], other[1]))
    return found


def _quotas(draft: Draft, towns: Collection[str]) -> dict[str, Text]:
    found: dict[str, Text] = {}
    for town, seats in draft.town_quotas.items():
        if town not in towns:
            found[town] = N_("没有这个镇街，请从本区县的镇街里选")
        elif seats < 1:
            found[town] = N_("名额至少 1 个；不给这个镇街单独限额，就空着")
        elif seats > draft.daily_cap:
            found[town] = N_("名额比每天的总数还多，请改小")
    return found


def _most_a_day(draft: Draft) -> int:
    length = timedelta(minutes=draft.slot_minutes)
    counted: dict[int, int] = {}
    for weekday, begin, end in draft.hours:
        counted[weekday] = counted.get(weekday, 0) + _length(begin, end) // length
    return max(counted.values())


def _length(begin: time, end: time) -> timedelta:
    return datetime.combine(date.min, end) - datetime.combine(date.min, begin)
