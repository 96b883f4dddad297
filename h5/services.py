"""What can be done here: the list with search, each guide, the self-check."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.catalogue import eligibility, queries, search, stored
from backend.catalogue.definition import FormField, ItemDefinition
from backend.catalogue.eligibility import Verdict
from backend.catalogue.rules import holds
from backend.kernel.clock import today
from backend.kernel.errors import Invalid
from backend.kernel.i18n import Text
from backend.web.context import runtime
from h5 import forms, guides
from h5.places import towns_for
from h5.shell import in_language

blp = Blueprint("h5_services", __name__, url_prefix="/services")


@blp.get("")
def listing() -> str:
    """Every item, or those that a search finds."""
    db, words = runtime().db, request.args.get("q", "").strip()[:60]
    found = search.find(stored.items(db, db.reading), words=words)
    return render_template("services/list.html", items=[guides.line(item) for item in found], q=words)


@blp.get("/<string:code>")
def show(code: str) -> str:
    """The guide of an item."""
    return render_template("services/show.html", guide=guides.guide(item_of(code)))


@blp.route("/<string:code>/check", methods=["GET", "POST"])
def check(code: str) -> str | Response:
    """A few questions tell whether one may apply; nothing is kept."""
    item = item_of(code)
    fields = eligibility.asked_fields(item)
    if request.method == "GET":
        return _check_page(item, _visible(fields, {}), {}, None)
    answers = {name: value for name, value in forms.posted(fields).items() if value is not None}
    try:
        verdict = _judged(item, answers)
    except Invalid as refused:
        wrong = {name.removeprefix("answers."): texts[0] for name, texts in refused.errors.items()}
        shown = _visible(fields, answers)
        return make_response(_check_page(item, shown, _only(wrong, shown), None), 422)
    return _check_page(item, _visible(fields, answers), {}, verdict)


def item_of(code: str) -> ItemDefinition:
    """The current version of an item; ``NotFound``."""
    with runtime().db.reading() as session:
        return queries.definition(session, code)


def _judged(item: ItemDefinition, answers: dict[str, Any]) -> Verdict:
    at = runtime()
    with at.db.reading() as session:
        return eligibility.verdict(item, answers, now=at.clock(), region_exists=queries.region_exists(session))


def _visible(fields: list[FormField], answers: dict[str, Any]) -> list[FormField]:
    """The questions that these answers bring up."""
    on = today(runtime().clock())
    return [field for field in fields if holds(field.when, answers, on=on)]


def _only(wrong: dict[str, Text], fields: list[FormField]) -> dict[str, Text]:
    return {field.name: wrong[field.name] for field in fields if field.name in wrong}


def _check_page(item: ItemDefinition, fields: list[FormField], wrong: dict[str, Text], verdict: Verdict | None) -> str:
    asked = forms.questions(fields, {}, wrong, typed=request.method == "POST")
    reasons = [in_language(part, "reason") for part in verdict.reasons] if verdict else []
    return render_template(
        "services/check.html",
        item=item,
        questions=asked,
        errors=forms.summary(asked),
        towns=towns_for(fields),
        outcome=None if verdict is None else "no" if reasons else "yes",
        reasons=reasons,
        amount=_amount(verdict),
    )


def _amount(verdict: Verdict | None) -> str:
    if verdict is None or verdict.months is None or not verdict.yuan:
        return ""
    return _("大约能领 %(months)s 个月，共 %(yuan)s 元。", months=verdict.months, yuan=verdict.yuan)
