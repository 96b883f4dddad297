"""The questions and materials of a file, as typed values."""

from __future__ import annotations

import re

from backend.catalogue import rules
from backend.catalogue.definition import ACCEPT, FIELD_TYPES, MODES, PREFILL, FormField, MaterialRule, Option
from backend.catalogue.reader import Reader, is_day
from backend.catalogue.rules import Rule

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
NAME_WORDS = "小写字母、数字和下划线"
LARGEST = 2**53


def matching(reader: Reader, key: str, pattern: re.Pattern[str], words: str) -> str:
    """A text of the given form."""
    value = reader.text(key, max_length=64)
    if value and not pattern.fullmatch(value):
        reader.fault(key, f"{key} 只能用{words}，以小写字母开头")
    return value


def rule_at(reader: Reader, key: str, *, needed: bool = False) -> Rule | None:
    """The condition under a key; ``None`` when there is none (a fault when it is needed)."""
    value = reader.raw(key)
    if value is None and not needed:
        return None
    try:
        return rules.read(value)
    except rules.RuleError as bad:
        reader.fault(key, str(bad))
        return None


def _option(reader: Reader) -> Option:
    label, label_en = reader.both("label", max_length=80)
    option = Option(matching(reader, "value", NAME, NAME_WORDS), label, label_en)
    reader.finish()
    return option


def field(reader: Reader) -> FormField:
    """One ``[[fields]]``."""
    kind = reader.choice("type", FIELD_TYPES)
    label, label_en = reader.both("label", max_length=80)
    hint, hint_en = reader.both("hint", max_length=200, default="")
    question = FormField(
        name=matching(reader, "name", NAME, NAME_WORDS),
        type=kind,
        label=label,
        label_en=label_en,
        hint=hint,
        hint_en=hint_en,
        required=reader.flag("required", default=True),
        options=tuple(_option(option) for option in reader.tables("options")),
        min=_limit(reader, "min", kind),
        max=_limit(reader, "max", kind),
        when=rule_at(reader, "when"),
        step=reader.text("step", max_length=40, default=""),
        prefill=reader.choice("prefill", ("", *PREFILL), default=""),
    )
    reader.finish()
    return question


def _limit(reader: Reader, key: str, kind: str) -> int | str | None:
    """A date field is limited by dates or ``today``, every other one by whole numbers."""
    value = reader.raw(key)
    if value is None:
        return None
    if kind == "date" and (value == "today" or is_day(value)):
        return str(value)
    if kind in ("text", "long_text", "choices", "integer") and type(value) is int and abs(value) <= LARGEST:
        return value
    reader.fault(key, f'{kind} 类型的 {key} 写得不对：日期题写日期或 "today"，文字、多选和整数题写整数，其他题不写')
    return None


def material(reader: Reader) -> MaterialRule:
    """One ``[[materials]]``."""
    mode = reader.choice("mode", MODES)
    label, label_en = reader.both("label", max_length=80)
    hint, _ = reader.both("hint", max_length=200, default="")
    text, _ = reader.both("text", max_length=500, default=None if mode == "commitment" else "")
    accept = reader.texts("accept", max_length=10)
    if any(word not in ACCEPT for word in accept):
        reader.fault("accept", "accept 只能写 image、pdf")
    if mode in ("required", "deferrable") and not accept:
        reader.fault("accept", '要交的材料须写 accept = ["image", "pdf"]')
    wanted = MaterialRule(
        code=matching(reader, "code", NAME, NAME_WORDS),
        label=label,
        label_en=label_en,
        hint=hint,
        mode=mode,
        accept=tuple(media for word in accept for media in ACCEPT.get(word, ())),
        max_files=reader.number("max_files", 1, 20, default=3),
        when=rule_at(reader, "when"),
        text=text,
    )
    reader.finish()
    return wanted
