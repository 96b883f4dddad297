"""One answer to one question: strict types, limits, and words that say what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from backend.catalogue.definition import FormField
from backend.kernel.errors import Wrong
from backend.kernel.i18n import N_
from backend.kernel.privacy import check_id, check_mobile
from backend.kernel.text import clean

RegionExists = Callable[[str], bool]
TEXT_LENGTH = 100
LONG_TEXT_LENGTH = 1000
_INTEGER = re.compile(r"-?[0-9]{1,16}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_REGION = re.compile(r"[0-9]{12}", re.ASCII)


def check(field: FormField, value: object, *, on: date, region_exists: RegionExists | None) -> Any:
    """The answer as it is stored (dates as ISO text); ``Wrong`` says what to change."""
    match field.type:
        case "text" | "long_text":
            return _text(field, value)
        case "choice":
            return _choice(field, value)
        case "choices":
            return _choices(field, value)
        case "date":
            return _day(field, value, on)
        case "integer":
            return _integer(field, value)
        case "boolean":
            return _boolean(value)
        case "region":
            return _region(value, region_exists)
        case "id_number":
            return check_id("resident_id", _words(value), today=on)
        case _:
            return check_mobile(_words(value))


def _words(value: object) -> str:
    if not isinstance(value, str):
        raise Wrong(N_("这里要填文字"))
    if len(value) > 20_000:
        raise Wrong(N_("写得太长了，请写短一些"))
    return value


def _narrow(value: object) -> str:
    """Full-width digits as ASCII."""
    return unicodedata.normalize("NFKC", _words(value)[:100])


def _text(field: FormField, value: object) -> str:
    long = field.type == "long_text"
    longest = field.max if isinstance(field.max, int) else LONG_TEXT_LENGTH if long else TEXT_LENGTH
    text = clean(_words(value), max_length=longest, multiline=long)
    if isinstance(field.min, int) and len(text) < field.min:
        raise Wrong(N_("至少写 %(least)d 个字，请写得再具体一些", least=field.min))
    return text


def _choice(field: FormField, value: object) -> str:
    if not isinstance(value, str) or value not in field.values:
        raise Wrong(N_("请从给出的选项里选一个"))
    return value


def _choices(field: FormField, value: object) -> list[str]:
    """The chosen values in the order of the form."""
    if not isinstance(value, list) or not all(isinstance(part, str) and part in field.values for part in value):
        raise Wrong(N_("请从给出的选项里选"))
    if len(set(value)) != len(value):
        raise Wrong(N_("同一个选项选了两次，请只留一次"))
    if isinstance(field.min, int) and len(value) < field.min:
        raise Wrong(N_("请至少选 %(least)d 个", least=field.min))
    if isinstance(field.max, int) and len(value) > field.max:
        raise Wrong(N_("最多选 %(most)d 个，请去掉几个", most=field.max))
    return [option for option in field.values if option in value]


def _integer(field: FormField, value: object) -> int:
    if isinstance(value, str):
        text = _narrow(value).strip(" ")
        if not _INTEGER.fullmatch(text):
            raise Wrong(N_("这里要填整数"))
        value = int(text)
    if type(value) is not int:
        raise Wrong(N_("这里要填整数"))
    low = field.min if isinstance(field.min, int) else 0
    high = field.max if isinstance(field.max, int) else 2**53
    if not low <= value <= high:
        raise Wrong(N_("请填 %(low)s 到 %(high)s 之间的整数", low=low, high=high))
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong(N_("请选“是”或“否”"))
    return value


def _day(field: FormField, value: object, on: date) -> str:
    text = _narrow(value)
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise Wrong(N_("没有这一天，日期要写成 2026-11-22 这样"))
    first, last = _limit(field.min, on), _limit(field.max, on)
    if first and day < first:
        raise Wrong(N_("这里最早填 %(first)s", first=first.isoformat()))
    if last and day > last:
        raise Wrong(N_("这里最晚填 %(last)s", last=last.isoformat()))
    return text


def _limit(limit: int | str | None, on: date) -> date | None:
    if not isinstance(limit, str):
        return None
    return on if limit == "today" else date.fromisoformat(limit)


def _region(value: object, region_exists: RegionExists | None) -> str:
    code = _narrow(value)
    if not _REGION.fullmatch(code) or (region_exists and not region_exists(code)):
        raise Wrong(N_("没有这个地方，请从列表里选"))
    return code


def from_form(field: FormField, values: list[str]) -> object:
    """What an HTML form sent for a question, as the JSON value that ``check`` expects; ``None`` for nothing."""
    if field.type == "choices":
        return [value for value in values if value] or None
    value = values[0] if values else ""
    if field.type == "boolean":
        return _BOOLEANS.get(value, value or None)
    return value or None


_BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}
