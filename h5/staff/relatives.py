"""Family I declared 回避: only a keyed hash of each document is kept, and their cases are closed to me."""

from __future__ import annotations

import secrets

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.accounts import relatives
from backend.kernel.errors import Conflict, Invalid, Problem
from backend.web.context import runtime
from backend.web.once import once
from h5.identities import Typed, id_types, typed
from h5.staff import console

blp = Blueprint("h5_staff_relatives", __name__, url_prefix="/staff/relatives")


@blp.get("")
def show() -> str:
    """How many there are, since when, and a form for one more."""
    return _page(Typed())


@blp.post("")
def declare() -> str | Response:
    """Keep one, or say which part of the number is wrong."""
    at, given = runtime(), typed()
    try:
        once(
            relatives.declare,
            vault=at.vault,
            staff_id=console.clerk().id,
            id_type=given.id_type,
            id_number=given.id_number,
            now=at.clock(),
        )
    except (Conflict, Invalid) as problem:
        return make_response(_page(given, problem), problem.status)
    return redirect(url_for(".show", done="declared"), 303)


@blp.post("/<id:relative>/removal")
def remove(relative: int) -> Response:
    """Take a declaration back."""
    runtime().db.transact(relatives.remove, staff_id=console.clerk().id, relative_id=relative)
    return redirect(url_for(".show", done="removed"), 303)


def _page(given: Typed, problem: Problem | None = None) -> str:
    with runtime().db.reading() as session:
        found = relatives.listed(session, staff_id=console.clerk().id)
    return console.page(
        "hands/relatives.html",
        found=found,
        typed=given,
        id_types=id_types(),
        problem=problem,
        done=request.args.get("done", ""),
        key=secrets.token_urlsafe(16),
    )
