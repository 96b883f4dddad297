"""Bad ratings worked off 差评整改: what was said, without a name, and one answer each."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from backend.applications import ratings
from backend.catalogue import queries as catalogue
from backend.kernel import ids
from backend.kernel.errors import Conflict, Problem
from backend.schemas.statistics import RatingAnswerSchema
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import say
from h5 import cases
from h5.staff import console

blp = Blueprint("h5_staff_ratings", __name__, url_prefix="/staff/ratings")
PAGE = 20


@blp.get("")
def show() -> str:
    """Those that wait for this office, the oldest first."""
    return _page({}, {})


@blp.post("/<id:rating>/answer")
def answer(rating: int) -> Response:
    """Keep the answer; the person gets a message."""
    at, typed = runtime(), request.form.get("text", "")
    try:
        text = RatingAnswerSchema().load({"text": typed})["text"]
        once(ratings.answer, vault=at.vault, reviewer=console.clerk(), rating_id=rating, text=text, now=at.clock())
    except ValidationError as wrong:
        return _again(rating, typed, say(next(iter(wrong.messages_dict.values()))[0]), 422)
    except Conflict:
        return redirect(url_for(".show", done="already"), 303)
    except Problem as problem:
        return _again(rating, typed, say(problem.title), problem.status)
    return redirect(url_for(".show", done="answered"), 303)


def _again(rating: int, typed: str, error: str, status: int) -> Response:
    return make_response(_page({ids.encode(rating): typed}, {ids.encode(rating): error}), status)


def _page(typed: dict[str, str], errors: dict[str, str]) -> str:
    at, clerk = runtime(), console.clerk()
    cursor = request.args.get("cursor") if request.method == "GET" else None
    with at.db.reading() as session:
        page = ratings.waiting(session, at.vault, reviewer=clerk, limit=PAGE, cursor=cursor)
        names = catalogue.region_names(session, [line["place"] for line in page.items])
    return console.page(
        "ratings.html",
        lines=[_line(line, names) for line in page.items],
        more=url_for(".show", cursor=page.next_cursor) if page.next_cursor else None,
        typed=typed,
        errors=errors,
        done=request.args.get("done"),
        key=secrets.token_urlsafe(16),
    )


def _line(line: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return line | {"name": cases.name_of(line), "where": names.get(line["place"], "")}
