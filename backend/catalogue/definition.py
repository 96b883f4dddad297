"""A service item as typed values, the way every other domain reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from backend.catalogue.rules import Rule, holds

KINDS = ("application", "guide", "booking")
LEVELS = ("village", "town", "county")
FIELD_TYPES = (
    "text",
    "long_text",
    "choice",
    "choices",
    "date",
    "integer",
    "boolean",
    "region",
    "id_number",
    "mobile",
)
MODES = ("required", "deferrable", "commitment", "shared")
PERIODS = ("year", "month", "once")
COSIGN = ("none", "optional", "required")
PREFILL = ("name", "id_number", "birth_date", "mobile", "region")
#: What a material may be handed in as; the words stand in the files.
ACCEPT = {
    "image": ("image/jpeg", "image/png", "image/webp", "image/heic"),
    "pdf": ("application/pdf",),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice: ``value`` is stored, ``label`` is read."""

    value: str
    label: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the form."""

    code: str
    title: str
    title_en: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One question. ``min``/``max``: length of a text, count of choices, value of an integer, or a
    date (ISO, or ``today``); ``prefill`` names the known datum it starts from."""

    name: str
    type: str
    label: str
    label_en: str
    hint: str
    hint_en: str
    required: bool
    options: tuple[Option, ...]
    min: int | str | None
    max: int | str | None
    when: Rule | None
    step: str
    prefill: str

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(option.value for option in self.options)


@dataclass(frozen=True, slots=True)
class MaterialRule:
    """One material 材料; ``accept`` are media types, ``when`` says for whom it is wanted.

    ``mode``: required, deferrable 容缺, commitment 承诺 (``text`` is the promise), shared 共享免提交.
    """

    code: str
    label: str
    label_en: str
    hint: str
    mode: str
    accept: tuple[str, ...]
    max_files: int
    when: Rule | None
    text: str

    @property
    def needed(self) -> bool:
        """Whether an application cannot be handed in without it."""
        return self.mode == "required"


@dataclass(frozen=True, slots=True)
class WorkflowLevel:
    """One office in the row; ``notice_days``: working days of public notice after its approval, 0 for none."""

    level: str
    label: str
    label_en: str
    notice_days: int


@dataclass(frozen=True, slots=True)
class Notice:
    """What a public notice 公示 shows, and from how many people in a place it shows names at all."""

    shows: tuple[str, ...]
    min_people: int
    #: The joint title shown instead of the item's name ("": the item's own name).
    title: str
    title_en: str = ""


@dataclass(frozen=True, slots=True)
class AmountClass:
    """One amount 档次 of a benefit: whole yuan per period, for whom ``when`` holds (the first that fits)."""

    code: str
    label: str
    label_en: str
    yuan: int
    when: Rule | None


@dataclass(frozen=True, slots=True)
class Benefit:
    """Money that an approval leads to. ``period``: year, month, once; ``bank``, ``account``: questions of the form."""

    period: str
    classes: tuple[AmountClass, ...]
    bank: str
    account: str


@dataclass(frozen=True, slots=True)
class Collecting:
    """Supplies that are handed over at a point, or posted when the answer to ``question`` is ``mail``.

    ``every_days``: one request in so many days.
    """

    question: str
    mail: str
    every_days: int


@dataclass(frozen=True, slots=True)
class CertificateTemplate:
    """What is issued in the end. ``validity_months`` None: permanent; ``shows``: answers printed on it."""

    type: str
    prefix: str
    title: str
    title_en: str
    validity_months: int | None
    statement: str
    shows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the self-check: ``must`` holds, or the person reads ``reason``."""

    must: Rule
    when: Rule | None
    reason: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class Calculator:
    """A yearly amount paid by months: ``yuan_per_year`` for ``months`` from birth, counted from a day on."""

    yuan_per_year: int
    months: int
    born_from: str
    counted_from: str


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """One version of a service item; ``source`` is what the file said, ``version`` 0 before publishing.

    ``open``: one can apply here and now; always false for guides and bookings.
    """

    code: str
    version: int
    kind: str
    open: bool
    position: int
    name: str
    name_en: str
    summary: str
    summary_en: str
    aliases: tuple[str, ...]
    regions: tuple[str, ...]
    cosign: str
    #: For whom a spouse may or must sign; None: for everyone.
    cosign_when: Rule | None
    consents: tuple[str, ...]
    draft_days: int
    correction_days: int
    retention_days: int
    #: Days that materials stay after the end of a case.
    material_days: int
    reconfirm_months: int | None
    promised_days: int
    legal_days: int
    workflow: tuple[WorkflowLevel, ...]
    notice: Notice | None
    benefit: Benefit | None
    collecting: Collecting | None
    #: How long a visit at home takes; None: the office does not come.
    visit_minutes: int | None
    steps: tuple[Step, ...]
    form: tuple[FormField, ...]
    materials: tuple[MaterialRule, ...]
    eligibility: tuple[Requirement, ...]
    certificate: CertificateTemplate | None
    calculator: Calculator | None
    example: Mapping[str, Any]
    source: Mapping[str, Any]

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(step.level for step in self.workflow)

    @property
    def field_names(self) -> frozenset[str]:
        return frozenset(field.name for field in self.form)

    @property
    def targets(self) -> frozenset[str]:
        """What a correction may name: questions and materials (publishing keeps their names apart)."""
        return self.field_names | {material.code for material in self.materials}

    def asks_cosignature(self, answers: Mapping[str, Any]) -> bool:
        """Whether a spouse may or must sign, for these answers (publishing refuses ages in the condition)."""
        return self.cosign != "none" and holds(self.cosign_when, answers, on=date.min)

    def amount_class(self, answers: Mapping[str, Any], *, on: date) -> AmountClass | None:
        """The first amount class whose condition holds; ``None`` for an item without a benefit, or for nobody."""
        classes = self.benefit.classes if self.benefit else ()
        return next((one for one in classes if holds(one.when, answers, on=on)), None)

    def notice_days(self, level: str) -> int:
        """Working days of public notice after the approval of ``level``; 0 when it has none."""
        return next((step.notice_days for step in self.workflow if step.level == level), 0)

    def field(self, name: str) -> FormField:
        """The question of that name; ``KeyError`` when the form has none."""
        for field in self.form:
            if field.name == name:
                return field
        raise KeyError(name)

    def offered_in(self, region: str) -> bool:
        """Whether the item exists in a region (12 digits)."""
        return not self.regions or region.startswith(self.regions)
