"""Who receives a benefit: a masked list, a search by document, one person under a purpose, and what may be changed."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.benefits import desk, policy, recipients
from backend.benefits.desk import Wanted
from backend.catalogue import queries as catalogue
from backend.kernel.clock import today
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from backend.kernel.i18n import N_
from backend.web import benefits
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import field_errors
from h5.benefits import day
from h5.identities import id_types
from h5.staff import console
from h5.staff.benefits import items
from h5.staff.confirmations import classes, reasons

blp = Blueprint("h5_staff_recipients", __name__, url_prefix="/staff/recipients")


@blp.get("")
def listing() -> str:
    """Current recipients of one benefit in my jurisdiction."""
    at, clerk, known = runtime(), console.clerk(), items()
    item = request.args.get("item", "")
    item = item if item in dict(known) else known[0][0] if known else ""
    places = _places()
    region = request.args.get("region", "")
    region = region if region in dict(places) else ""
    found, cursor = at.db.transact(
        desk.listed,
        clerk=clerk,
        wanted=Wanted(item, region or None),
        limit=20,
        cursor=request.args.get("cursor"),
        now=at.clock(),
    )
    return console.page(
        "recipients.html",
        found=found,
        cursor=cursor,
        items=known,
        item=item,
        places=places,
        region=region,
        problem=None,
    )


@blp.post("/search")
def search() -> str | Response:
    """The benefits of one person by document number; the number stands in no address."""
    at = runtime()
    wanted = {"id_type": request.form.get("id_type", ""), "id_number": request.form.get("id_number", "")[:60]}
    try:
        found = at.db.transact(desk.search, at.vault, clerk=console.clerk(), now=at.clock(), **wanted)
    except (NotFound, Invalid) as problem:
        return make_response(_find(problem), problem.status)
    return console.page(
        "recipients.html", found=found, cursor=None, items=items(), item="", places=[], region="", problem=None
    )


@blp.get("/search")
def find() -> str:
    """A form that asks for the document number."""
    return _find(None)


def _find(problem: Problem | None) -> str:
    wrong = field_errors(problem)
    return console.page("find_recipient.html", problem=problem, wrong=wrong, types=id_types())


def _places() -> list[tuple[str, str]]:
    clerk = console.clerk()
    if clerk.level == "village":
        return []
    with runtime().db.reading() as session:
        return [(place.code, place.name) for place in catalogue.regions(session, parent=clerk.region)]


@blp.get("/<id:recipient>")
def show(recipient: int) -> str:
    """First why, then who: the purpose stands in the person's record."""
    purpose = request.args.get("purpose", "")
    if purpose not in desk.PURPOSES:
        return console.page("purpose.html", recipient=recipient, purposes=desk.PURPOSES)
    return _page(recipient, purpose)


@blp.post("/<id:recipient>/end")
def end(recipient: int) -> str | Response:
    """Stop a benefit with a reason."""
    on = _day()
    return _change(recipient, recipients.end, reason=request.form.get("reason", ""), on=on)


@blp.post("/<id:recipient>/class")
def change_class(recipient: int) -> str | Response:
    """Another amount class from a day on."""
    return _change(recipient, recipients.change_class, amount_class=request.form.get("amount_class", ""), on=_day())


@blp.post("/<id:recipient>/account")
def change_account(recipient: int) -> str | Response:
    """Another account in the same name."""
    try:
        bank, number = request.form.get("bank", "")[:60], request.form.get("account_number", "")[:60]
        benefits.change_account(recipient, bank=bank, account_number=number)
    except (Conflict, Invalid, Forbidden) as problem:
        return make_response(_page(recipient, "correction", problem), problem.status)
    return redirect(url_for(".show", recipient=recipient, purpose="correction", said="saved"), 303)


def _day() -> Any:
    """The day that was typed; today when none was."""
    boxes = tuple(request.form.get(f"on.{part}", "")[:4] for part in "ymd")
    if not any(boxes):
        return today(runtime().clock())
    return day(boxes)


def _change(recipient: int, command: Any, **values: Any) -> str | Response:
    try:
        if values["on"] is None:
            words = N_("没有这一天，请再看看年、月、日")
            raise Invalid("unfinished", words, errors={"on": [words]})
        once(command, clerk=console.clerk(), recipient_id=recipient, now=runtime().clock(), **values)
    except (Conflict, Invalid, Forbidden) as problem:
        return make_response(_page(recipient, "correction", problem), problem.status)
    return redirect(url_for(".show", recipient=recipient, purpose="correction", said="saved"), 303)


def _page(recipient: int, purpose: str, problem: Problem | None = None) -> str:
    at = runtime()
    one = at.db.transact(
        desk.look, at.vault, clerk=console.clerk(), recipient_id=recipient, purpose=purpose, now=at.clock()
    )
    return console.page(
        "recipient.html",
        one=one,
        address=recipient,
        problem=problem,
        wrong=field_errors(problem),
        classes=classes(one),
        reasons=reasons(),
        labels=policy.END_LABELS,
        key=secrets.token_urlsafe(16),
    )
