"""Service items as data: check, compare, publish, take back."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.administration import items
from backend.administration.policy import check_whole
from backend.schemas.administration import (
    DifferenceSchema,
    ItemTextSchema,
    PublishedSchema,
    PublishSchema,
    RollbackSchema,
    VersionsSchema,
)
from backend.web.admins import administrator
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.once import once

blp = Blueprint("admin-items", __name__, url_prefix="/admin/service-items", description="Administration 管理")
TOML = "application/toml"


@blp.post("/checks")
@blp.arguments(ItemTextSchema)
@blp.response(200, DifferenceSchema)
def check_item(body: dict[str, Any]) -> dict[str, Any]:
    """What publishing would change; 422 invalid_definition with every fault and its line. Changes nothing."""
    at = runtime()
    check_whole(administrator())
    definition, _ = items.read(body["text"], purposes=at.purposes, now=at.clock())
    with at.db.reading() as session:
        found = items.difference(session, definition)
    return {"code": found.code, "name": found.name, "base_version": found.current, "changes": found.parts()}


@blp.post("")
@blp.arguments(PublishSchema)
@blp.response(201, PublishedSchema)
def publish_item(body: dict[str, Any]) -> dict[str, Any]:
    """Publish; 409 changed_meanwhile when another version was published since it was compared."""
    at = runtime()
    check_whole(administrator())
    definition, text = items.read(body["text"], purposes=at.purposes, now=at.clock())
    version = once(
        items.publish,
        admin=administrator(),
        definition=definition,
        text=text,
        base=body["base_version"],
        phone=at.settings.phone,
        now=at.clock(),
    )
    return {"code": definition.code, "version": version}


@blp.get("/<string:code>/versions")
@blp.response(200, VersionsSchema)
def list_versions(code: str) -> dict[str, Any]:
    """Every published version, the newest first."""
    with runtime().db.reading() as session:
        return {"items": items.versions(session, code)}


@blp.get("/<string:code>/versions/<int:version>")
@blp.response(200, content_type=TOML)
def read_version(code: str, version: int) -> Response:
    """The TOML file of a version."""
    with runtime().db.reading() as session:
        return Response(items.source(session, code, version), mimetype=TOML)


@blp.post("/<string:code>/rollback")
@blp.arguments(RollbackSchema)
@blp.response(201, PublishedSchema)
def roll_back(body: dict[str, Any], code: str) -> dict[str, Any]:
    """Publish the content of an earlier version anew; numbers only go up."""
    at = runtime()
    check_whole(administrator())
    with at.db.reading() as session:
        content = items.source(session, code, body["version"])
    definition, text = items.read(content, purposes=at.purposes, now=at.clock())
    version = once(
        items.publish,
        admin=administrator(),
        definition=definition,
        text=text,
        base=body["base_version"],
        phone=at.settings.phone,
        now=at.clock(),
        act="item.rollback",
    )
    return {"code": code, "version": version}
