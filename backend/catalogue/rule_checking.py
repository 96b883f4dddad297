"""Whether a condition fits the questions it compares: existing, earlier, and of the right type."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from backend.catalogue.definition import FormField
from backend.catalogue.reader import is_day
from backend.catalogue.rules import Rule, Test, tests

#: Which comparisons each type of question allows.
ALLOWED = {
    "text": (),
    "long_text": (),
    "choice": ("is", "in", "not"),
    "choices": ("has",),
    "date": ("min", "max"),
    "integer": ("is", "in", "not", "min", "max"),
    "boolean": ("is", "not"),
    "region": ("within",),
    "id_number": (),
    "mobile": (),
}


def rule_faults(
    rule: Rule | None, known: Mapping[str, FormField], *, later: Collection[str], ages: bool
) -> Iterator[str]:
    """Why the condition cannot be used, in words; ``later`` are questions that come too late for it."""
    for test in tests(rule):
        field = known.get(test.field)
        if field is None:
            late = f"“{test.field}”在后面才问，条件只能看前面的问题"
            yield late if test.field in later else f"没有“{test.field}”这个问题"
        elif test.op not in ALLOWED[field.type]:
            words = "、".join(ALLOWED[field.type]) or "不能用在条件里"
            yield f"“{test.field}”是 {field.type} 类型，不能用 {test.op}（可用：{words}）"
        elif not _fits(test, field):
            yield f"“{test.field}”不会有 {test.value!r} 这样的回答，请对照它的类型和选项"
        elif not ages and field.type == "date" and type(test.value) is int:
            yield "材料的条件不能看年龄，请改用日期"


def _fits(test: Test, field: FormField) -> bool:
    value = test.value
    if test.op == "in":
        return isinstance(value, list) and bool(value) and all(_is_answer(one, field) for one in value)
    if test.op == "within":
        return isinstance(value, list) and bool(value) and all(_is_prefix(one) for one in value)
    if field.type == "date":
        return is_day(value) or (type(value) is int and 0 <= value <= 150)
    return _is_answer(value, field)


def _is_answer(value: object, field: FormField) -> bool:
    match field.type:
        case "integer":
            return type(value) is int
        case "boolean":
            return isinstance(value, bool)
        case _:
            return value in field.values


def _is_prefix(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and 2 <= len(value) <= 12
