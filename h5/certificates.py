"""My certificates 证件: to show, to download, to have checked."""

from __future__ import annotations

import secrets

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.certificates import files, qr, queries
from backend.certificates.queries import PDF, PNG
from backend.kernel.errors import Conflict
from backend.web import renewals
from backend.web.context import runtime
from backend.web.files import download
from backend.web.guards import caller
from h5.paths import with_word

blp = Blueprint("h5_certificates", __name__, url_prefix="/certificates")

MIME = {PDF: "application/pdf", PNG: "image/png"}


@blp.get("")
def listing() -> str:
    """Newest first."""
    at = runtime()
    with at.db.reading() as session:
        cards, cursor = queries.mine(
            session, resident_id=caller().id, now=at.clock(), cursor=request.args.get("cursor")
        )
    return render_template("certificates/list.html", cards=cards, cursor=cursor)


@blp.get("/<string:number>")
def show(number: str) -> str:
    """One certificate with its QR code, its printed code, and how others check it."""
    at, me = runtime(), caller().id
    with at.db.reading() as session:
        card = queries.owned(session, number=number, resident_id=me, now=at.clock())
        code = queries.printed_code(session, at.vault, number=number, resident_id=me)
    return render_template("certificates/show.html", card=card, code=code, host=request.host)


@blp.get("/<string:number>/renewal")
def renewal(number: str) -> str:
    """What applying for the next one means; nothing is begun before the press."""
    return _renewal(number, None)


@blp.post("/<string:number>/renewal")
def renew(number: str) -> str | Response:
    """Begin it with everything that is known; pressed twice it is one draft."""
    try:
        draft = renewals.renew_certificate(number)
    except Conflict as problem:
        if "application" in problem.extra:
            return redirect(url_for("h5_applications.show", application=problem.extra["application"]), 303)
        return make_response(_renewal(number, problem), problem.status)
    return redirect(with_word(url_for("h5_filling.review", application=draft), "renewed"), 303)


def _renewal(number: str, problem: Conflict | None) -> str:
    at = runtime()
    with at.db.reading() as session:
        card = queries.owned(session, number=number, resident_id=caller().id, now=at.clock())
    return render_template("certificates/renewal.html", card=card, problem=problem, key=secrets.token_urlsafe(16))


@blp.get("/<string:number>.svg")
def qr_code(number: str) -> Response:
    """The QR code: the address of the verification page with the token."""
    at = runtime()
    with at.db.reading() as session:
        card = queries.owned(session, number=number, resident_id=caller().id, now=at.clock())
    return Response(qr.svg(f"{at.settings.base_url}/v/{card.token}"), mimetype="image/svg+xml")


@blp.get("/<string:number>.pdf")
def pdf(number: str) -> Response:
    """The certificate to print."""
    return _file(number, PDF)


@blp.get("/<string:number>.png")
def png(number: str) -> Response:
    """The certificate as a picture for the phone."""
    return _file(number, PNG)


def _file(number: str, kind: str) -> Response:
    at = runtime()
    with at.db.reading() as session:
        found = queries.file_of(session, at.vault, number=number, resident_id=caller().id, kind=kind)
    return download(files.load(at.storage, found), mime=MIME[kind], name=f"{number}.{kind}")
