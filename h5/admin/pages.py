"""What the pages of the administration share: the frame, searches, refusals beside their fields."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from backend.kernel.errors import Problem
from backend.web.words import field_errors, say
from h5.staff import console

PAGE = 20
LONGEST_WORDS = 60


def page(template: str, **values: Any) -> str:
    """A page of the administration."""
    return render_template(f"admin/{template}", console=console.console(), **values)


def words() -> str:
    """What was searched for."""
    return request.args.get("q", "").strip()[:LONGEST_WORDS]


def field(name: str, longest: int = 300) -> str:
    """One line of the posted form."""
    return request.form.get(name, "").strip()[:longest]


def fresh_key() -> str:
    """The key of a form that creates something."""
    return secrets.token_urlsafe(16)


def refused(page_: Callable[[dict[str, str], str], str], problem: Problem) -> Response:
    """The form again: sentences by field, and the refusal itself where no field is to blame."""
    errors = field_errors(problem)
    response = make_response(page_(errors, "" if errors else say(problem.title)), problem.status)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response
