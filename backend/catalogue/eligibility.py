"""The self-check 资格自测: what is asked, what it says; it binds nobody and keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from backend.catalogue.definition import Calculator, FormField, ItemDefinition, Requirement
from backend.catalogue.rules import holds, tests
from backend.kernel.clock import today


def asked_fields(definition: ItemDefinition) -> list[FormField]:
    """The questions of the form that the requirements look at, and those they depend on, in order."""
    names = {test.field for part in definition.eligibility for rule in (part.must, part.when) for test in tests(rule)}
    for field in reversed(definition.form):
        if field.name in names:
            names |= {test.field for test in tests(field.when)}
    if definition.calculator:
        names |= {field.name for field in definition.form if field.type == "date"}
    return [field for field in definition.form if field.name in names]


def judge(definition: ItemDefinition, answers: Mapping[str, Any], *, now: datetime) -> list[Requirement]:
    """The requirements that checked answers do not meet; none: eligible."""
    on = today(now)
    return [
        part
        for part in definition.eligibility
        if holds(part.when, answers, on=on) and not holds(part.must, answers, on=on)
    ]


def months_paid(calculator: Calculator, born: date) -> int:
    """Months of the subsidy for a birth (育儿补贴制度实施方案, 2025): to the third birthday, its month included,
    and for earlier births only the months from ``counted_from`` on."""
    if born < date.fromisoformat(calculator.born_from):
        return 0
    counted = date.fromisoformat(calculator.counted_from)
    last = born.year * 12 + born.month + calculator.months
    return max(0, min(calculator.months, last - (counted.year * 12 + counted.month) + 1))


def yuan(calculator: Calculator, months: int) -> int:
    """The amount for so many months, in yuan (the yearly amount is a multiple of twelve)."""
    return calculator.yuan_per_year * months // 12
