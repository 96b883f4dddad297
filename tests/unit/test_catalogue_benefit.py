"""What a benefit in a service item must say, and which amount class a person gets."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, strategies as st

from backend.catalogue import files
from config.consents import load_consents
from config.settings import ROOT
from tests.catalogue_samples import NOW, SMALL, item

BENEFIT = """
[benefit]
period = "year"
bank = "spouse_name"
account = "spouse_name"

[[benefit.classes]]
code = "married"
label = "一档"
label_en = "First"
yuan = 960
when = { field = "marital_status", is = "married" }

[[benefit.classes]]
code = "other"
label = "二档"
label_en = "Second"
yuan = 480
"""
WRONG = [
    ('period = "year"', 'period = "week"', "period 只能是"),
    ('bank = "spouse_name"', 'bank = "gone"', "没有“gone”这个问题"),
    ('account = "spouse_name"', 'account = "gone"', "没有“gone”这个问题"),
    ('account = "spouse_name"', 'account = "children"', "要是文字题"),
    ('account = "spouse_name"\n', "", "account"),
    ("yuan = 960", "yuan = 0", "yuan"),
    ("yuan = 960", "yuan = 9.6", "不能写 9.6"),
    ("yuan = 960", 'yuan = "960"', "yuan"),
    ("yuan = 960", "yuan = -1", "yuan"),
    ('code = "other"', 'code = "married"', "写了两次"),
    ('code = "other"', 'code = "No 2"', "code"),
    ('is = "married"', 'is = "wed"', "不会有 'wed'"),
    ('field = "marital_status"', 'field = "gone"', "没有“gone”这个问题"),
    ("yuan = 480", "yuan = 480\nmonths = 3", "不认识“months”"),
    ('period = "year"', 'period = "year"\ncurrency = "x"', "不认识“currency”"),
    ('label_en = "First"\n', "", "label_en"),
]


@pytest.mark.parametrize(("before", "after", "said"), WRONG, ids=[after or before for before, after, _ in WRONG])
def test_a_wrong_benefit_is_refused_in_words(before: str, after: str, said: str) -> None:
    assert before in BENEFIT
    with pytest.raises(files.RefusedError) as refused:
        item(SMALL + BENEFIT.replace(before, after, 1))
    assert any(said in str(complaint) for complaint in refused.value.complaints)


def test_a_benefit_without_classes_is_refused() -> None:
    with pytest.raises(files.RefusedError) as refused:
        item(SMALL + BENEFIT.split("[[")[0])
    assert any("至少要有一个档次" in str(complaint) for complaint in refused.value.complaints)


def test_the_first_class_that_fits_is_the_one() -> None:
    small = item(SMALL + BENEFIT)
    codes = [small.amount_class(answers, on=date(2026, 11, 23)) for answers in ({"marital_status": "married"}, {})]
    assert [one.code if one else "" for one in codes] == ["married", "other"]


def test_an_item_without_a_benefit_has_no_class() -> None:
    assert item(SMALL).amount_class({}, on=date(2026, 11, 23)) is None


@pytest.mark.parametrize("code", ["family-award", "special-support", "hardship-support"])
def test_every_benefit_of_the_catalogue_pays_its_example(code: str) -> None:
    path = ROOT / "config" / "catalogue" / f"{code}.toml"
    (definition,) = files.load(path, purposes=frozenset(load_consents()), now=NOW)
    found = definition.amount_class(definition.example, on=date(2026, 11, 23))
    assert found is not None
    assert found.yuan > 0


@given(grade=st.integers(1, 4), situation=st.sampled_from(["deceased", "disabled"]))
def test_special_support_follows_situation_and_grade(grade: int, situation: str) -> None:
    path = ROOT / "config" / "catalogue" / "special-support.toml"
    (definition,) = files.load(path, purposes=frozenset(load_consents()), now=NOW)
    answers = {"situation": situation} | ({"disability_grade": grade} if situation == "disabled" else {})
    found = definition.amount_class(answers, on=date(2026, 11, 23))
    assert (found.code if found else None) == (
        "deceased" if situation == "deceased" else "disabled" if grade <= 3 else None
    )
