"""How values are said: dates with their weekday (DESIGN, Words), short where every character is paid for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum

Value = str | date | Mapping[str, str] | tuple[date, ...] | bool
Params = Mapping[str, Value]


class Style(Enum):
    """``LONG``: the inbox; ``BRIEF``: what leaves the house; ``MOMENT``: WeChat's own form of a day."""

    LONG = "long"
    BRIEF = "brief"
    MOMENT = "moment"


WEEKDAYS = {
    "zh": "一二三四五六日",
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def spoken(value: Value, language: str, style: Style = Style.LONG) -> str:
    """12 月 8 日（周二）, Tuesday 8 December; brief: 12月8日（周二）, Tue 8 Dec; moment: 2026年12月8日."""
    if isinstance(value, tuple):
        return ("、" if language == "zh" else ", ").join(spoken(day, language, style) for day in value)
    if isinstance(value, Mapping):
        return _on_one_line(value[language], style)
    if isinstance(value, date):
        return _day(value, language, style)
    return _on_one_line(str(value), style)


def _day(day: date, language: str, style: Style) -> str:
    weekday, month = WEEKDAYS[language][day.weekday()], MONTHS[day.month - 1]
    if style is Style.MOMENT:
        return f"{day.year}年{day.month}月{day.day}日"
    if language == "zh":
        gap = " " if style is Style.LONG else ""
        return f"{day.month}{gap}月{gap}{day.day}{gap}日（周{weekday}）"
    return f"{weekday} {day.day} {month}" if style is Style.LONG else f"{weekday[:3]} {day.day} {month[:3]}"


def _on_one_line(text: str, style: Style) -> str:
    """Providers refuse line breaks."""
    return text if style is Style.LONG else " ".join(text.split())
