"""The OpenAPI document, and the same for people: rendered here, so it works without any outside script."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import orjson
from flask import Blueprint, Flask, Response, current_app, render_template

from backend.web import described, reference, routing
from backend.web.answers import stored
from backend.web.blueprint import EXTENSION, Api

blp = Blueprint("docs", __name__)
BESIDE = "yangguang_openapi_beside"


def bind(app: Flask, api: Api) -> None:
    """Before any blueprint is registered: the document learns what a row id looks like in an address."""
    api.register_converter(routing.RowIdConverter, described.row_id)  # type: ignore[no-untyped-call]
    api.register_converter(routing.CaseConverter, described.case)  # type: ignore[no-untyped-call]
    api.register_converter(routing.NumberConverter, described.number)  # type: ignore[no-untyped-call]
    api.register_converter(routing.UuidConverter, described.uuid)  # type: ignore[no-untyped-call]
    app.extensions[EXTENSION] = api


def beside(app: Flask, other: Flask) -> None:
    """Let the document tell of another app too (the tip line)."""
    app.extensions[BESIDE] = other


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document of an app, with the security schemes and the problem shape."""
    found = _spec(app)
    guards = app.extensions["yangguang_guards"]
    if (other := app.extensions.get(BESIDE)) is not None:
        found, guards = described.joined(found, _spec(other)), guards | other.extensions["yangguang_guards"]
    return described.complete(found, guards)


def _spec(app: Flask) -> dict[str, Any]:
    return cast(Api, app.extensions[EXTENSION]).described()


@cache
def _bytes(app: Flask) -> bytes:
    return orjson.dumps(document(app), option=orjson.OPT_SORT_KEYS)


def _app() -> Flask:
    return cast(Any, current_app)._get_current_object()


@blp.get("/api/v1/openapi.json")
def openapi() -> Response:
    """The document."""
    return stored(_bytes(_app()), version=1)


@blp.get("/api/docs")
def human() -> str:
    """Every endpoint with its fields, readable without JavaScript."""
    spec = orjson.loads(_bytes(_app()))
    return render_template("docs/api.html", spec=spec, subjects=reference.subjects(spec), shapes=reference.shapes(spec))
