"""Handing a tip over 移送 at the console: what goes along, the password to tell, the package to take once."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, make_response, request, url_for
from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from backend.kernel.errors import Conflict, Invalid
from backend.kernel.text import small_number
from backend.schemas.tip_transfers import TransferSchema
from backend.tips import entries, handover
from backend.tips.handover import Transfer
from backend.web import tip_desk, tip_handover
from backend.web.words import field_errors, say
from h5.dates import day
from h5.staff import console, tip_lock, tip_words

blp = tip_lock.install(Blueprint("h5_staff_tip_handover", __name__, url_prefix="/staff/tips"))
PLACE = "/<uuid:tip_id>/transfers"
Typed = dict[str, Any]
_EMPTY: Typed = {"to": None, "office": "", "note": "", "entries": [], "with_text": True}


@blp.get(PLACE)
def form(tip_id: str) -> str:
    """To whom, and what goes along: only the report, unless more is chosen."""
    return _page(tip_id, _EMPTY, {})


@blp.post(PLACE)
def hand_over(tip_id: str) -> str | Response:
    """Hand it over and show the password."""
    typed = _typed()
    try:
        loaded = TransferSchema().load(typed | {"version": small_number(request.form.get("version", ""))})
        given = Transfer(loaded["to"], loaded["office"], loaded["note"], loaded["entries"], loaded["with_text"])
        handed = tip_handover.write(tip_id, given, loaded["version"])
    except ValidationError as refused:
        errors = {name: _first(texts) for name, texts in refused.messages_dict.items()}
        return make_response(_page(tip_id, typed, errors), 422)
    except (Conflict, Invalid) as problem:
        errors = field_errors(problem) or {"": say(problem.title)}
        return make_response(_page(tip_id, typed, errors), problem.status)
    back = url_for("h5_staff_tips.one", tip_id=tip_id)
    return console.page("tips/handed.html", tip_id=tip_id, handed=handed, office=given.office, back=back)


@blp.post(f"{PLACE}/<uuid:transfer_id>/package")
def package(tip_id: str, transfer_id: str) -> Response:
    """The package, once; after that the form, to hand over again."""
    try:
        return tip_handover.package(tip_id, transfer_id)
    except Conflict as problem:
        return make_response(_page(tip_id, _EMPTY, {"": say(problem.title)}), problem.status)


def _typed() -> Typed:
    posted = request.form
    return {
        "to": posted.get("to"),
        "office": posted.get("office", ""),
        "note": posted.get("note", ""),
        "entries": posted.getlist("entry"),
        "with_text": posted.get("with_text") == "yes",
    }


def _page(tip_id: str, typed: Typed, errors: dict[str, str]) -> str:
    found = tip_desk.opened(tip_id)
    kept = [one for one in found["messages"] if one["kind"] in handover.ALONG and one["text"] is not None]
    return console.page(
        "tips/handover.html",
        tip=found,
        offices=[(value, say(label), None) for value, label in handover.OFFICES.items()],
        along=[(one["id"], *_words(one)) for one in kept],
        typed=typed,
        errors=errors,
        key=secrets.token_urlsafe(16),
        back=url_for("h5_staff_tips.one", tip_id=tip_id),
    )


def _words(one: dict[str, Any]) -> tuple[str, str]:
    """What an entry is, and what it says."""
    if one["kind"] == entries.EVIDENCE:
        return tip_words.evidence(one), f"{day(one['day'])} · {tip_words.size(one['size'] or 0)}"
    if one["kind"] == entries.FINDING:
        return _("核查记录"), f"{day(one['day'])} · {one['text']}"
    who = _("举报人后来写的") if one["author"] == entries.REPORTER else _("我们写的")
    return who, f"{day(one['day'])} · {one['text']}"


def _first(texts: Any) -> str:
    """The first sentence about a field, also about an entry of a list."""
    while isinstance(texts, dict):
        texts = next(iter(texts.values()))
    return say(texts[0])
