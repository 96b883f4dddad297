"""Beginning an application: where it belongs (town, then village), then a draft."""

from __future__ import annotations

import secrets

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.applications import drafts
from backend.kernel.errors import Invalid
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import say
from h5.places import below
from h5.services import item_of

blp = Blueprint("h5_start", __name__, url_prefix="/services/<string:code>/start")


@blp.get("")
def choose(code: str) -> str | Response:
    """First the town, then the village."""
    return _choose(code, request.args.get("town", ""), None)


@blp.post("")
def begin(code: str) -> str | Response:
    """A draft in the chosen place; pressed twice it is still one."""
    region = request.form.get("region", "")
    try:
        made = once(
            drafts.begin,
            vault=runtime().vault,
            resident_id=caller().id,
            service_item=code,
            region=region,
            now=runtime().clock(),
        )
    except Invalid as refused:
        return make_response(_choose(code, request.form.get("town", ""), say(refused.title)), 422)
    return redirect(url_for("h5_filling.resume", application=made), 303)


def _choose(code: str, wanted: str, error: str | None) -> str:
    towns = below(runtime().settings.county)
    town = next((place for place in towns if wanted and place.code.startswith(wanted)), None)
    return render_template(
        "services/start.html",
        item=item_of(code),
        town=town,
        places=below(town.code) if town else towns,
        key=secrets.token_urlsafe(16),
        error=error,
    )
