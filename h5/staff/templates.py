"""Reply templates 常用语: what the office writes often, by decision and item, and how one fills a decision form."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from backend.applications import templates
from backend.applications.corrections import Defect
from backend.applications.templates import DECISIONS, Content
from backend.catalogue import queries as catalogue, stored
from backend.kernel import ids
from backend.kernel.errors import Conflict, Invalid, NotFound, Problem, Stale
from backend.kernel.text import small_number
from backend.schemas.desk import TemplateSchema
from backend.web.blueprint import invalid
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import field_errors, say
from h5.shell import in_language
from h5.staff import console
from h5.staff.forms import Form

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blp = Blueprint("h5_staff_templates", __name__, url_prefix="/staff/templates")


@dataclass(frozen=True, slots=True)
class Draft:
    """A template as its form shows it; ``reasons`` by target, ``errors`` by field."""

    decision: str
    item: str
    title: str = ""
    note: str = ""
    reasons: dict[str, str] | None = None
    version: int = 0
    errors: dict[str, str] | None = None


@blp.get("")
def show() -> str:
    """What this office keeps, and what those above it offer."""
    with runtime().db.reading() as session:
        found = templates.usable(session, reviewer=console.clerk())
    own = [_line(one) for one in found if one["own"]]
    above = [_line(one) for one in found if not one["own"]]
    return console.page("templates.html", own=own, above=above, decisions=_decisions(), items=_items())


@blp.get("/new")
def begin() -> str:
    """An empty one for a decision and, of a correction, an item."""
    console.clerk()
    return _page(Draft(_chosen("decision", dict(_decisions())) or DECISIONS[0], _chosen("item", dict(_items()))), None)


@blp.post("")
def create() -> str | Response:
    """Keep it for the office."""
    draft = _typed()
    try:
        once(templates.create, reviewer=console.clerk(), content=_content(draft), now=runtime().clock())
    except (Invalid, Conflict) as problem:
        return _again(draft, None, problem)
    return redirect(url_for(".show"), 303)


@blp.get("/<id:template_id>")
def edit(template_id: int) -> str:
    """One of the office's own, to be changed."""
    with runtime().db.reading() as session:
        one = templates.one(session, reviewer=console.clerk(), template_id=template_id)
    if not one["own"]:
        raise templates.missing()
    reasons = {item["target"]: item["reason"] for item in one["items"]}
    item = one["service_item"] or ""
    return _page(Draft(one["decision"], item, one["title"], one["note"], reasons, one["version"]), template_id)


@blp.post("/<id:template_id>")
def change(template_id: int) -> str | Response:
    """Replace it, unless a colleague did meanwhile."""
    draft, at = _typed(), runtime()
    try:
        at.db.transact(
            templates.change,
            reviewer=console.clerk(),
            template_id=template_id,
            content=_content(draft),
            expected_version=draft.version or None,
            now=at.clock(),
        )
    except (Invalid, Stale) as problem:
        return _again(draft, template_id, problem)
    return redirect(url_for(".show"), 303)


@blp.post("/<id:template_id>/removal")
def remove(template_id: int) -> Response:
    """Take it out of use."""
    at = runtime()
    at.db.transact(templates.retire, reviewer=console.clerk(), template_id=template_id, now=at.clock())
    return redirect(url_for(".show"), 303)


def choices(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The templates that fit a case, for its decision form."""
    with runtime().db.reading() as session:
        found = templates.usable(session, reviewer=console.clerk(), service_item=case["service_item"])
    return [one | {"what": _said(one["decision"])} for one in found if one["decision"] != "question"]


def filled(form: Form, case: dict[str, Any]) -> Form:
    """A fresh form with the words of the template that the address names; an unknown one changes nothing."""
    try:
        template_id = ids.decode(request.args.get("template", ""))
        with runtime().db.reading() as session:
            kept = templates.content(session, reviewer=console.clerk(), template_id=template_id)
    except (ValueError, NotFound):
        return form
    known = {one["target"] for one in case["targets"]}
    reasons = {item.target: item.reason for item in kept.items if item.target in known}
    return replace(form, decision=kept.decision, note=kept.note, chosen=frozenset(reasons), reasons=reasons)


def _page(draft: Draft, template_id: int | None, problem: Problem | None = None) -> str:
    with runtime().db.reading() as session:
        targets = _targets(session, draft)
    action = url_for(".change", template_id=template_id) if template_id else url_for(".create")
    return console.page(
        "template.html",
        draft=draft,
        template_id=template_id,
        action=action,
        targets=targets,
        what=_said(draft.decision),
        item_name=dict(_items()).get(draft.item, ""),
        problem=problem,
        errors=draft.errors or {},
        reasons=draft.reasons or {},
        key=secrets.token_urlsafe(16),
    )


def _again(draft: Draft, template_id: int | None, problem: Problem) -> Response:
    errors = field_errors(problem)
    return make_response(_page(replace(draft, errors=errors), template_id, problem), problem.status)


def _typed() -> Draft:
    posted = request.form
    reasons = {name.removeprefix("reason."): value for name, value in posted.items() if name.startswith("reason.")}
    return Draft(
        decision=posted.get("decision", ""),
        item=posted.get("item", ""),
        title=posted.get("title", ""),
        note=posted.get("note", ""),
        reasons=reasons,
        version=small_number(posted.get("version", "")) or 0,
    )


def _content(draft: Draft) -> Content:
    """The form as the API would send it, so that both are held to the same limits."""
    items = [{"target": name, "reason": text.strip()} for name, text in (draft.reasons or {}).items() if text.strip()]
    body: dict[str, Any] = {"decision": draft.decision, "title": draft.title, "items": items}
    body |= {"note": draft.note} if draft.note.strip() else {}
    body |= {"service_item": draft.item} if draft.item else {}
    try:
        loaded = TemplateSchema().load(body)
    except ValidationError as refused:
        raise invalid(refused.messages_dict) from refused
    return Content(**loaded | {"items": tuple(Defect(**item) for item in loaded["items"])})


def _targets(session: Session, draft: Draft) -> list[tuple[str, str]]:
    """What a correction of this item may name."""
    if draft.decision != "request_correction" or not draft.item:
        return []
    definition = catalogue.definition(session, draft.item)
    return [(one.name, say(one.label)) for one in definition.form] + [
        (one.code, say(one.label)) for one in definition.materials
    ]


def _line(one: dict[str, Any]) -> dict[str, Any]:
    names = dict(_items())
    about = [_said(one["decision"]), names.get(one["service_item"] or "", one["service_item"] or _("所有事项"))]
    count = len(one["items"])
    return one | {"about": " · ".join([*about, _("写明 %(n)s 处", n=count)] if count else about)}


def _chosen(name: str, offered: dict[str, str]) -> str:
    value = request.args.get(name, "")
    return value if value in offered else ""


def _items() -> list[tuple[str, str]]:
    at = runtime()
    return [(item.code, in_language(item, "name")) for item in stored.items(at.db, at.db.reading) if item.levels]


def _decisions() -> list[tuple[str, str]]:
    return [(name, _said(name)) for name in DECISIONS]


def _said(decision: str) -> str:
    """The decision a template is for."""
    return {
        "approve": _("通过"),
        "reject": _("不予通过"),
        "return": _("退回下一级"),
        "request_correction": _("要求补正"),
        "question": _("提问"),
    }.get(decision, "")
