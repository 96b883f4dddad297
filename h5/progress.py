"""Where a case is, by its number and the last four digits of the mobile; nobody needs to sign in."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.kernel.errors import NotFound, Wrong
from backend.kernel.text import ascii_digits
from backend.web.lookups import progress
from h5.cases import KINDS, headline

blp = Blueprint("h5_progress", __name__, url_prefix="/progress")

NUMBER, DIGITS = 24, 4


@blp.get("")
def form() -> str:
    """Ask for number and digits."""
    return render_template("progress/form.html", number="", errors=[])


@blp.post("")
def look() -> str | Response:
    """Status and dates, nothing about the person."""
    number = request.form.get("number", "").strip()[:NUMBER]
    try:
        digits = ascii_digits(request.form.get("mobile_last4", "").strip()[:8])
    except Wrong:
        digits = ""
    if not number or len(digits) != DIGITS:
        return _again(number, "#f-mobile_last4" if number else "#f-number", _("请填申请编号和手机号后 4 位"))
    try:
        case = progress(number, digits)
    except NotFound:
        sentence = _("没有查到。请对照回执看看编号和手机号后 4 位；一天最多试 5 次，也可以登录后查")
        return _again(number, "#f-number", sentence)
    return render_template("progress/show.html", case=case, kind=KINDS[case["status"]], headline=headline(case))


def _again(number: str, target: str, sentence: str) -> Response:
    return make_response(render_template("progress/form.html", number=number, errors=[(target, sentence)]), 422)
