"""Answers: orjson, entity tags, lists."""

from __future__ import annotations

import re
from typing import Any

import orjson
from flask import Response, request
from flask.json.provider import JSONProvider

from backend.kernel.errors import Stale
from backend.kernel.i18n import N_, Text
from backend.web.words import say

#: A ``Text`` is a dataclass, but it goes out as a sentence.
OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS
_TAG = re.compile(r'"(\d{1,18})"', re.ASCII)


def _default(value: Any) -> Any:
    if isinstance(value, Text):
        return say(value)
    raise TypeError(type(value).__name__)


class OrjsonProvider(JSONProvider):
    """UTF-8, 14 times as fast as the standard one on 20 rows (FIGURES)."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj, default=_default, option=OPTIONS).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        return json(self._prepare_response_obj(args, kwargs))


def json(value: Any, status: int = 200, *, version: int | None = None) -> Response:
    """A JSON answer that no cache keeps; ``version`` becomes its entity tag."""
    response = Response(orjson.dumps(value, default=_default, option=OPTIONS), status, mimetype="application/json")
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    return response


def stored(content: bytes, *, version: int, variant: str = "") -> Response:
    """Bytes that were made once; 304 when the client has them. ``variant`` tells a translation from the original."""
    tag = f'"{version}{variant}"'
    if request.headers.get("If-None-Match") == tag:
        response = Response(status=304)
    else:
        response = Response(content, mimetype="application/json")
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept-Language")
    return response


def expected_version() -> int | None:
    """The version that ``If-Match`` asks for; ``None`` without one or for ``*``; nonsense matches nothing."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    match = _TAG.fullmatch(header.strip())
    if match is None:
        raise Stale("stale", N_("内容已经变了，请刷新后再改"))
    return int(match.group(1))


def page_of(items: list[Any], next_cursor: str | None) -> dict[str, Any]:
    """The shape of every list."""
    return {"items": items, "next_cursor": next_cursor}
