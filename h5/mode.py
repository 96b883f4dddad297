"""Choices of the display (care mode, language) and how personal data are protected."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from backend.web.words import LANGUAGES
from h5.dates import CARE
from h5.paths import own_path
from h5.shell import keep_choice

blp = Blueprint("h5_mode", __name__)


@blp.get("/mode")
def choose() -> Response:
    """Switch care mode or language and go back to where the person was."""
    back = redirect(own_path(request.args.get("next")), 303)
    if request.args.get("care") in ("0", "1"):
        keep_choice(back, CARE, request.args["care"])
    if request.args.get("lang") in LANGUAGES:
        keep_choice(back, "lang", request.args["lang"])
    return back


@blp.get("/privacy")
def privacy() -> str:
    """What we keep about a person, why, for how long, and what they may ask for."""
    return render_template("mode/privacy.html")
