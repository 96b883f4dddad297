"""Several cases at once 几件一起办: choose an act, see what would become of each case, do it, watch it."""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.applications import bulk, bulk_acts, bulk_checks, handover, queue, templates
from backend.applications.bulk_checks import DONE, KINDS, MOST, READY, Pick, Wish
from backend.applications.policy import Reviewer
from backend.kernel import ids
from backend.kernel.errors import Conflict, Invalid, NotFound, Problem
from backend.web import bulk_acts as begun
from backend.web.context import runtime
from backend.web.words import field_errors, say
from h5 import dates
from h5.staff import console, lists

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blp = Blueprint("h5_staff_bulk", __name__, url_prefix="/staff/bulk")
LONGEST = 2000
#: As many as one page of the queue may hold.
STEP = 100
_PICK = re.compile(r"([A-Z0-9-]{4,24}):([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Group:
    """Cases with one outcome: its words and the numbers."""

    title: str
    numbers: list[str]


@blp.get("")
def show() -> str:
    """The clerk's last acts."""
    with runtime().db.reading() as session:
        acts = bulk_acts.last(session, reviewer=console.clerk())
    return console.page("bulk_acts.html", acts=[_titled(act) for act in acts])


@blp.post("")
def choose() -> str | Response:
    """What to do with the cases that were ticked, or with all that the list shows."""
    clerk = console.clerk()
    with runtime().db.reading() as session:
        picks = _whole(session, clerk) if request.form.get("whole") == "yes" else _ticked()
    return _choice(clerk, picks)


@blp.post("/preview")
def preview() -> str | Response:
    """The dry run: what would become of each case; nothing is written."""
    at, clerk, picks = runtime(), console.clerk(), _ticked()
    try:
        wish = _wish(clerk)
        with at.db.reading() as session:
            items = bulk_checks.preview(session, reviewer=clerk, wish=wish, picks=picks, now=at.clock())
    except (Invalid, NotFound, Conflict) as problem:
        return _choice(clerk, picks, problem)
    ready = {item["number"] for item in items if item["outcome"] == READY}
    return console.page(
        "bulk_preview.html",
        wish=wish,
        title=_doing(wish.kind),
        picks=[pick for pick in picks if pick.number in ready],
        all_picks=picks,
        services=_sums(items),
        refused=_groups(items, READY),
        usual=request.form.get("template", ""),
        key=secrets.token_urlsafe(16),
    )


@blp.post("/acts")
def begin() -> str | Response:
    """Do it: the first cases at once, the rest behind the page that shows how far it is."""
    clerk, picks = console.clerk(), _ticked()
    try:
        act_id = begun.begin(clerk, _wish(clerk), picks)
    except (Invalid, NotFound, Conflict) as problem:
        return _choice(clerk, picks, problem)
    return redirect(url_for(".follow", act_id=act_id), 303)


@blp.get("/<id:act_id>")
def follow(act_id: int) -> str:
    """How far it is, and what became of each case."""
    with runtime().db.reading() as session:
        act = bulk_acts.one(session, reviewer=console.clerk(), act_id=act_id)
    done = [item["number"] for item in act["items"] if item["outcome"] == DONE]
    waiting = [item["number"] for item in act["items"] if item["outcome"] is None]
    tried = [item for item in act["items"] if item["outcome"] is not None]
    return console.page(
        "bulk_act.html",
        act=_titled(act),
        done=done,
        waiting=waiting,
        refused=_groups(tried, DONE),
        begun=act["begun_at"],
    )


@blp.post("/<id:act_id>/stop")
def stop(act_id: int) -> Response:
    """Do no more of it."""
    at = runtime()
    with suppress(Conflict):  # it was over before the press arrived: the page says so
        at.db.transact(bulk.stop, vault=at.vault, reviewer=console.clerk(), act_id=act_id, now=at.clock())
    return redirect(url_for(".follow", act_id=act_id), 303)


def _choice(clerk: Reviewer, picks: list[Pick], problem: Problem | None = None) -> Response:
    with runtime().db.reading() as session:
        usual = templates.usable(session, reviewer=clerk, decision="request_correction")
        colleagues = handover.colleagues(session, region=clerk.region, but=clerk.id)
    page = console.page(
        "bulk.html",
        picks=picks,
        most=MOST,
        problem=problem,
        errors=field_errors(problem),
        templates=[one for one in usual if one["items"]],
        colleagues=colleagues,
        given={name: request.form.get(name, "") for name in ("decision", "note", "template", "to")},
    )
    return make_response(page, problem.status if problem else 200)


def _wish(clerk: Reviewer) -> Wish:
    """The act that was chosen; a template brings its words and what to mend."""
    kind, note = request.form.get("decision", ""), request.form.get("note", "").strip()[:LONGEST]
    if kind not in KINDS:
        words = bulk_checks.CHOOSE
        raise Invalid("nothing_chosen", words, errors={"decision": [words]})
    if kind != "request_correction":
        return Wish(kind, note, to=request.form.get("to", "")[:64] if kind == "hand_over" else None)
    try:
        template_id = ids.decode(request.form.get("template", ""))
    except ValueError:
        return Wish(kind, note)
    with runtime().db.reading() as session:
        kept = templates.content(session, reviewer=clerk, template_id=template_id)
    return Wish(kind, note or kept.note, kept.items)


def _ticked() -> list[Pick]:
    """The cases of the form, as the clerk saw them; one more than is allowed, so that too many are refused."""
    found = (_PICK.fullmatch(value) for value in request.form.getlist("case")[: MOST + 1])
    return [Pick(match[1], int(match[2])) for match in found if match]


def _whole(session: Session, clerk: Reviewer) -> list[Pick]:
    """The first cases of the list, page after page, as far as this clerk may act on them."""
    at, picks, cursor = runtime(), list[Pick](), None
    wanted = lists.wanted(session, clerk, request.form).filter
    while len(picks) < MOST:
        page = queue.page(session, reviewer=clerk, wanted=wanted, limit=STEP, cursor=cursor, now=at.clock())
        picks += [Pick(one["number"], one["version"]) for one in page.items if lists.tickable(one)]
        cursor = page.next_cursor
        if cursor is None:
            break
    return picks[:MOST]


def _groups(items: list[dict[str, Any]], but: str) -> list[Group]:
    """Cases by outcome, without one of them; the outcome with most cases first."""
    found: dict[str, Group] = {}
    for item in items:
        if item["outcome"] != but:
            found.setdefault(item["outcome"], Group(say(item["title"]), [])).numbers.append(item["number"])
    return sorted(found.values(), key=lambda group: -len(group.numbers))


def _sums(items: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """How many of each item would be done."""
    sums: dict[str, int] = {}
    for item in items:
        if item["outcome"] == READY:
            sums[item["service_name"]] = sums.get(item["service_name"], 0) + 1
    return sorted(sums.items(), key=lambda pair: -pair[1])


def _titled(act: dict[str, Any]) -> dict[str, Any]:
    return act | {"title": _doing(act["decision"]), "moment": dates.moment(act["begun_at"])}


def _doing(kind: str) -> str:
    """What an act does, as its heading says it."""
    return {
        "accept": _("一起受理"),
        "approve": _("一起通过"),
        "request_correction": _("一起要求补正"),
        "hand_over": _("一起转交同事"),
    }[kind]
