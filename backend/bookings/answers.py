"""What may be answered to a follow-up, pure: posted values into question and answer as she read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.bookings.questions import LONGEST, Kind, Question
from backend.kernel.errors import Invalid, Wrong
from backend.kernel.i18n import N_, Text
from backend.kernel.text import clean


def said(kind: Kind, answers: Mapping[str, Any]) -> list[dict[str, str]]:
    """Question and answer in the words she read, so that later changes of the data change nothing she said."""
    errors: dict[str, list[Text]] = {}
    found = []
    for question in kind.questions:
        try:
            words = _words(question, answers.get(question.name))
        except Wrong as wrong:
            errors[question.name] = [wrong.text]
            continue
        if words:
            found.append({"question": question.label, "answer": words})
    unknown = set(answers) - {question.name for question in kind.questions}
    errors |= {name: [N_("没有这个字段")] for name in unknown}
    if errors:
        raise Invalid("invalid_input", N_("有 %(n)s 处要改", n=len(errors)), errors=errors)
    return found


def _words(question: Question, given: Any) -> str:
    if given is None or given == "":
        if question.required:
            raise Wrong(N_("请选一项，不想说也有一项可以选"))
        return ""
    if question.type == "text":
        if not isinstance(given, str):
            raise Wrong(N_("这里要填文字"))
        return clean(given, max_length=LONGEST, multiline=True) if given.strip() else ""
    labels = {option.value: option.label for option in question.options}
    if not isinstance(given, str) or given not in labels:
        raise Wrong(N_("请从给出的选项里选"))
    return labels[given]


def signed(name: str, contact: str) -> dict[str, str]:
    """Name and how to be reached, only if she wrote them."""
    errors: dict[str, list[Text]] = {}
    found = {}
    for field, given in (("name", name), ("contact", contact)):
        try:
            found[field] = clean(given, max_length=50) if given.strip() else ""
        except Wrong as wrong:
            errors[field] = [wrong.text]
    if errors:
        raise Invalid("invalid_input", N_("有 %(n)s 处要改", n=len(errors)), errors=errors)
    return found
