"""Filing for someone else 代办: who it is for, then their signed letter among the materials."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.applications import people
from backend.kernel.errors import Invalid
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import field_errors
from h5 import cases
from h5.identities import Typed, id_types, relations, typed
from h5.paths import with_word

blp = Blueprint("h5_mandate", __name__, url_prefix="/applications/<id:application>/mandate")


@blp.get("")
def form(application: int) -> str:
    """Whom this person helps."""
    return _page(application, Typed(), {})


@blp.post("")
def record(application: int) -> str | Response:
    """Keep whom, or say which part is wrong."""
    at, said = runtime(), typed()
    if said.relation not in people.RELATIONS:
        return make_response(_page(application, said, {"relation": _("请选一个")}), 422)
    try:
        at.db.transact(
            people.record_mandate,
            vault=at.vault,
            resident_id=caller().id,
            application_id=application,
            relation=said.relation,
            name=said.name,
            id_type=said.id_type,
            id_number=said.id_number,
            mobile=said.mobile or None,
            now=at.clock(),
        )
    except Invalid as refused:
        wrong = field_errors(refused)
        return make_response(_page(application, said, wrong), 422)
    return redirect(with_word(url_for("h5_materials.show", application=application), "mandate"), 303)


@blp.post("/removal")
def remove(application: int) -> Response:
    """File for oneself after all."""
    at = runtime()
    at.db.transact(
        people.remove_mandate, vault=at.vault, resident_id=caller().id, application_id=application, now=at.clock()
    )
    return redirect(url_for("h5_filling.review", application=application), 303)


def _page(application: int, said: Typed, wrong: dict[str, str]) -> str:
    case = cases.load(application)
    return render_template(
        "applications/mandate.html",
        application=case["id"],
        current=case["mandate"],
        typed=said,
        wrong=wrong,
        errors=[(f"#f-{name}", text) for name, text in wrong.items()],
        relations=relations(),
        id_types=id_types(),
    )
