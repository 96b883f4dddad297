"""Taking a case over 接手 from the console of a level above."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.applications import takeover
from backend.kernel.errors import Conflict, Forbidden, Invalid, Wrong
from backend.kernel.text import clean
from backend.web.context import runtime
from backend.web.once import once
from h5.staff import cases, console, forms

blp = Blueprint("h5_staff_takeover", __name__, url_prefix="/staff/applications/<string:number>/takeover")
LONGEST, LONGEST_NAME = 500, 64


@blp.post("")
def take_over(number: str) -> Response:
    """Out of the holder's hands, with a reason they are told."""
    at = runtime()
    to = request.form.get("to", "").strip()[:LONGEST_NAME]
    try:
        reason = clean(request.form.get("takeover_reason", ""), max_length=LONGEST, multiline=True)
        once(
            takeover.take_over,
            vault=at.vault,
            reviewer=console.clerk(),
            number=number,
            reason=reason,
            to=to or None,
            now=at.clock(),
        )
    except Wrong as wrong:
        return cases.refused(cases.load(number), forms.fresh(), _missing(wrong))
    except (Conflict, Forbidden, Invalid) as problem:
        return cases.refused(cases.load(number), forms.fresh(), problem)
    return redirect(url_for("h5_staff_cases.show", number=number, done="takeover"), 303)


def _missing(wrong: Wrong) -> Invalid:
    return Invalid("unfinished", wrong.text, errors={"takeover_reason": [wrong.text]})
