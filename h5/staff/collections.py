"""Collections 领取: a code at the counter, and the parcels that wait to be posted."""

from __future__ import annotations

import secrets

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.applications import supplies
from backend.applications.policy import Reviewer
from backend.kernel.errors import Conflict, Forbidden, Problem
from backend.kernel.i18n import N_
from backend.web import collecting
from backend.web.context import runtime
from backend.web.reviewers import reviewer
from h5.staff import console

blp = Blueprint("h5_staff_collections", __name__, url_prefix="/staff/collections")
ROLES = ("reviewer", "nurse")
LONGEST = 1024


@blp.get("")
def show() -> str:
    """Type or paste a code; ``?token=`` comes from a scanned one."""
    return _page(typed=request.args.get("token", "")[:LONGEST])


@blp.post("")
def hand_over() -> str | Response:
    """The code is used up, or the page says why it is not good."""
    typed = request.form.get("code", "").strip()[:LONGEST]
    number, _, code = typed.partition(" ")
    try:
        done = collecting.hand_over(clerk=_clerk(), **({"number": number, "code": code} if code else {"token": typed}))
    except Conflict as problem:
        return _page(typed=typed, problem=problem)
    return redirect(url_for(".show", done=done), 303)


@blp.get("/<id:parcel>")
def open_parcel(parcel: int) -> str:
    """The label of one parcel; the look is recorded."""
    at = runtime()
    found = at.db.transact(supplies.open_parcel, at.vault, clerk=_clerk(), collection_id=parcel, now=at.clock())
    return console.page("parcel.html", parcel=found)


@blp.post("/<id:parcel>/posting")
def post(parcel: int) -> Response:
    """It went out."""
    at = runtime()
    at.db.transact(supplies.post, clerk=_clerk(), collection_id=parcel, now=at.clock())
    return redirect(url_for(".show", done="parcel"), 303)


def _page(*, typed: str = "", problem: Problem | None = None) -> str:
    clerk = _clerk()
    with runtime().db.reading() as session:
        parcels = supplies.parcels(session, clerk=clerk) if clerk.level == "county" else []
    return console.page(
        "collections.html",
        typed=typed,
        problem=problem,
        parcels=parcels,
        posts=clerk.level == "county",
        done=request.args.get("done", "")[:24],
        key=secrets.token_urlsafe(16),
    )


def _clerk() -> Reviewer:
    if console.card().role not in ROLES:
        raise Forbidden("forbidden", N_("您的岗位不能做这件事"))
    return reviewer()
