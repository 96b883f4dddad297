"""My account: who I am, what I agreed to, a copy of my data, and the end of the account."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response as Answer, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.accounts import consents, export, queries, requirements, service
from backend.accounts.queries import ResidentCard
from backend.kernel.errors import Conflict, Forbidden, Invalid
from backend.web import copies, leaving, sessions
from backend.web.context import runtime
from backend.web.files import download
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import field_errors, language, say
from h5.identities import Typed, id_types, typed
from h5.paths import own_path, with_word

blp = Blueprint("h5_me", __name__, url_prefix="/me")


@blp.get("")
def show() -> str:
    """Everything about the account, masked."""
    return render_template("me/show.html", card=_card())


@blp.get("/identity")
def identity() -> str:
    """Name and document."""
    return _identity_page(Typed(), {})


@blp.post("/identity")
def put_identity() -> str | Response:
    """Keep them, or say which part is wrong."""
    at, given = runtime(), typed()
    try:
        at.db.transact(
            service.put_identity,
            at.vault,
            resident_id=caller().id,
            name=given.name,
            id_type=given.id_type,
            id_number=given.id_number,
            now=at.clock(),
        )
    except (Invalid, Conflict) as refused:
        wrong = field_errors(refused) or {"id_number": say(refused.title)}
        return make_response(_identity_page(given, wrong), refused.status)
    return redirect(_back(), 303)


@blp.get("/consents")
def agreed() -> str:
    """What this person agreed to, with the text that was shown."""
    return render_template("me/consents.html", cards=_consents(), labels=purposes())


@blp.post("/consents/<string:purpose>/withdrawal")
def withdraw_consent(purpose: str) -> Response:
    """From now on without it."""
    at = runtime()
    at.db.transact(consents.withdraw, resident_id=caller().id, purpose=purpose, purposes=at.purposes, now=at.clock())
    return redirect(with_word(url_for("h5_me.agreed"), "consent_back"), 303)


@blp.get("/export")
@blp.get("/export/<id:made>")
def copy(made: int | None = None) -> str:
    """Ask for a copy of everything, or see how far it is."""
    card = None if made is None else _export(made)
    return render_template("me/export.html", export=card, guarded=copies.guarded(card.content) if card else False)


@blp.post("/export")
def request_copy() -> Response:
    """Begin a copy; while one is being made it is that one."""
    made = once(export.request, resident_id=caller().id, now=runtime().clock())
    return redirect(url_for("h5_me.copy", made=made), 303)


@blp.get("/export/<id:made>.json")
def download_copy(made: int) -> Answer | Response:
    """The copy as a file; where it holds a result, after one more code."""
    try:
        card = copies.own_copy(made)
    except Forbidden:
        return redirect(url_for("h5_second_step.show", next=url_for("h5_me.copy", made=made)), 303)
    if card.content is None:
        return redirect(url_for("h5_me.copy", made=made), 303)
    content = orjson.dumps(card.content, option=orjson.OPT_INDENT_2)
    return download(content, mime="application/json", name="my-data.json")


@blp.get("/erasure")
def erase_page() -> str:
    """What an erasure means."""
    return render_template("me/erasure.html", problem=None, error=None)


@blp.post("/erasure")
def erase() -> str | Response:
    """Erase the account for good, unless a case is still open."""
    if not request.form.get("sure"):
        return make_response(render_template("me/erasure.html", problem=None, error=_("请先打勾")), 422)
    try:
        leaving.leave_for_good()
    except Conflict as refused:
        return make_response(render_template("me/erasure.html", problem=say(refused.title), error=None), 409)
    sessions.forget("resident")
    g.pop("caller", None)
    return redirect(with_word("/", "erased"), 303)


def purposes() -> dict[str, str]:
    """What each consent is about, in a few words."""
    return {
        "identity": _("核对身份"),
        "family": _("婚育和家庭情况"),
        "children": _("孩子的信息"),
        "health": _("健康情况"),
        "bank": _("银行账户"),
        "sharing": _("部门之间核对"),
        "delivery": _("邮寄和上门"),
    }


def _card() -> ResidentCard:
    at = runtime()
    with at.db.reading() as session:
        return queries.resident(session, at.vault, caller().id)


def _back() -> str:
    return own_path(request.form.get("next") or request.args.get("next"), with_word(url_for("h5_me.show"), "saved"))


def _identity_page(given: Typed, wrong: dict[str, str]) -> str:
    return render_template(
        "me/identity.html",
        card=_card(),
        typed=given,
        wrong=wrong,
        errors=[(f"#f-{name}", text) for name, text in wrong.items()],
        id_types=id_types(),
        next=own_path(request.form.get("next") or request.args.get("next"), url_for("h5_me.show")),
    )


def _consents() -> list[consents.ConsentCard]:
    at = runtime()
    with at.db.reading() as session:
        return consents.listed(
            session,
            resident_id=caller().id,
            purposes=at.purposes,
            required_for=requirements.required_for(session),
            language=language(),
        )


def _export(made: int) -> Any:
    at = runtime()
    with at.db.reading() as session:
        return export.read(session, at.vault, resident_id=caller().id, export_id=made, now=at.clock())
