"""Tips 举报 at the console: the list, one tip, what is done with it. No search and no export, on purpose."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError
from werkzeug.wrappers import Response as BaseResponse

from backend.kernel.errors import Conflict, Invalid, Problem
from backend.kernel.text import small_number
from backend.lifecycles.tip import TIP
from backend.schemas.staff_tips import TipMergeSchema, TipMoveSchema, TipWordsSchema
from backend.tips import cursors, dialogue, entries, lines, merging, moving, patterns, recipients
from backend.tips.moving import Words
from backend.web import investigators, tip_desk, tip_evidence_view
from backend.web.context import runtime
from backend.web.tip_evidence_view import PICTURE, SOUND
from backend.web.words import field_errors, say
from h5.paths import with_word
from h5.staff import console, tip_lock, tip_words

blp = tip_lock.install(Blueprint("h5_staff_tips", __name__, url_prefix="/staff/tips"))
LIMIT = 20
ONE = "/<uuid:tip_id>"
#: Pages of other rooms about one tip, shown once they exist: endpoint and the status they begin from (any: None).
OTHERS = (("h5_staff_tip_handover.form", None), ("h5_staff_tip_rewards.form", "substantiated"))
KEYS = "h5_staff_tip_keys.show"
REDACT = "h5_staff_tip_redactions.show"


@blp.get("")
def show() -> str:
    """Days and statuses; names once the key is open."""
    view = request.args.get("view", lines.VIEWS[0])
    view = view if view in lines.VIEWS else lines.VIEWS[0]
    found = tip_desk.listing(view=view, after=cursors.read(request.args.get("cursor")), limit=LIMIT)
    cursor = found["next_cursor"]
    return console.page(
        "tips/list.html",
        tips=found["items"],
        opener=investigators.open_key(),
        refusal=_refusal() if found["locked"] else "",
        paying=_paying(),
        words=tip_words,
        categories=tip_words.categories(),
        view=view,
        keys=url_for(KEYS) if _there(KEYS) else None,
        more=url_for(".show", view=view, cursor=cursor) if cursor else None,
    )


@blp.post("/unlock")
def unlock() -> BaseResponse:
    """Open the key for a quarter of an hour, then on to where the lock stood in the way."""
    return tip_lock.onward()


@blp.post("/lock")
def lock() -> BaseResponse:
    """Close it at once."""
    investigators.lock()
    response = redirect(url_for(".show"), 303)
    investigators.forget(response)
    return response


@blp.get("/patterns")
def institutions() -> str:
    """Targets that were reported more than once."""
    opener = investigators.opener()
    with runtime().tips.db.reading() as session:
        found = patterns.patterns(session, opener=opener)
    labels = {status.value: say(label) for status, label in TIP.labels.items()}
    return console.page("tips/patterns.html", patterns=found, labels=labels, words=tip_words, back=url_for(".show"))


@blp.get(ONE)
def one(tip_id: str) -> str:
    """One tip, opened; the opening is logged."""
    return _page(tip_id)


@blp.post(f"{ONE}/messages")
def tell(tip_id: str) -> Response | BaseResponse:
    """Write to the reporter, or ask."""
    form = {"text": request.form.get("text", ""), "ask": request.form.get("ask") == "yes"}
    return _do(tip_id, dialogue.say, TipWordsSchema(), form)


@blp.post(f"{ONE}/moves")
def move(tip_id: str) -> Response | BaseResponse:
    """Begin, conclude, close, reopen."""
    form = {name: request.form.get(name, "") for name in ("move", "note", "tell")}
    return _do(tip_id, _move, TipMoveSchema(), form)


@blp.post(f"{ONE}/merge")
def merge(tip_id: str) -> Response | BaseResponse:
    """Let another tip about the same target go on, or separate them again."""
    return _do(tip_id, merging.merge, TipMergeSchema(), {"into": request.form.get("into") or None})


@blp.post(f"{ONE}/evidence/<uuid:entry_id>")
def look(tip_id: str, entry_id: str) -> str | Response:
    """Open one piece of evidence: a picture or a recording in the page, a PDF as a file."""
    found = next((e for e in tip_desk.opened(tip_id)["messages"] if e["id"] == entry_id), None)
    if found is None or found["mime"] not in (PICTURE, SOUND):
        return tip_evidence_view.view(tip_id, entry_id)
    return _with_sound(
        console.page(
            "tips/evidence.html", found=found, tip_id=tip_id, words=tip_words, back=url_for(".one", tip_id=tip_id)
        )
    )


@blp.get(f"{ONE}/evidence/<uuid:entry_id>/content")
def content(tip_id: str, entry_id: str) -> Response:
    """The bytes for that page; the look is logged."""
    return tip_evidence_view.view(tip_id, entry_id)


def _move(session: Any, /, *, move: str, note: str, tell: str, **arguments: Any) -> str:
    return moving.move(session, name=move, words=Words(note, tell), **arguments)


def _do(tip_id: str, command: Any, schema: Schema, form: dict[str, Any]) -> Response | BaseResponse:
    """Carry out what a form asks for; else the page again with what was typed and the sentence beside it."""
    form |= {"version": small_number(request.form.get("version", ""))}
    try:
        tip_desk.act(command, tip_id, **schema.load(form))
    except ValidationError as refused:
        errors = {name: say(texts[0]) for name, texts in refused.messages_dict.items()}
        return make_response(_page(tip_id, form, errors), 422)
    except (Conflict, Invalid) as problem:
        errors = field_errors(problem) or {"": say(problem.title)}
        return make_response(_page(tip_id, form, errors), problem.status)
    return redirect(with_word(url_for(".one", tip_id=tip_id), "saved"), 303)


def _page(tip_id: str, form: dict[str, Any] | None = None, errors: dict[str, str] | None = None) -> str:
    found = tip_desk.opened(tip_id)
    offered = any(entry["kind"] == entries.REWARD for entry in found["messages"])
    others = [
        (label, url_for(endpoint, tip_id=tip_id))
        for (endpoint, status), label in zip(OTHERS, (_("移送给别的部门"), _("定奖励")), strict=True)
        if _there(endpoint) and status in (None, found["status"]) and not (status and offered)
    ]
    return console.page(
        "tips/one.html",
        tip=found,
        target=(found["report"] or {}).get("target"),
        said=[entry for entry in found["messages"] if entry["kind"] != entries.REPORT],
        report_id=next((e["id"] for e in found["messages"] if e["kind"] == entries.REPORT), None),
        months=patterns.months([found["received_on"], *(other["received_on"] for other in found["same_target"])]),
        deeds=tip_desk.history(tip_id),
        moves=[(name, say(TIP.move(name).label)) for name in found["allowed_actions"] if name in moving.BY_ITSELF],
        form=form or {},
        errors=errors or {},
        words=tip_words,
        others=others,
        oversight=say(runtime().tips.line.oversight),
        redact=REDACT if _there(REDACT) else None,
        key=secrets.token_urlsafe(16),
        back=url_for(".show"),
    )


def _with_sound(page: str) -> Response:
    """The picture or recording comes from these pages and nowhere else."""
    response = make_response(page)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


def _refusal() -> str:
    """Why there is nothing to unlock; empty when only the passphrase is missing."""
    try:
        investigators.key()
    except Problem as problem:
        return say(problem.title)
    return ""


def _paying() -> bool:
    """Whether this key is the reward officer's: no tip is sealed to it."""
    try:
        return investigators.key().duty == recipients.PAY
    except Problem:
        return False


def _there(endpoint: str) -> bool:
    return endpoint in current_app.view_functions
