"""The blueprint of the API: flask-smorest with our strict parser and our words for what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock
from typing import Any, NoReturn

import flask_smorest
from flask import Flask, Request
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy

from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_, Text
from backend.web.body import read_json


class Parser(FlaskParser):
    """Strict JSON, repeated query keys refused, every validation error in the house's form."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        return read_json(req)

    def load_querystring(self, req: Request, schema: Schema) -> MultiDictProxy:
        repeated = [key for key, values in req.args.lists() if len(values) > 1]
        if repeated:
            raise ValidationError({key: [N_("只能写一次")] for key in repeated})
        return MultiDictProxy(req.args, schema)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        raise invalid(error.messages) from error


#: Names that people did not write: of the places of a request, and of the two sides of an entry in a mapping.
OF_MARSHMALLOW = frozenset({"json", "query", "form", "files", "_schema"})
OF_A_MAPPING = frozenset({"key", "value"})


def invalid(messages: Any) -> Invalid:
    """What marshmallow found, field by field (nested fields with dots), as one refusal."""
    errors: dict[str, list[Any]] = {}
    _flatten(errors, "", messages)
    return Invalid("invalid_input", N_("有 %(n)s 处要改", n=len(errors)), errors=errors)


def _flatten(errors: dict[str, list[Any]], path: str, messages: Any) -> None:
    if isinstance(messages, dict):
        inner = OF_A_MAPPING if path and set(messages) <= OF_A_MAPPING else OF_MARSHMALLOW
        for key, value in messages.items():
            name = "" if key in inner else str(key)
            _flatten(errors, ".".join(part for part in (path, name) if part), value)
        return
    found = messages if isinstance(messages, list) else [messages]
    errors.setdefault(path or "body", []).extend(m if isinstance(m, Text) else str(m) for m in found)


class Blueprint(flask_smorest.Blueprint):  # type: ignore[name-defined]
    """Import this one, not flask-smorest's own."""

    ARGUMENTS_PARSER = Parser()

    def arguments(self, schema: Any, **options: Any) -> Any:
        """One instance of a schema for all requests: making it costs more than using it."""
        return super().arguments(schema() if isinstance(schema, type) else schema, **options)

    def register_views_in_doc(self, api: Any, *args: Any, **options: Any) -> None:
        """Describe the operations when somebody asks: it takes half of the start of an app."""
        api.later.append(partial(super().register_views_in_doc, api, *args, **options))


#: Where an app keeps its ``Api``, for the document.
EXTENSION = "yangguang_openapi"


class Api(flask_smorest.Api):
    """flask-smorest's API without its error pages: refusals have one form, in ``web.problems``."""

    def __init__(self, app: Flask) -> None:
        self.later: list[Callable[[], None]] = []
        self._describing = Lock()
        super().__init__(app)  # type: ignore[no-untyped-call]  # flask-smorest has no types

    def described(self) -> dict[str, Any]:
        """The OpenAPI document of this app."""
        with self._describing:
            while self.later:
                self.later.pop(0)()
            found: dict[str, Any] = self.spec.to_dict()
            return found

    def _register_error_handlers(self) -> None:
        """Nothing to register."""
