"""From posted fields to answers, and from answers back to what a field shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _

from backend.catalogue.answers import from_form
from backend.catalogue.definition import FormField
from backend.kernel.errors import Wrong
from backend.kernel.i18n import Text
from backend.kernel.text import ascii_digits
from backend.web.words import language, say
from h5.shell import in_language


@dataclass(frozen=True, slots=True)
class Question:
    """One field as a page shows it. ``value``: text, list, or (year, month, day) as typed."""

    name: str
    type: str
    label: str
    hint: str
    required: bool
    options: list[tuple[str, str, None]]
    value: Any
    error: str | None
    longest: int | None
    prefill: str


def posted(fields: Sequence[FormField]) -> dict[str, Any]:
    """The answers of this request to these questions; ``None`` for an empty one."""
    return {field.name: _posted(field) for field in fields}


def _posted(field: FormField) -> Any:
    if field.type != "date":
        return from_form(field, request.form.getlist(field.name))
    return typed_day(field.name)


def typed_day(name: str) -> str | None:
    """A day typed in three boxes, as ``_joined`` puts it; ``None`` for empty ones."""
    return _joined(tuple(request.form.get(f"{name}.{part}", "") for part in "ymd"))


def _joined(parts: tuple[str, ...]) -> str | None:
    """``2026-01-05`` of what was typed in three boxes; the boxes as they are when they make no date."""
    try:
        year, month, day = (ascii_digits(part.strip()) for part in parts)
    except Wrong:
        return "-".join(parts)
    if not (year or month or day):
        return None
    return f"{year}-{month.zfill(2)}-{day.zfill(2)}"


def questions(
    fields: Sequence[FormField], answers: dict[str, Any], wrong: dict[str, Text], *, typed: bool
) -> list[Question]:
    """The fields of a page; ``typed``: show what this request posted, right or wrong, else the saved answers."""
    return [_question(field, answers, wrong, typed) for field in fields]


def _question(field: FormField, answers: dict[str, Any], wrong: dict[str, Text], typed: bool) -> Question:
    error = _said(field, wrong[field.name]) if field.name in wrong else None
    return Question(
        name=field.name,
        type=field.type,
        label=in_language(field),
        hint=in_language(field, "hint"),
        required=field.required,
        options=_options(field),
        value=_typed(field) if typed else _shown(field, answers.get(field.name)),
        error=error,
        longest=field.max if isinstance(field.max, int) and field.type in ("text", "long_text") else None,
        prefill=field.prefill,
    )


def _said(field: FormField, text: Text) -> str:
    """A day is typed into three boxes here: how its text is written helps nobody."""
    if field.type == "date" and text.msgid.startswith("没有这一天"):
        return _("没有这一天，请再看看年、月、日")
    return say(text)


def _options(field: FormField) -> list[tuple[str, str, None]]:
    if field.type == "boolean":
        return [("true", _("是"), None), ("false", _("否"), None)]
    return [(option.value, in_language(option), None) for option in field.options]


def _typed(field: FormField) -> Any:
    if field.type == "date":
        return tuple(request.form.get(f"{field.name}.{part}", "")[:10] for part in "ymd")
    if field.type == "choices":
        return request.form.getlist(field.name)
    return request.form.get(field.name, "")


def _shown(field: FormField, answer: Any) -> Any:
    if field.type == "date":
        year, month, day = str(answer).split("-") if answer else ("", "", "")
        return (year, month.lstrip("0"), day.lstrip("0"))
    if field.type == "choices":
        return answer or []
    if isinstance(answer, bool):
        return "true" if answer else "false"
    return "" if answer is None else str(answer)


def summary(questions_: Sequence[Question]) -> list[tuple[str, str]]:
    """For the box above a form: where each mistake is, and what to do."""
    colon = ": " if language() == "en" else "："
    return [(f"#f-{q.name}", f"{q.label.rstrip('？?')}{colon}{q.error}") for q in questions_ if q.error]
