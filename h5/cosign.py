"""A couple signs together: the applicant invites, the spouse reads and signs with their own login."""

from __future__ import annotations

import base64
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from backend.accounts import queries as accounts
from backend.applications import invitations, people
from backend.applications.people import Invitation
from backend.catalogue.definition import ItemDefinition
from backend.catalogue.wording import written
from backend.certificates import qr
from backend.kernel.errors import Invalid
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import language, say
from h5 import cases
from h5.course import course
from h5.paths import with_word
from h5.shell import in_language

blp = Blueprint("h5_cosign", __name__)


@blp.get("/applications/<id:application>/cosign")
def invite(application: int) -> str:
    """Whether the spouse has signed, and a way to ask."""
    return _invite_page(application, None)


@blp.post("/applications/<id:application>/cosign")
def send(application: int) -> str:
    """A fresh invitation; its code is shown on this page only."""
    at = runtime()
    made = at.db.transact(
        people.invite, vault=at.vault, resident_id=caller().id, application_id=application, now=at.clock()
    )
    return _invite_page(application, made)


@blp.get("/cosign/<string:code>")
def show(code: str) -> str:
    """What the spouse is asked to sign."""
    return _sign_page(code, None)


@blp.post("/cosign/<string:code>")
def sign(code: str) -> str | Response:
    """Sign what the application says now."""
    at = runtime()
    try:
        once(people.sign, vault=at.vault, resident_id=caller().id, code=code, now=at.clock())
    except Invalid as refused:
        return make_response(_sign_page(code, say(refused.title)), 422)
    return redirect(with_word(url_for("h5_home.show"), "signed"), 303)


def _invite_page(application: int, made: Invitation | None) -> str:
    case = cases.load(application)
    definition = cases.definition_of(case)
    link = f"{runtime().settings.base_url}{url_for('h5_cosign.show', code=made.code)}" if made else ""
    return render_template(
        "applications/cosign.html",
        name=cases.name_of(case),
        course=course(case, definition, "cosign"),
        optional=definition.cosign == "optional",
        signed=case["cosignature"],
        invitation=made,
        link=link,
        qr=_picture(link) if made else "",
    )


def _picture(text: str) -> str:
    """The QR code inside the page: the code it holds is shown once and must not have an address of its own."""
    return "data:image/svg+xml;base64," + base64.b64encode(qr.svg(text).encode()).decode()


def _sign_page(code: str, problem: str | None) -> str:
    at = runtime()
    with at.db.reading() as session:
        proposal = invitations.proposal(session, at.vault, code=code, now=at.clock())
        card = accounts.resident(session, at.vault, caller().id)
    definition = cases.definition_of(proposal)
    return render_template(
        "cosign/sign.html",
        code=code,
        problem=problem,
        service_name=in_language(definition, "name"),
        rows=_rows(proposal, definition),
        identity=card.identity_at is not None,
    )


def _rows(proposal: dict[str, Any], definition: ItemDefinition) -> list[tuple[str, str]]:
    answers, places = proposal["answers"], proposal["places"]
    answered = [(field, answers[field.name]) for field in definition.form if field.name in answers]
    return [
        (in_language(field), written(field, value, places=places, language=language())) for field, value in answered
    ]
