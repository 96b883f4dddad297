"""Public notices 公示 for everybody: choose a town, read its list, read one, object, read the answer. No login."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response as Answer, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.applications import notice_queries, objections
from backend.applications.objections import Words
from backend.catalogue import queries as catalogue
from backend.kernel.errors import Invalid, NotFound, TooMany, Wrong
from backend.kernel.i18n import N_
from backend.kernel.text import clean
from backend.web.context import runtime
from backend.web.objections import make
from backend.web.words import language, say
from h5.places import below

blp = Blueprint("h5_notices", __name__)
PAGE = 20
ROBOTS = "noindex, nofollow, noarchive, nosnippet"
#: Longest inputs of the form, as the API has them.
NAME, CONTACT, CODE = 50, 100, 40


@blp.after_request
def keep_out(response: Answer) -> Answer:
    """No search engine lists these pages, nothing keeps a copy: what is over must be gone."""
    response.headers["X-Robots-Tag"] = ROBOTS
    return response


@blp.get("/notices")
def choose() -> str | Response:
    """The towns; ``?region=`` goes to one of its villages (the form of the list, without JavaScript)."""
    wanted = request.args.get("region", "")
    if wanted:
        return redirect(url_for(".listing", region=_region(wanted)), 303)
    at = runtime()
    county = catalogue.full_code(at.settings.county)
    with at.db.reading() as session:
        places = notice_queries.places(session, county=county, now=at.clock())
    return render_template("notices/choose.html", places=places)


@blp.get("/notices/<string(length=12):region>")
def listing(region: str) -> str:
    """What is announced in a town or a village today."""
    at = runtime()
    with at.db.reading() as session:
        place = _card(session, region)
        page = notice_queries.page(
            session, region=region, limit=PAGE, cursor=request.args.get("cursor"), now=at.clock()
        )
        town = catalogue.ancestors(region).town
        name = place.name if region == town else f"{_card(session, town).name} {place.name}" if town else place.name
    villages = below(town) if town else []
    more = url_for(".listing", region=region, cursor=page.next_cursor) if page.next_cursor else None
    items = [_shown(item) for item in page.items]
    return render_template(
        "notices/list.html", region=region, town=town, name=name, items=items, villages=villages, more=more
    )


@blp.get("/notices/<id:notice>")
def show(notice: int) -> str:
    """One notice, big and plain, to read and to print."""
    return render_template("notices/show.html", notice=_load(notice))


@blp.get("/notices/<id:notice>/objection")
def objecting(notice: int) -> str:
    """What an objection needs, and what is kept of whoever makes it."""
    return _form(notice, {}, {})


@blp.post("/notices/<id:notice>/objection")
def object_to(notice: int) -> str | Answer:
    """Hand an objection in; the code to its answer is shown once, the same for the same press."""
    typed = {name: request.form.get(name, "") for name in ("text", "name", "contact")}
    words, errors = _read(typed)
    if words is None:
        return make_response(_form(notice, typed, errors), 422)
    try:
        code = make(notice, words)
    except Invalid as refused:
        return make_response(_form(notice, typed, {"text": say(refused.title)}), 422)
    except TooMany as refused:
        return make_response(_form(notice, typed, {"text": say(refused.title)}), 429)
    grouped = "-".join(code[start : start + 4] for start in range(0, len(code), 4))
    return render_template("notices/objected.html", code=grouped)


@blp.get("/objections")
def asking() -> str:
    """Ask for the code."""
    return render_template("notices/ask.html", code="", errors=[])


@blp.post("/objections")
def progress() -> str | Answer:
    """How the objection fares, and what the office answered."""
    at, code = runtime(), request.form.get("code", "").strip()[:CODE]
    try:
        with at.db.reading() as session:
            found = notice_queries.progress(session, at.vault, code=code)
    except NotFound as missing:
        errors = [("#f-code", say(missing.title))]
        return make_response(render_template("notices/ask.html", code=code, errors=errors), 404)
    return render_template("notices/answer.html", objection=found)


def _load(notice: int) -> dict[str, Any]:
    at = runtime()
    with at.db.reading() as session:
        return _shown(notice_queries.one(session, notice_id=notice, now=at.clock()))


def _form(notice: int, typed: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "notices/object.html",
        notice=_load(notice),
        typed=typed,
        errors=errors,
        summary=[(f"#f-{name}", text) for name, text in errors.items()],
        longest=objections.LONGEST,
        key=request.form.get("idempotency_key") or secrets.token_urlsafe(16),
    )


def _read(typed: dict[str, str]) -> tuple[Words | None, dict[str, str]]:
    """The words as the domain wants them, or what is wrong with which."""
    longest = {"text": objections.LONGEST, "name": NAME, "contact": CONTACT}
    cleaned, errors = {}, {}
    for name, value in typed.items():
        try:
            empty = name != "text" and not value.strip()
            cleaned[name] = "" if empty else clean(value, max_length=longest[name], multiline=name == "text")
        except Wrong as wrong:
            errors[name] = say(wrong.text)
    return (None, errors) if errors else (Words(**cleaned), {})


def _card(session: Any, region: str) -> catalogue.RegionCard:
    """A town or village that exists; any other address is none of ours."""
    try:
        return catalogue.check_region(session, region)
    except Invalid as unknown:
        raise NotFound("not_found", N_("没有找到这个地方，请从公示列表进")) from unknown


def _region(code: str) -> str:
    with runtime().db.reading() as session:
        return _card(session, code).code


def _shown(item: dict[str, Any]) -> dict[str, Any]:
    english = item["title_en"] if language() == "en" else ""
    return item | {"title": english or item["title"], "amount": _amount(item["amount"])}


def _amount(found: dict[str, Any] | None) -> str:
    """``每年 960 元``"""
    if found is None:
        return ""
    yuan = f"{found['yuan']:,}"
    said = {"year": _("每年 %(yuan)s 元", yuan=yuan), "month": _("每月 %(yuan)s 元", yuan=yuan)}
    return said.get(found["period"]) or _("一次 %(yuan)s 元", yuan=yuan)
