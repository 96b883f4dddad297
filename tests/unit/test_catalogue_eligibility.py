"""The self-check of the shipped items, and the subsidy calculator."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from backend.catalogue import eligibility, files
from backend.catalogue.definition import Calculator, ItemDefinition
from backend.kernel.errors import Invalid
from config.settings import ROOT
from tests.catalogue_samples import NOW

SUBSIDY = Calculator(3600, 36, "2022-01-01", "2025-01-01")


def shipped(code: str) -> ItemDefinition:
    purposes = frozenset(tomllib.loads((ROOT / "config" / "consents.toml").read_text(encoding="utf-8")))
    path: Path = ROOT / "config" / "catalogue" / f"{code}.toml"
    return files.load(path, purposes=purposes, now=NOW)[0]


@pytest.mark.parametrize(
    ("born", "months"),
    [
        (date(2021, 12, 31), 0),
        (date(2022, 1, 1), 1),
        (date(2022, 12, 31), 12),
        (date(2024, 12, 1), 36),
        (date(2025, 1, 1), 36),
        (date(2026, 5, 20), 36),
    ],
)
def test_subsidy_counts_months_to_the_third_birthday_from_2025_on(born: date, months: int) -> None:
    assert eligibility.months_paid(SUBSIDY, born) == months
    assert eligibility.yuan(SUBSIDY, months) == months * 300


def test_subsidy_guide_estimates_the_amount() -> None:
    verdict = eligibility.verdict(shipped("childcare-subsidy-guide"), {"child_born_on": "2024-06-01"}, now=NOW)
    assert (verdict.reasons, verdict.months, verdict.yuan) == ((), 30, 9000)


def test_self_check_takes_the_answers_of_the_whole_form() -> None:
    item = shipped("migrant-proof")
    assert eligibility.verdict(item, item.example, now=NOW).reasons == ()


def test_self_check_needs_only_the_questions_it_looks_at() -> None:
    answers = {"born_on": "2010-01-01", "registered_here": False}
    assert len(eligibility.verdict(shipped("migrant-proof"), answers, now=NOW).reasons) == 2


def test_self_check_names_what_is_not_answered_and_what_is_unknown() -> None:
    with pytest.raises(Invalid) as refused:
        eligibility.verdict(shipped("migrant-proof"), {"born_on": "1990-01-01", "x": 1}, now=NOW)
    assert set(refused.value.errors) == {"answers.registered_here", "answers.x"}


def test_requirement_applies_only_where_its_condition_holds() -> None:
    item = shipped("special-support")
    deceased = {**item.example, "situation": "deceased"}
    mild = {**item.example, "disability_grade": 4}
    assert [len(eligibility.verdict(item, answers, now=NOW).reasons) for answers in (deceased, mild)] == [0, 1]
