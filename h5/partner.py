"""A couple's two accounts become one couple: one invites with a link or a QR code, the other accepts."""

from __future__ import annotations

import base64
import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts import partners
from backend.accounts.partners import Invitation
from backend.certificates import qr
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import say
from h5 import checkup_consents
from h5.me import purposes
from h5.paths import own_path, with_word

blp = Blueprint("h5_partner", __name__, url_prefix="/partner-invitations/<string:code>")
mine = Blueprint("h5_my_partner", __name__, url_prefix="/me/partner")

#: Where the way from an invitation goes on, when it began there.
CHECKUP = "checkup"


@mine.get("")
def linked() -> str:
    """Who is linked, or the invitation to show and to send; ``?next=``: where it began."""
    at = runtime()
    with at.db.reading() as session:
        name = partners.name_of(session, resident_id=caller().id)
        standing = None
        if name is None:
            standing = partners.standing(session, at.vault, resident_id=caller().id, now=at.clock())
    link = _link(standing) if standing else ""
    return render_template(
        "me/couple.html",
        name=name,
        invitation=standing,
        link=link,
        picture=_picture(link) if link else "",
        next=_next(),
        key=secrets.token_urlsafe(16),
    )


@mine.post("/invitation")
def invite() -> Response:
    """A fresh invitation; the one before it ends."""
    at = runtime()
    once(partners.invite, vault=at.vault, resident_id=caller().id, now=at.clock())
    return redirect(_here(), 303)


@mine.post("/ending")
def end() -> Response:
    """No longer linked, on both sides; what is booked stays booked."""
    at = runtime()
    at.db.transact(partners.unlink, resident_id=caller().id, now=at.clock())
    return redirect(with_word(_here(), "unlinked"), 303)


@blp.get("")
def show(code: str) -> str | Response:
    """Who asks and what accepting means; at once why not, where it cannot be accepted."""
    at = runtime()
    try:
        with at.db.reading() as session:
            name = partners.asking(session, at.vault, resident_id=caller().id, code=code, now=at.clock())
    except (NotFound, Invalid) as refused:
        return make_response(_page(code, "", say(refused.title), closed=True), refused.status)
    return _page(code, name, None)


@blp.post("")
def accept(code: str) -> str | Response:
    """Link the two accounts and keep what was ticked, or say why not."""
    at = runtime()
    try:
        once(partners.accept, vault=at.vault, resident_id=caller().id, code=code, now=at.clock())
    except (NotFound, Invalid, Conflict) as refused:
        return make_response(_page(code, "", say(refused.title), closed=True), refused.status)
    checkup_consents.keep(checkup_consents.missing())  # what is not ticked now is asked again when a visit is booked
    onward = url_for("h5_checkup.stations") if request.form.get("for") == CHECKUP else url_for("h5_me.show")
    return redirect(with_word(onward, "partner"), 303)


def _page(code: str, name: str, problem: str | None, *, closed: bool = False) -> str:
    return render_template(
        "me/partner.html",
        code=code,
        name=name,
        problem=problem,
        closed=closed,
        consents=[] if closed else checkup_consents.missing(),
        labels=purposes(),
        purpose=CHECKUP if CHECKUP in (request.args.get("for"), request.form.get("for")) else "",
        key=secrets.token_urlsafe(16),
    )


def _link(standing: Invitation) -> str:
    """What is sent; it remembers that a checkup is to be booked."""
    query: dict[str, Any] = {"for": CHECKUP} if _next().startswith("/checkup") else {}
    return f"{runtime().settings.base_url}{url_for('h5_partner.show', code=standing.code, **query)}"


def _picture(text: str) -> str:
    """The QR code inside the page: what it holds links two accounts and must not have an address of its own."""
    return "data:image/svg+xml;base64," + base64.b64encode(qr.svg(text).encode()).decode()


def _next() -> str:
    """Where this person came from and goes on to; "" without."""
    return own_path(request.values.get("next"), "")


def _here() -> str:
    came = _next()
    return url_for("h5_my_partner.linked") + (f"?{urlencode({'next': came})}" if came else "")
