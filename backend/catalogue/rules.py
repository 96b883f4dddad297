"""Typed conditions as data: when a question is asked, a material wanted, a requirement met.

``{field="marital_status", is="married"}``, ``in``, ``not``, ``has`` (choices), ``min``/``max`` (an integer,
a date, or with a date field the age in full years), ``within`` (region codes by prefix), nested by
``all``, ``any`` and ``not``. A question without an answer makes every plain condition false.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison with the answer of ``field``."""

    field: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class AllOf:
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    rule: Rule


Rule = Test | AllOf | AnyOf | Negation
OPERATORS = ("is", "in", "not", "has", "min", "max", "within")


class RuleError(ValueError):
    """The condition is not written in the form above; the text says why."""


def read(data: object) -> Rule:
    """The rule that a table of the file stands for; ``RuleError`` for anything else."""
    if not isinstance(data, Mapping) or not data:
        raise RuleError('条件要写成 { field = "…", is = "…" } 这样的一组')
    if "field" in data:
        return _tests(data)
    if len(data) != 1:
        raise RuleError("all、any、not 一次只写一个，不和别的放在一起")
    ((word, inner),) = data.items()
    if word == "not":
        return Negation(read(inner))
    if word not in ("all", "any"):
        raise RuleError(f"不认识“{word}”，这里要有 field、all、any 或 not")
    if not isinstance(inner, list) or not inner:
        raise RuleError(f"{word} 后面要有一个或几个条件")
    rules = tuple(read(part) for part in inner)
    return AllOf(rules) if word == "all" else AnyOf(rules)


def _tests(data: Mapping[str, Any]) -> Rule:
    name = data["field"]
    if not isinstance(name, str):
        raise RuleError("field 要写问题的名字")
    words = [word for word in data if word != "field"]
    unknown = [word for word in words if word not in OPERATORS]
    if unknown:
        raise RuleError(f"不认识“{unknown[0]}”，可以写 {'、'.join(OPERATORS)}")
    if not words or (len(words) > 1 and set(words) != {"min", "max"}):
        raise RuleError("一个问题只比一次；只有 min 和 max 可以一起写")
    tests = tuple(Test(name, word, data[word]) for word in words)
    return tests[0] if len(tests) == 1 else AllOf(tests)


def tests(rule: Rule | None) -> Iterator[Test]:
    """Every comparison inside a rule."""
    match rule:
        case Test():
            yield rule
        case AllOf(rules) | AnyOf(rules):
            for part in rules:
                yield from tests(part)
        case Negation(inner):
            yield from tests(inner)


def holds(rule: Rule | None, answers: Mapping[str, Any], *, on: date) -> bool:
    """Whether checked answers meet the rule on a day (ages are counted then); no rule always holds."""
    match rule:
        case None:
            return True
        case Test():
            return rule.field in answers and _meets(rule, answers[rule.field], on)
        case AllOf(rules):
            return all(holds(part, answers, on=on) for part in rules)
        case AnyOf(rules):
            return any(holds(part, answers, on=on) for part in rules)
        case Negation(inner):
            return not holds(inner, answers, on=on)


def _meets(test: Test, answer: Any, on: date) -> bool:
    match test.op:
        case "is":
            return bool(answer == test.value)
        case "not":
            return bool(answer != test.value)
        case "in":
            return answer in test.value
        case "has":
            return test.value in answer
        case "within":
            return str(answer).startswith(tuple(test.value))
    if isinstance(test.value, int) and isinstance(answer, str):
        answer = age(date.fromisoformat(answer), on)
    return bool(answer >= test.value if test.op == "min" else answer <= test.value)


def age(born: date, on: date) -> int:
    """Full years; who is born on 29 February turns a year older on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
