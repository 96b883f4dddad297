"""Is this paper real? What a QR code opens, and a form for number and code; nobody needs to sign in."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from backend.certificates import queries, service
from backend.certificates.queries import Verification
from backend.web.context import runtime

blp = Blueprint("h5_verify", __name__)


@blp.get("/verify")
def form() -> str:
    """Number and printed code, or a pasted address."""
    return render_template("verify/form.html", number="", missing=False)


@blp.post("/verify")
def look() -> str:
    """The answer for what was typed."""
    at, pasted = runtime(), request.form.get("pasted", "").strip()
    number, code = request.form.get("number", "").strip(), request.form.get("code", "").strip()
    if pasted:
        return _answer(_by_token(pasted))
    if not (number and code):
        return render_template("verify/form.html", number=number[:40], missing=True)
    return _answer(at.db.transact(service.verify_code, at.vault, number=number, code=code, now=at.clock()))


@blp.get("/v/<path:token>")
def opened(token: str) -> str:
    """What the QR code on a certificate or receipt opens; whatever comes gets an answer in words."""
    return _answer(_by_token(token))


def _by_token(token: str) -> Verification:
    at = runtime()
    with at.db.reading() as session:
        return queries.verify(session, token=token, base_url=at.settings.base_url, now=at.clock())


def _answer(found: Verification) -> str:
    return render_template("verify/answer.html", found=found, host=request.host)
