"""What a clerk types into the decision form, and what it becomes for the domain."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext as _
from marshmallow import ValidationError

from backend.applications.review import Decision, Defect
from backend.kernel.errors import Invalid, Wrong
from backend.kernel.text import clean, small_number
from backend.schemas.applications import DecisionSchema
from backend.web.words import say

LONGEST = 2000
#: Fields of the decision form: where one was posted, its words are shown again.
DECIDING = frozenset({"fence", "decision", "note"})
#: The remedy stands under the reason in one notice to the applicant.
REMEDY = "怎么补救："


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it is shown: ``reasons`` by target, ``chosen`` targets, ``errors`` by field."""

    key: str
    decision: str = ""
    note: str = ""
    remedy: str = ""
    reason: str = ""
    chosen: frozenset[str] = frozenset()
    reasons: dict[str, str] = field(default_factory=dict)
    #: Of a correction: what to hand in, by target, the last day as typed, why a second notice is needed.
    hand_ins: dict[str, str] = field(default_factory=dict)
    due_on: str = ""
    reason_code: str = ""
    reason_words: str = ""
    #: The conversation's own fields.
    question: str = ""
    remark: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    typed: bool = False


def fresh() -> Form:
    """An empty form."""
    return Form(secrets.token_urlsafe(16))


def typed(errors: dict[str, str] | None = None) -> Form:
    """The form as this request posted it, under a new key: the words go on, the press does not."""
    posted = request.form
    return Form(
        key=secrets.token_urlsafe(16),
        decision=posted.get("decision", ""),
        note=posted.get("note", ""),
        remedy=posted.get("remedy", ""),
        reason=posted.get("reason", ""),
        chosen=frozenset(posted.getlist("item")),
        reasons=_by_target("reason."),
        hand_ins=_by_target("hand_in."),
        due_on=posted.get("due_on", ""),
        reason_code=posted.get("reason_code", ""),
        reason_words=posted.get("reason_words", ""),
        question=posted.get("question", ""),
        remark=posted.get("remark", ""),
        errors=errors or {},
        typed=not DECIDING.isdisjoint(posted),
    )


def _by_target(prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in request.form.items() if name.startswith(prefix)}


def words(name: str) -> str:
    """A field of words that may be empty; ``Invalid`` for what hides in it or is too long."""
    typed_words = request.form.get(name, "")
    if not typed_words.strip():
        return ""
    try:
        return clean(typed_words, max_length=LONGEST, multiline=True)
    except Wrong as wrong:
        raise Invalid("unfinished", wrong.text, errors={name: [wrong.text]}) from wrong


def read(targets: list[str]) -> tuple[Decision | None, int, dict[str, str]]:
    """The posted decision and its fence, or what has to be mended, by field."""
    form = typed()
    errors = _open_ends(form, targets)
    items = _items(form, targets)
    body = {"decision": form.decision, "items": items, "fence": small_number(request.form.get("fence", ""))}
    body |= {name: words for name, words in _optional(form).items() if words}
    try:
        loaded = DecisionSchema().load(body)
    except ValidationError as refused:
        return None, 0, _said(dict(refused.messages_dict), items) | errors
    return _decision(loaded), loaded["fence"], errors


def _decision(loaded: dict[str, Any]) -> Decision:
    defects = tuple(Defect(**item) for item in loaded["items"])
    second = (loaded["reason_code"], loaded["reason_words"])
    return Decision(loaded["decision"], loaded["note"], defects, loaded["due_on"], *second)


def _optional(form: Form) -> dict[str, str]:
    """Words that may be left out; those of a correction count only there."""
    found = {"note": _note(form)}
    if form.decision == "request_correction":
        found |= {"due_on": form.due_on.strip(), "reason_code": form.reason_code}
        found["reason_words"] = form.reason_words.strip()
    return found


def _note(form: Form) -> str:
    if form.decision != "reject" or not form.remedy.strip():
        return form.note.strip()
    return f"{form.note.strip()}\n{REMEDY}{form.remedy.strip()}"


def _items(form: Form, targets: list[str]) -> list[dict[str, str]]:
    """The ticked lines in the order of the form; ticks of another decision do not count."""
    if form.decision != "request_correction":
        return []
    return [
        {"target": one, "reason": form.reasons.get(one, "").strip(), "hand_in": form.hand_ins.get(one, "").strip()}
        for one in targets
        if one in form.chosen
    ]


def _open_ends(form: Form, targets: list[str]) -> dict[str, str]:
    """What a decision must say and does not; nothing typed is dropped in silence."""
    errors: dict[str, str] = {}
    if not form.decision:
        errors["decision"] = _("请选一个决定")
    if form.decision in ("reject", "return", "request_correction") and not form.note.strip():
        errors["note"] = _("请写明原因，申请人会看到")
    if form.decision == "reject" and not form.remedy.strip():
        errors["remedy"] = _("请写怎么补救，让人知道下一步")
    if form.decision == "request_correction":
        errors |= _open_lines(form, targets)
    return errors


def _open_lines(form: Form, targets: list[str]) -> dict[str, str]:
    errors = {
        f"reason.{one}": _("请写哪里不对、要怎么改")
        for one in targets
        if one in form.chosen and not form.reasons.get(one, "").strip()
    }
    errors |= {
        f"reason.{one}": _("写了话没有勾选：要补正请勾上，不要就删掉这句")
        for one in targets
        if one not in form.chosen and (form.reasons.get(one, "") + form.hand_ins.get(one, "")).strip()
    }
    return errors if errors or form.chosen else {"items": _("请勾出要补正的地方，一次说全")}


def _said(messages: dict[str, Any], items: list[dict[str, str]]) -> dict[str, str]:
    """The schema's refusals by the field of the page."""
    errors: dict[str, str] = {}
    for name, found in messages.items():
        if name == "items" and isinstance(found, dict):
            errors |= {f"reason.{items[int(at)]['target']}": _first(what) for at, what in found.items()}
        else:
            errors[name] = _first(found)
    return errors


def _first(found: Any) -> str:
    """The first sentence of nested messages."""
    while isinstance(found, dict):
        found = next(iter(found.values()))
    return say(found[0])
