"""The form of an item against a person's answers: conditions are replayed here, whatever the page did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from backend.catalogue import answers as one
from backend.catalogue.answers import RegionExists
from backend.catalogue.definition import FormField, ItemDefinition, MaterialRule
from backend.catalogue.rules import holds
from backend.kernel.clock import today
from backend.kernel.errors import Wrong
from backend.kernel.i18n import N_, Text

MISSING = N_("请填写这一项")
CHOOSE = N_("请选一个")
UNKNOWN = N_("表里没有这一项，请去掉")


@dataclass(frozen=True, slots=True)
class Checked:
    """``answers``: right and visible ones in the order of the form; ``dropped``: hidden questions that were answered.

    Nothing of a wrong value is kept, and a caller that finds ``wrong`` must refuse the whole change:
    a wrong answer may hide other questions, and their answers would be lost.
    """

    answers: dict[str, Any]
    missing: dict[str, Text]
    wrong: dict[str, Text]
    dropped: list[str]

    @property
    def ok(self) -> bool:
        return not self.missing and not self.wrong

    @property
    def faults(self) -> dict[str, Text]:
        """Everything to change, by question."""
        return {**self.missing, **self.wrong}


def check_answers(
    definition: ItemDefinition,
    answers: Mapping[str, Any],
    *,
    complete: bool,
    now: datetime,
    region_exists: RegionExists | None = None,
) -> Checked:
    """Check the answers of a draft, or with ``complete`` of a submission (then ``missing`` is filled).

    ``None``, an empty text and an empty list count as no answer. ``region_exists`` takes 12 digits;
    without it any 12 digits pass.
    """
    return check_fields(definition.form, answers, complete=complete, on=today(now), region_exists=region_exists)


def check_fields(
    fields: Sequence[FormField],
    answers: Mapping[str, Any],
    *,
    complete: bool,
    on: date,
    region_exists: RegionExists | None = None,
) -> Checked:
    """The same for some questions of a form, on a day in China."""
    known = {field.name for field in fields}
    checked = Checked({}, {}, {name: UNKNOWN for name in answers if name not in known}, [])
    for field in fields:
        value = answers.get(field.name)
        given = value is not None and value != "" and value != []
        if not holds(field.when, checked.answers, on=on):
            if given:
                checked.dropped.append(field.name)
        elif given:
            try:
                checked.answers[field.name] = one.check(field, value, on=on, region_exists=region_exists)
            except Wrong as wrong:
                checked.wrong[field.name] = wrong.text
        elif complete and field.required:
            checked.missing[field.name] = CHOOSE if field.type in ("choice", "choices", "boolean") else MISSING
    return checked


def visible_fields(definition: ItemDefinition, answers: Mapping[str, Any], *, now: datetime) -> list[FormField]:
    """The questions that checked answers bring up, in order."""
    on = today(now)
    return [field for field in definition.form if holds(field.when, answers, on=on)]


def wanted_materials(definition: ItemDefinition, answers: Mapping[str, Any]) -> list[MaterialRule]:
    """The materials for these checked answers, whatever their mode.

    Publishing refuses ages in their conditions, so the day does not matter: what a person was asked
    for does not change while the case is under way.
    """
    return [material for material in definition.materials if holds(material.when, answers, on=date.min)]
