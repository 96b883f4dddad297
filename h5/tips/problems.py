"""Refusals of the tip line as pages."""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.kernel.errors import Problem
from backend.web.words import say
from h5.tips.screen import page


def problem(found: Problem, *, typed: str = "") -> Response:
    """What happened and what to do. ``typed``: words that would be lost."""
    text = _words(found)
    details = [say(one) for texts in found.errors.values() for one in texts]
    details = [one for one in details if one not in (text, say(found.title))]
    answer = page("tips/problem.html", found.status, text=text, details=details, typed=typed)
    if found.retry_after is not None:
        answer.headers["Retry-After"] = str(found.retry_after)
    return answer


def _words(found: Problem) -> str:
    """Of a page, where the API's words speak of something else; one sentence for all that ends a mailbox."""
    said = {
        "not_found": _("没有这一页"),
        "method_not_allowed": _("这一页关上了，请从下面重新打开"),
        "tip_not_found": _("信箱关上了：过了一小时，或者换过查询码、撤回过。请用查询码再打开一次"),
    }
    return said.get(found.code) or say(found.title)
