"""Reply templates of the office and those above it."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.applications import templates
from backend.applications.corrections import Defect
from backend.applications.templates import Content
from backend.schemas.desk import TemplateCardSchema, TemplateListSchema, TemplateSchema, TemplatesQuery
from backend.web.answers import expected_version, json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.once import once
from backend.web.reviewers import reviewer

blp = Blueprint("staff-templates", __name__, url_prefix="/staff/reply-templates", description="Reply templates 常用语")


@blp.get("")
@blp.arguments(TemplatesQuery, location="query")
@blp.response(200, TemplateListSchema)
def list_templates(query: dict[str, Any]) -> Response:
    """What my office and those above it keep, my own first."""
    with runtime().db.reading() as session:
        return json(page_of(templates.usable(session, reviewer=reviewer(), **query), None))


@blp.post("")
@blp.arguments(TemplateSchema)
@blp.response(201, TemplateCardSchema)
def create(body: dict[str, Any]) -> Response:
    """Keep a new one for my office."""
    made = once(templates.create, reviewer=reviewer(), content=_content(body), now=runtime().clock())
    return _one(made, 201)


@blp.get("/<id:template_id>")
@blp.response(200, TemplateCardSchema)
def read(template_id: int) -> Response:
    """One that I may use."""
    return _one(template_id)


@blp.put("/<id:template_id>")
@blp.arguments(TemplateSchema)
@blp.response(200, TemplateCardSchema)
def change(body: dict[str, Any], template_id: int) -> Response:
    """Replace one of my office's own; ``If-Match`` guards against a colleague's change."""
    at = runtime()
    at.db.transact(
        templates.change,
        reviewer=reviewer(),
        template_id=template_id,
        content=_content(body),
        expected_version=expected_version(),
        now=at.clock(),
    )
    return _one(template_id)


@blp.delete("/<id:template_id>")
@blp.response(204)
def delete(template_id: int) -> Response:
    """Take one of my office's own out of use."""
    at = runtime()
    at.db.transact(templates.retire, reviewer=reviewer(), template_id=template_id, now=at.clock())
    return Response(status=204)


def _content(body: dict[str, Any]) -> Content:
    return Content(**body | {"items": tuple(Defect(**item) for item in body["items"])})


def _one(template_id: int, status: int = 200) -> Response:
    with runtime().db.reading() as session:
        card = templates.one(session, reviewer=reviewer(), template_id=template_id)
    return json(card, status, version=card["version"])
