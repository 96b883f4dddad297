"""Where a reporter begins: what is kept, what cannot be hidden, and other ways."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from backend.web.tips_context import line

blp = Blueprint("tips_start", __name__, url_prefix="/tips")


@blp.get("")
def show() -> str:
    """The advice."""
    return render_template("tips/start.html", line=line().line)


@blp.get("/leave")
def leave() -> Response:
    """Away from here at once: somewhere ordinary."""
    return redirect(line().line.exit_url, 303)
