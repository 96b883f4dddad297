"""Days and times as people say them, in China's time: dates with their weekday, 24 h, in care mode 上午/下午."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import request
from flask_babel import gettext as _

from backend.kernel.clock import local
from backend.web.words import language

WEEKDAYS = "一二三四五六日"
SHORT = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CARE = "care"


def in_care() -> bool:
    """Whether this person chose the care mode."""
    return request.cookies.get(CARE) == "1"


def day(given: date | str) -> str:
    """``11 月 25 日（周三）`` or ``Wed 25 Nov``; the views of a domain give ISO text."""
    value = date.fromisoformat(given) if isinstance(given, str) else given
    if language() == "en":
        return f"{SHORT[value.weekday()]} {value.day} {MONTHS[value.month - 1]}"
    return f"{value.month} 月 {value.day} 日（周{WEEKDAYS[value.weekday()]}）"


def full_day(given: date | str) -> str:
    """``2026 年 11 月 25 日`` or ``25 Nov 2026``."""
    value = date.fromisoformat(given) if isinstance(given, str) else given
    if language() == "en":
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    return f"{value.year} 年 {value.month} 月 {value.day} 日"


def notice(step: dict[str, Any]) -> str:
    """Until when a public notice stands, of a step that is one; else nothing."""
    return _("到 %(day)s", day=day(step["until"])) if step.get("until") else ""


def moment(given: datetime | str) -> str:
    """``11 月 22 日 09:12``; in care mode ``11 月 22 日 上午 9:12``."""
    value = datetime.fromisoformat(given) if isinstance(given, str) else given
    there = local(value)
    if language() == "en":
        return f"{there.day} {MONTHS[there.month - 1]}, {clock_time(value)}"
    return f"{there.month} 月 {there.day} 日 {clock_time(value)}"


def visit(given: datetime) -> str:
    """``11 月 23 日（周一）08:00`` or ``Mon 23 Nov, 08:00``: when somebody is to be somewhere."""
    comma = ", " if language() == "en" else " " if in_care() else ""
    return f"{day(local(given).date())}{comma}{clock_time(given)}"


def hours(begin: datetime, end: datetime) -> str:
    """``08:00 – 08:30``; in care mode ``上午 8:00 – 8:30``, the half of the day once where it is the same."""
    half, _blank, rest = clock_time(end).rpartition(" ")
    return f"{clock_time(begin)} – {rest if half and clock_time(begin).startswith(half) else clock_time(end)}"


def month(first: date) -> str:
    """``2026 年 12 月`` or ``Dec 2026``."""
    if language() == "en":
        return f"{MONTHS[first.month - 1]} {first.year}"
    return f"{first.year} 年 {first.month} 月"


def weekdays() -> list[str]:
    """The head of a calendar, Monday first."""
    return [name[:2] for name in SHORT] if language() == "en" else list(WEEKDAYS)


def clock_time(value: datetime) -> str:
    """``09:12``; in care mode ``上午 9:12``."""
    there = local(value)
    if not in_care() or language() == "en":
        return f"{there:%H:%M}"
    half = _("上午") if there.hour < 12 else _("下午")
    return f"{half} {there.hour if there.hour <= 12 else there.hour - 12}:{there:%M}"
