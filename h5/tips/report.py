"""The form of a report on one page, and its receipt, shown until the person has written it down."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.kernel.errors import Forbidden, Problem
from backend.web import tips_forms, tips_work
from backend.web.words import say
from h5.tips import typed as typing_in, words
from h5.tips.screen import at, page
from h5.tips.start import investigators
from h5.tips.typed import Typed

blp = Blueprint("tips_report", __name__, url_prefix="/tips/new")

#: Refusals that say themselves that nothing typed is lost.
SAYS_KEPT = ("third_party", "too_early", "slow_lane_full", "tips_busy")


@blp.get("")
def show() -> Response:
    """An empty form."""
    return _form(Typed(), None)


@blp.post("")
def send() -> Response:
    """File it and show the receipt; posted again, the same. What is wrong comes back with all that was typed."""
    typed = typing_in.read(request.form)
    try:
        admission = tips_work.admitted(request.form.get("altcha", ""), request.form.get("ticket", ""))
        report, passphrase = typed.report()
        filed = tips_forms.file(report, passphrase=passphrase, admission=admission)
    except Problem as found:
        return _form(typed, found)
    values: dict[str, Any] = {
        "groups": filed.code.groups,
        "proof": filed.proof,
        "again": filed.again,
        "locked": bool(passphrase),
    }
    return page("tips/receipt.html", ticket=request.form.get("ticket", ""), **values)


@blp.post("/noted")
def noted() -> Response:
    """The code is on paper: from now on nothing shows it."""
    tips_forms.written_down(request.form.get("ticket", ""))
    return page("tips/noted.html", renewed=request.form.get("renewed") == "yes")


def _form(typed: Typed, found: Problem | None) -> Response:
    said = typing_in.errors(found)
    values: dict[str, Any] = {
        "typed": typed,
        "errors": [(f"#f-{name}", words.of_field(name, text)) for name, text in said.items()],
        "kept": found is not None and found.code not in SAYS_KEPT,
        "said": said,
        "marked": typing_in.marked(typed, found),
        "refused": _refused(found),
        "again": found is not None,
    }
    answer = page("tips/new.html", found.status if found else 200, **values, **_choices(), **_pass(found))
    if found and found.retry_after is not None:
        answer.headers["Retry-After"] = str(found.retry_after)
    return answer


def _refused(found: Problem | None) -> str:
    """The API's words for what no longer lets in speak of sums: here it is a page."""
    if isinstance(found, Forbidden):
        return _("这一页交过了，或者放得太久了。还没交的，请再点一次")
    return say(found.title) if found else ""


def _choices() -> dict[str, Any]:
    return {
        "categories": words.categories(),
        "kinds": words.kinds(),
        "places": [(one.code, one.name, None) for one in at().places],
        "months": words.months(at().today),
        "investigators": [(one.id, one.post, None) for one in investigators()],
    }


def _pass(found: Problem | None) -> dict[str, Any]:
    """What lets the form in: what came with it as long as it is good, so that nobody works or waits twice."""
    if found is None or isinstance(found, Forbidden):
        return {"carried": tips_work.carried(), "ticket": "", "altcha": ""}
    return {"carried": None, "ticket": request.form.get("ticket", ""), "altcha": request.form.get("altcha", "")}
