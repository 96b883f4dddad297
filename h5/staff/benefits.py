"""The room of benefits 年审: what people asked for, the campaigns of the county, the way to one person."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.benefits import campaigns, desk, foretelling
from backend.catalogue import stored
from backend.kernel.clock import today
from backend.kernel.errors import Conflict, Forbidden, Invalid, Problem
from backend.notifications.costs import yuan
from backend.notifications.forecasts import Forecast
from backend.web import benefits
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import field_errors
from h5.benefits import day
from h5.shell import in_language
from h5.staff import console

blp = Blueprint("h5_staff_benefits", __name__, url_prefix="/staff/benefits")
KINDS = {"change": "sun", "call": "blue", "visit": "blue"}
#: What is proposed until when people may answer.
USUAL = timedelta(days=90)


@blp.get("")
def show() -> str:
    """Changes to review, accepted calls and visits; campaigns; benefits with their lists."""
    clerk = console.clerk()
    with runtime().db.reading() as session:
        work, cursor = desk.work(
            session, clerk=clerk, kind=request.args.get("kind"), limit=20, cursor=request.args.get("cursor")
        )
        found, _next = desk.campaigns(session, clerk=clerk, limit=6, cursor=None)
    return console.page(
        "benefits.html",
        work=work,
        cursor=cursor,
        kind=request.args.get("kind", ""),
        labels=desk.WORK,
        kinds=KINDS,
        campaigns=found,
        items=items(),
        may_begin=clerk.level == "county",
    )


def items(*, confirmed: bool = False) -> list[tuple[str, str]]:
    """(code, name) of the benefits; ``confirmed``: only those that have a yearly confirmation."""
    at = runtime()
    return [
        (item.code, in_language(item, "name"))
        for item in stored.items(at.db, at.db.reading)
        if item.benefit and (item.reconfirm_months or not confirmed)
    ]


@blp.get("/campaigns/new")
def plan() -> str:
    """Which benefit, which year, until when."""
    _check_county()
    due = today(runtime().clock()) + USUAL
    return _plan(
        {"service_item": "", "period": str(due.year), "answer_by": (str(due.year), str(due.month), str(due.day))}
    )


@blp.post("/campaigns/preview")
def preview() -> str | Response:
    """How many it would ask and what that costs; nothing is begun."""
    _check_county()
    form, wanted = _typed()
    try:
        return _plan(form, forecast=benefits.foretell(wanted))
    except Invalid as problem:
        return make_response(_plan(form, problem), problem.status)


@blp.post("/campaigns")
def begin() -> str | Response:
    """Begin; everybody is asked by the workers within minutes."""
    _check_county()
    form, wanted = _typed()
    try:
        once(campaigns.begin, clerk=console.clerk(), now=runtime().clock(), **wanted)
    except (Conflict, Invalid) as problem:
        return make_response(_plan(form, problem), problem.status)
    return redirect(url_for(".show"), 303)


def _typed() -> tuple[dict[str, Any], dict[str, Any]]:
    """The form as it was filled in, and what it means."""
    given = {name: request.form.get(name, "") for name in ("service_item", "period")}
    boxes = tuple(request.form.get(f"answer_by.{part}", "")[:4] for part in "ymd")
    return given | {"answer_by": boxes}, given | {"answer_by": day(boxes) or date.min}


def _check_county() -> None:
    if console.clerk().level != "county":
        raise Forbidden("not_your_level", campaigns.COUNTY_ONLY)


def _plan(form: dict[str, Any], problem: Problem | None = None, forecast: Forecast | None = None) -> str:
    wrong = field_errors(problem)
    if wrong.get("service_item") and not form["service_item"]:
        wrong["service_item"] = _("请从给出的选项里选")
    year = today(runtime().clock()).year
    return console.page(
        "campaign.html",
        items=[(code, name, None) for code, name in items(confirmed=True)],
        years=[(str(one), str(one), None) for one in (year, year + 1)],
        form=form,
        wrong=wrong,
        problem=problem,
        forecast=forecast,
        at_most=foretelling.AT_MOST,
        answer_by=day(form["answer_by"]),
        yuan=yuan,
        key=secrets.token_urlsafe(16),
    )
