"""Refusals of the tip line as pages."""

from __future__ import annotations

from werkzeug.wrappers import Response

from backend.kernel.errors import Problem
from backend.web.words import say
from h5.tips.screen import page


def problem(found: Problem) -> Response:
    """What happened and what to do."""
    details = [say(text) for texts in found.errors.values() for text in texts]
    answer = page("tips/problem.html", found.status, text=say(found.title), details=details)
    if found.retry_after is not None:
        answer.headers["Retry-After"] = str(found.retry_after)
    return answer
