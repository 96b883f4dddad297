"""Refusals of the tip line as pages."""

from __future__ import annotations

from flask import make_response, render_template
from werkzeug.wrappers import Response

from backend.kernel.errors import Problem
from backend.web.tips_context import line
from backend.web.words import say


def problem(found: Problem) -> Response:
    """What happened and what to do."""
    details = [say(text) for texts in found.errors.values() for text in texts]
    page = render_template("tips/problem.html", text=say(found.title), details=details, line=line().line)
    answer = make_response(page, found.status)
    if found.retry_after is not None:
        answer.headers["Retry-After"] = str(found.retry_after)
    return answer
