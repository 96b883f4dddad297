"""A couple's two accounts become one couple: the invited partner accepts with their own login."""

from __future__ import annotations

import secrets

from flask import Blueprint, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from backend.accounts import partners
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import say
from h5.paths import with_word

blp = Blueprint("h5_partner", __name__, url_prefix="/partner-invitations/<string:code>")


@blp.get("")
def show(code: str) -> str:
    """What accepting means."""
    return _page(code, None)


@blp.post("")
def accept(code: str) -> str | Response:
    """Link the two accounts, or say why not."""
    at = runtime()
    try:
        once(partners.accept, vault=at.vault, resident_id=caller().id, code=code, now=at.clock())
    except (NotFound, Invalid, Conflict) as refused:
        return make_response(_page(code, say(refused.title)), refused.status)
    return redirect(with_word(url_for("h5_me.show"), "partner"), 303)


def _page(code: str, problem: str | None) -> str:
    return render_template("me/partner.html", code=code, problem=problem, key=secrets.token_urlsafe(16))
