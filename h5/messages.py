"""The inbox 消息."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.applications import queries as applications
from backend.kernel.ids import encode
from backend.notifications import queries, service
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import language
from h5.ids import row_id

blp = Blueprint("messages", __name__)


@blp.get("/messages")
def listing() -> str:
    """Newest first, twenty at a time."""
    at = runtime()
    with at.db.reading() as session:
        cards, cursor = queries.messages(
            session, at.vault, resident_id=caller().id, language=language(), cursor=request.args.get("cursor")
        )
    return render_template("messages/list.html", cards=cards, cursor=cursor)
