"""Conditions as data: reading, holding, ages."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from backend.catalogue.rules import RuleError, age, holds, read

DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("rule", "answers", "expected"),
    [
        ({"field": "a", "is": "x"}, {"a": "x"}, True),
        ({"field": "a", "is": "x"}, {}, False),
        ({"field": "a", "not": "x"}, {"a": "y"}, True),
        ({"field": "a", "not": "x"}, {}, False),
        ({"not": {"field": "a", "is": "x"}}, {}, True),
        ({"field": "a", "in": ["x", "y"]}, {"a": "y"}, True),
        ({"field": "a", "has": "x"}, {"a": ["x", "y"]}, True),
        ({"field": "n", "min": 2, "max": 3}, {"n": 3}, True),
        ({"field": "n", "min": 2, "max": 3}, {"n": 4}, False),
        ({"field": "d", "max": "2015-12-31"}, {"d": "2015-12-31"}, True),
        ({"field": "d", "min": 60}, {"d": "1966-11-22"}, True),
        ({"field": "d", "min": 60}, {"d": "1966-11-23"}, False),
        ({"field": "r", "within": ["44", "61"]}, {"r": "610000000000"}, True),
        ({"all": [{"field": "a", "is": "x"}, {"field": "n", "min": 1}]}, {"a": "x", "n": 0}, False),
        ({"any": [{"field": "a", "is": "x"}, {"field": "n", "min": 1}]}, {"a": "x", "n": 0}, True),
    ],
)
def test_rule_holds_as_written(rule: dict[str, Any], answers: dict[str, Any], expected: bool) -> None:
    assert holds(read(rule), answers, on=DAY) is expected


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        "x",
        {"field": "a"},
        {"field": 1, "is": 1},
        {"field": "a", "equals": 1},
        {"field": "a", "is": 1, "in": [1]},
        {"all": []},
        {"all": [], "any": []},
        {"or": [1]},
        {"not": "a"},
    ],
)
def test_rule_in_another_form_is_refused(data: Any) -> None:
    with pytest.raises(RuleError):
        read(data)


def test_age_of_a_leap_day_child_counts_from_the_first_of_march() -> None:
    assert [age(date(2004, 2, 29), day) for day in (date(2026, 2, 28), date(2026, 3, 1))] == [21, 22]
