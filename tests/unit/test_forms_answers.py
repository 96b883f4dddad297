"""The server's own look at answers: conditions replayed, types strict, content kept byte for byte."""

from __future__ import annotations

from typing import Any

import pytest

from backend.catalogue import answers, forms
from backend.catalogue.forms import Checked
from tests.catalogue_samples import NOW, changed, item

FIELD = """
[[fields]]
name = "x"
type = "{}"
label = "问"
label_en = "Ask"
required = false
{}
[[materials]]"""


def check(given: dict[str, Any], *, complete: bool = False, text: str | None = None) -> Checked:
    return forms.check_answers(item(text) if text else item(), given, complete=complete, now=NOW)


def one(kind: str, value: Any, more: str = "") -> Checked:
    """An extra question ``x`` of a type, answered."""
    text = changed(("\n[[materials]]", FIELD.format(kind, more)))
    definition = item(text)
    return forms.check_answers(
        definition, {"x": value}, complete=False, now=NOW, region_exists=lambda code: code == "370402001013"
    )


def test_complete_answers_pass_in_the_order_of_the_form() -> None:
    checked = check({"children": 2, "spouse_name": "王㐂", "marital_status": "married"}, complete=True)
    assert checked.ok
    assert list(checked.answers) == ["marital_status", "spouse_name", "children"]


def test_hidden_answer_is_dropped_and_named() -> None:
    checked = check({"marital_status": "single", "spouse_name": "李四", "children": 0}, complete=True)
    assert (checked.ok, checked.dropped, "spouse_name" in checked.answers) == (True, ["spouse_name"], False)


def test_draft_may_lack_answers_a_submission_may_not() -> None:
    assert check({}).ok
    assert set(check({}, complete=True).missing) == {"marital_status", "children"}


def test_unknown_question_is_refused() -> None:
    assert set(check({"role": "admin"}).wrong) == {"role"}


@pytest.mark.parametrize("value", [None, "", []])
def test_empty_value_counts_as_no_answer(value: Any) -> None:
    checked = check({"marital_status": value, "children": 1}, complete=True)
    assert set(checked.missing) == {"marital_status"}


NO_INTEGERS = [True, False, 1.5, 1.0, "1.5", "一", [1], {"a": 1}, -1, 21, 2**53 + 1, "9" * 5000, "1\n2"]


@pytest.mark.parametrize("value", NO_INTEGERS, ids=range(len(NO_INTEGERS)))
def test_integer_refuses_everything_but_whole_numbers_within_limits(value: Any) -> None:
    assert set(check({"children": value}).wrong) == {"children"}


@pytest.mark.parametrize("value", ["１２", "12", 12])
def test_integer_takes_digits_of_any_width(value: Any) -> None:
    assert check({"children": value}).answers == {"children": 12}


NO_NAMES = ["a\x00b", "a\u202eb", "a\u200bb", "\ud800", "   ", "一二三四五六", 5, True, ["x"], {"a": "b"}]


@pytest.mark.parametrize("value", NO_NAMES, ids=range(len(NO_NAMES)))
def test_text_refuses_what_deceives_or_is_too_long(value: Any) -> None:
    assert set(check({"marital_status": "married", "spouse_name": value}).wrong) == {"spouse_name"}


@pytest.mark.parametrize("value", ["𠮷㐂䶮", "👨‍👩‍👧", "<b>"])
def test_text_keeps_rare_characters_emoji_and_markup_byte_for_byte(value: str) -> None:
    checked = check({"marital_status": "married", "spouse_name": value})
    assert checked.answers["spouse_name"] == value


NO_DAYS = ["2026-02-30", "2026-1-1", "26-01-01", "2026-11-23", 20260101, "2026-W01-1", "tomorrow"]


@pytest.mark.parametrize("value", NO_DAYS)
def test_date_refuses_what_is_no_day_or_beyond_its_limit(value: Any) -> None:
    assert set(check({"born_on": value}).wrong) == {"born_on"}


def test_date_limit_today_is_the_day_in_china() -> None:
    assert check({"born_on": "２０２６-11-22"}).answers == {"born_on": "2026-11-22"}


CHOICES = """options = [
  { value = "a", label = "甲", label_en = "A" },
  { value = "b", label = "乙", label_en = "B" },
]
"""


@pytest.mark.parametrize(
    ("kind", "value", "more"),
    [
        ("boolean", "true", ""),
        ("boolean", 1, ""),
        ("choice", "c", CHOICES),
        ("choice", ["a"], CHOICES),
        ("choices", "a", CHOICES),
        ("choices", ["a", "a"], CHOICES),
        ("choices", ["a", "b"], "max = 1\n" + CHOICES),
        ("choices", [["a"]], CHOICES),
        ("region", "370402001999", ""),
        ("region", "370402", ""),
        ("id_number", "000000199205180079", ""),
        ("id_number", 1, ""),
        ("mobile", "12800000000", ""),
        ("long_text", "短", "min = 5\n"),
    ],
)
def test_wrong_value_of_a_type_is_refused(kind: str, value: Any, more: str) -> None:
    assert set(one(kind, value, more).wrong) == {"x"}


@pytest.mark.parametrize(
    ("kind", "value", "kept", "more"),
    [
        ("boolean", False, False, ""),
        ("choices", ["b", "a"], ["a", "b"], CHOICES),
        ("region", "３７0402001013", "370402001013", ""),
        ("mobile", "138 0000 0021", "13800000021", ""),
        ("long_text", "第一行\n第二行", "第一行\n第二行", ""),
    ],
)
def test_right_value_of_a_type_is_kept_in_one_form(kind: str, value: Any, kept: Any, more: str) -> None:
    assert one(kind, value, more).answers == {"x": kept}


def test_wrong_words_never_repeat_the_value() -> None:
    text = one("id_number", "000000199205180079").wrong["x"]
    assert "0000" not in str(text)


def test_materials_follow_the_answers() -> None:
    definition = item()
    single, married = (forms.wanted_materials(definition, {"marital_status": s}) for s in ("single", "married"))
    assert [material.code for material in single] == ["id_card"]
    assert [material.code for material in married] == ["id_card", "marriage_certificate"]


def test_material_condition_on_an_age_is_refused_because_it_would_change_with_time() -> None:
    rule = 'when = { field = "marital_status", is = "married" }\n\n[[eligibility]]'
    with pytest.raises(Exception, match="不能看年龄"):
        item(changed((rule, 'when = { field = "born_on", min = 60 }\n\n[[eligibility]]')))


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("boolean", ["true"], True),
        ("boolean", [], None),
        ("choices", ["a", ""], ["a"]),
        ("text", [""], None),
        ("text", ["x"], "x"),
    ],
)
def test_html_form_values_become_json_values(kind: str, values: list[str], expected: Any) -> None:
    field = item(changed(("\n[[materials]]", FIELD.format(kind, CHOICES if kind == "choices" else "")))).field("x")
    assert answers.from_form(field, values) == expected
