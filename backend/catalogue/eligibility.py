"""The self-check 资格自测: what is asked, what it says; it binds nobody and keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from backend.catalogue.answers import RegionExists
from backend.catalogue.definition import Calculator, FormField, ItemDefinition, Requirement
from backend.catalogue.forms import check_answers
from backend.catalogue.rules import holds, tests
from backend.kernel.clock import today
from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reasons`` are the unmet requirements; ``months`` and ``yuan`` only where the item has a calculator."""

    reasons: tuple[Requirement, ...]
    months: int | None = None
    yuan: int | None = None


def verdict(
    definition: ItemDefinition,
    answers: Mapping[str, Any],
    *,
    now: datetime,
    region_exists: RegionExists | None = None,
) -> Verdict:
    """Judge raw answers, which may be those of the whole form; ``Invalid`` names what is wrong or not answered."""
    checked = check_answers(definition, answers, complete=True, now=now, region_exists=region_exists)
    asked = {field.name for field in asked_fields(definition)}
    missing = {name: text for name, text in checked.missing.items() if name in asked}
    faults = {**missing, **checked.wrong}
    if faults:
        errors = {f"answers.{name}": [text] for name, text in faults.items()}
        raise Invalid("invalid_answers", N_("有 %(n)s 处要改", n=len(errors)), errors=errors)
    reasons = tuple(judge(definition, checked.answers, now=now))
    born = next((checked.answers.get(f.name) for f in definition.form if f.type == "date"), None)
    if definition.calculator is None or born is None:
        return Verdict(reasons)
    months = months_paid(definition.calculator, date.fromisoformat(born))
    return Verdict(reasons, months, yuan(definition.calculator, months))
