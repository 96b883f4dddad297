"""Offices 办公室: the name, number and address people see."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.administration import offices
from backend.administration.offices import OfficeLine, Plate
from backend.kernel.errors import Problem
from backend.web.admins import administrator
from backend.web.context import runtime
from h5.admin import pages
from h5.paths import with_word

blp = Blueprint("h5_admin_offices", __name__, url_prefix="/staff/admin/offices")
NAMES = ("name", "phone", "address")


@blp.get("")
def show() -> str:
    """The places of my region with their offices."""
    words, after = pages.words(), request.args.get("after", "")[:12]
    with runtime().db.reading() as session:
        found = offices.page(session, admin=administrator(), words=words, after=after, limit=pages.PAGE + 1)
    lines, more = found[: pages.PAGE], None
    if len(found) > pages.PAGE:
        more = url_for(".show", q=words or None, after=lines[-1].region)
    return pages.page("offices.html", lines=lines, words=words, more=more)


@blp.get("/<string:region>")
def one(region: str) -> str:
    """One office."""
    line = _line(region)
    plate = Plate(line.name, line.phone, line.address)
    return _page(line, plate, plate, {}, "")


@blp.post("/<string:region>")
def put(region: str) -> str | Response:
    """Change it, or open one where the place has none."""
    typed = Plate(**{name: pages.field(name) for name in NAMES})
    before = Plate(**{name: request.form.get(f"was_{name}", "")[:300] for name in NAMES})
    at = runtime()
    try:
        at.db.transact(offices.put, admin=administrator(), region=region, plate=typed, expected=before, now=at.clock())
    except Problem as problem:
        if problem.status == 404:
            raise
        line = _line(region)
        now_there = Plate(line.name, line.phone, line.address)
        return pages.refused(lambda errors, said: _page(line, now_there, typed, errors, said), problem)
    return redirect(with_word(url_for(".one", region=region), "saved"), 303)


def _line(region: str) -> OfficeLine:
    with runtime().db.reading() as session:
        return offices.one(session, admin=administrator(), region=region)


def _page(line: OfficeLine, was: Plate, typed: Plate, errors: dict[str, str], said: str) -> str:
    return pages.page("office.html", line=line, was=was, typed=typed, errors=errors, said=said)
