"""Rating 好差评: five faces on the page of a finished case, one tap, words if one likes."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from backend.applications import ratings
from backend.kernel.errors import Conflict, Invalid, Problem
from backend.schemas.statistics import RateSchema
from backend.web.cases import own
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import field_errors, say
from h5 import cases
from h5.paths import with_word

blp = Blueprint("h5_ratings", __name__, url_prefix="/applications/<id:application>/rating")


@blp.get("")
def show(application: int) -> str:
    """The form by itself, or the rating that was given with the office's answer."""
    return _page(application, {}, {})


@blp.post("")
def rate(application: int) -> Response:
    """Keep the rating; a second tap finds it kept."""
    try:
        body: dict[str, Any] = RateSchema().load(_typed())
        once(ratings.rate, **own(application), **body)
    except ValidationError as wrong:
        return _again(application, {name: say(texts[0]) for name, texts in wrong.messages_dict.items()})
    except Invalid as problem:
        return _again(application, field_errors(problem), problem)
    except Conflict as problem:
        if problem.code != "already_rated":
            raise
    return redirect(with_word(url_for("h5_applications.show", application=application), "rated"), 303)


def part(application: int) -> dict[str, Any] | None:
    """What the page of a finished case shows of it; nothing when it can no longer be rated."""
    found = of(application)
    if found["status"] == "closed":
        return None
    return {"rating": found, "faces": faces(), "tags": tags(), "key": secrets.token_urlsafe(16)}


def of(application: int) -> dict[str, Any]:
    """The rating of a case as pages show it."""
    with runtime().db.reading() as session:
        return ratings.mine(session, **own(application))


def faces() -> list[tuple[int, str]]:
    """The five levels, best first."""
    return [(score, say(label)) for score, label in ratings.SCORES.items()]


def tags() -> list[tuple[str, str, None]]:
    """What can be ticked, as a field of choices wants it."""
    return [(code, say(label), None) for code, label in ratings.TAGS.items()]


def _typed() -> dict[str, Any]:
    form = request.form
    score = form.get("score", "")
    return {
        "score": int(score) if score in "12345" and len(score) == 1 else 0,
        "tags": form.getlist("tags"),
        "comment": form.get("comment", "").strip() or None,
    }


def _again(application: int, errors: dict[str, str], problem: Problem | None = None) -> Response:
    """The form with every word still in it."""
    return make_response(_page(application, _typed(), errors), problem.status if problem else 422)


def _page(application: int, typed: dict[str, Any], errors: dict[str, str]) -> str:
    return render_template(
        "applications/rating.html",
        application=application,
        name=cases.name_of(cases.load(application)),
        rating=of(application),
        faces=faces(),
        tags=tags(),
        typed=typed,
        errors=errors,
        key=secrets.token_urlsafe(16),
    )
