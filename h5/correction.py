"""A correction 补正: one complete notice, a way to each defect, and handing in again."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from backend.applications import submission
from backend.catalogue.definition import ItemDefinition
from backend.kernel.errors import Conflict, Invalid
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from h5 import cases, reviews
from h5.course import place_of
from h5.shell import in_language

blp = Blueprint("h5_correction", __name__, url_prefix="/applications/<id:application>")
Case = dict[str, Any]


@blp.get("/correction")
def show(application: int) -> str | Response:
    """Everything to change, at once."""
    case = cases.load(application)
    if case["correction"] is None:
        return redirect(url_for("h5_applications.show", application=application), 303)
    return _page(case, [])


@blp.post("/resubmission")
def resubmit(application: int) -> str | Response:
    """Hand in again; a second press finds it done."""
    at = runtime()
    try:
        once(
            submission.resubmit,
            vault=at.vault,
            calendar=at.calendar,
            purposes=at.purposes,
            resident_id=caller().id,
            application_id=application,
            expected_version=None,
            now=at.clock(),
        )
    except Invalid:
        case = cases.load(application)
        return make_response(_page(case, reviews.missing(case, cases.definition_of(case))), 422)
    except Conflict:
        if cases.load(application)["status"] == "correction":
            raise
    return redirect(url_for("h5_applications.show", application=application, sent=1), 303)


def _page(case: Case, missing: list[tuple[str, str]]) -> str:
    definition, notice = cases.definition_of(case), case["correction"]
    return render_template(
        "applications/correction.html",
        name=cases.name_of(case),
        application=case["id"],
        notice=notice,
        items=[_item(case, definition, item) for item in notice["items"]],
        missing=missing,
        key=secrets.token_urlsafe(16),
    )


def _item(case: Case, definition: ItemDefinition, item: dict[str, Any]) -> dict[str, Any]:
    """A defect with the page that mends it; a file added since the notice counts as mended."""
    target = item["target"]
    opened = datetime.fromisoformat(case["correction"]["opened_at"])
    added = [
        file
        for file in case["materials"]
        if file["material"] == target and datetime.fromisoformat(file["created_at"]) > opened
    ]
    return {
        "label": _label(item, definition),
        "reason": item["reason"],
        "hand_in": item["hand_in"],
        "changed": bool(added),
        "href": _place(case, definition, target),
    }


def _place(case: Case, definition: ItemDefinition, target: str) -> str:
    if target in definition.field_names:
        return place_of(f"answers.{target}", case, definition)
    if target in {paper.code for paper in definition.materials} or target == "mandate-letter":
        return place_of(f"materials.{target}", case, definition)
    return url_for("h5_filling.review", application=case["id"])


def _label(item: dict[str, Any], definition: ItemDefinition) -> str:
    """The question or material in the language of the request."""
    things = (*definition.form, *definition.materials)
    names = {getattr(thing, "name", getattr(thing, "code", "")): in_language(thing) for thing in things}
    return names.get(item["target"], str(item["label"]))
