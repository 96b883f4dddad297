"""Filling an application in: consents, one step of the form per page, the review, and handing in."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.accounts import consents as given, requirements
from backend.applications import drafts, submission
from backend.catalogue import forms as rules
from backend.catalogue.definition import FormField, ItemDefinition, Step
from backend.catalogue.forms import Checked
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.kernel.i18n import N_, Text
from backend.web.answers import json
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import language, say
from h5 import cases, forms, reviews
from h5.course import course, first_open
from h5.dates import clock_time
from h5.places import towns_for
from h5.shell import in_language

blp = Blueprint("h5_filling", __name__, url_prefix="/applications/<id:application>")
Case = dict[str, Any]


@blp.get("/resume")
def resume(application: int) -> Response:
    """Go on where something is still to do."""
    case = cases.load(application)
    if case["status"] != "draft":
        page = "h5_correction.show" if case["status"] == "correction" else "h5_applications.show"
        return redirect(url_for(page, application=application), 303)
    return redirect(first_open(case, cases.definition_of(case)), 303)


@blp.get("/consents")
def consents(application: int) -> str:
    """What the data are used for, before any is asked."""
    return _consents_page(application, {})


@blp.post("/consents")
def agree(application: int) -> str | Response:
    """Keep what was ticked; everything the item needs must be."""
    case, at = cases.load(application), runtime()
    definition = cases.definition_of(case)
    wrong = {}
    for purpose in definition.consents:
        if not request.form.get(purpose):
            wrong[purpose] = _("请看完后打勾")
            continue
        try:
            at.db.transact(
                given.give,
                resident_id=caller().id,
                purpose=purpose,
                text_version=request.form.get(f"version.{purpose}"),
                purposes=at.purposes,
                now=at.clock(),
            )
        except Conflict as refused:
            wrong[purpose] = say(refused.title)
    if wrong:
        return make_response(_consents_page(application, wrong), 422)
    return redirect(course(cases.load(application), definition, "consents").next, 303)


@blp.get("/steps/<string:code>")
def step(application: int, code: str) -> str:
    """One page of the form."""
    case = cases.load(application)
    definition = cases.definition_of(case)
    fields = _fields(definition, code, case["answers"])
    return _step_page(
        case, definition, code, forms.questions(fields, {**case["suggested"], **case["answers"]}, {}, typed=False)
    )


@blp.post("/steps/<string:code>")
def save(application: int, code: str) -> str | Response:
    """Save what is right, show what is wrong; questions that came up are asked before going on."""
    case = cases.load(application)
    definition = cases.definition_of(case)
    asked = _asked(definition, code)
    checked = _keep(application, forms.posted(asked))
    case = cases.load(application)
    wrong = _wrong(asked, checked, definition, case)
    if wrong:
        shown = forms.questions(asked, case["answers"], wrong, typed=True)
        return make_response(_step_page(case, definition, code, shown), 422)
    names = {field.name for field in asked}
    if any(field.name not in names for field in _fields(definition, code, case["answers"])):
        return redirect(request.full_path.rstrip("?"), 303)
    return redirect(course(case, definition, f"step-{code}").next, 303)


@blp.post("/steps/<string:code>/autosave")
def autosave(application: int, code: str) -> Response:
    """The same while typing: what is right is kept, nothing is complained about."""
    definition = cases.definition_of(cases.load(application))
    _keep(application, forms.posted(_asked(definition, code)))
    return json({"text": saved_line(runtime().clock())})


@blp.get("/review")
def review(application: int) -> str | Response:
    """Everything on one page, and everything that is missing at once."""
    return _review_page(application, pressed=False)


@blp.post("/submission")
def submit(application: int) -> str | Response:
    """Hand in; pressed twice, or in two tabs, it is one case and no error."""
    at = runtime()
    try:
        once(
            submission.submit,
            vault=at.vault,
            calendar=at.calendar,
            purposes=at.purposes,
            issuer=at.settings.issuer,
            resident_id=caller().id,
            application_id=application,
            expected_version=None,
            now=at.clock(),
        )
    except Invalid:
        return make_response(_review_page(application, pressed=True), 422)
    except Conflict:
        if cases.load(application)["status"] == "draft":
            raise
    return redirect(url_for("h5_applications.show", application=application, sent=1), 303)


def saved_line(now: datetime) -> str:
    """What the form says after a save."""
    return _("已自动保存 %(time)s · 换手机也能接着填", time=clock_time(now))


def _consents_page(application: int, wrong: dict[str, str]) -> str:
    case, at = cases.load(application), runtime()
    definition = cases.definition_of(case)
    with at.db.reading() as session:
        cards = given.listed(
            session,
            resident_id=caller().id,
            purposes=at.purposes,
            required_for=requirements.required_for(session),
            language=language(),
        )
    return render_template(
        "applications/consents.html",
        name=cases.name_of(case),
        course=course(case, definition, "consents"),
        cards=[card for card in cards if card.purpose in definition.consents],
        wrong=wrong,
        errors=[(f"#f-{name}", text) for name, text in wrong.items()],
    )


def _step_of(definition: ItemDefinition, code: str) -> Step:
    found = next((one for one in definition.steps if one.code == code), None)
    if found is None:
        raise NotFound("not_found", N_("没有找到这一页"))
    return found


def _fields(definition: ItemDefinition, code: str, answers: dict[str, Any]) -> list[FormField]:
    """The questions of a step that these answers bring up."""
    _step_of(definition, code)
    visible = rules.visible_fields(definition, answers, now=runtime().clock())
    return [field for field in visible if field.step == code]


def _asked(definition: ItemDefinition, code: str) -> list[FormField]:
    """The questions that the posted page showed: others were not answered, and are left alone."""
    _step_of(definition, code)
    shown = request.form.getlist("shown")
    return [field for field in definition.form if field.step == code and field.name in shown]


def _keep(application: int, answers: dict[str, Any]) -> Checked:
    at = runtime()
    return at.db.transact(
        drafts.save_answers,
        vault=at.vault,
        resident_id=caller().id,
        application_id=application,
        answers=answers,
        expected_version=None,
        strict=False,
        now=at.clock(),
    )


def _wrong(asked: list[FormField], checked: Checked, definition: ItemDefinition, case: Case) -> dict[str, Text]:
    """What to change on this page: wrong answers, and required ones that were left empty."""
    whole = rules.check_answers(definition, case["answers"], complete=True, now=runtime().clock())
    faults = {**whole.missing, **checked.wrong}
    return {field.name: faults[field.name] for field in asked if field.name in faults}


def _step_page(case: Case, definition: ItemDefinition, code: str, asked: list[forms.Question]) -> str:
    fields = [field for field in definition.form if field.step == code]
    return render_template(
        "applications/step.html",
        name=cases.name_of(case),
        heading=in_language(_step_of(definition, code), "title"),
        course=course(case, definition, f"step-{code}"),
        questions=asked,
        errors=forms.summary(asked),
        towns=towns_for(fields),
        autosave=url_for("h5_filling.autosave", application=case["id"], code=code),
        saved=saved_line(datetime.fromisoformat(case["updated_at"])),
    )


def _review_page(application: int, *, pressed: bool) -> str | Response:
    case = cases.load(application)
    if "edit" not in case["allowed_actions"]:
        return redirect(url_for("h5_applications.show", application=application), 303)
    definition = cases.definition_of(case)
    return render_template(
        "applications/review.html",
        name=cases.name_of(case),
        course=course(case, definition, "review"),
        application=case["id"],
        missing=reviews.missing(case, definition),
        parts=reviews.parts(case, definition),
        whither=reviews.whither(case),
        can_discard=case["status"] == "draft",
        action=reviews.action(case),
        press=reviews.press(case),
        key=secrets.token_urlsafe(16),
        pressed=pressed,
    )
