"""Refusals as people and programs read them: RFC 9457 problem details for the API, pages for people."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from backend.kernel.errors import Problem
from backend.kernel.i18n import N_, Text
from backend.web.words import API, say

log = logging.getLogger(__name__)

PLAIN: dict[int, tuple[str, Text]] = {
    400: ("malformed", N_("请求看不懂，请检查后再试")),
    401: ("unauthenticated", N_("请先登录")),
    403: ("forbidden", N_("您不能做这件事")),
    404: ("not_found", N_("没有找到，可能已经删除，或者不是您的")),
    405: ("method_not_allowed", N_("这个地址不支持这种操作")),
    406: ("not_acceptable", N_("没有您要的格式")),
    408: ("timeout", N_("网络太慢，请再试一次")),
    413: ("too_large", N_("内容太大，最多 10 MB")),
    414: ("uri_too_long", N_("网址太长")),
    415: ("unsupported_media_type", N_("不支持这种格式")),
    422: ("invalid_input", N_("内容有误，请检查后再试")),
    429: ("too_many_requests", N_("操作太频繁，请稍后再试")),
    500: ("internal_error", N_("系统出了问题，请稍后再试，已保存的内容都在")),
    503: ("unavailable", N_("系统正忙，请稍后再试，已保存的内容都在")),
}


MACHINES = ("/healthz", "/readyz", "/metrics")
PREFIXES = (API, "/callbacks/", "/dev/", "/wechat/callback", "/.well-known/")


def wants_json() -> bool:
    """API paths, those for providers and the well-known documents never answer in HTML."""
    return request.path.startswith(PREFIXES) or request.path in MACHINES


def body(problem: Problem) -> dict[str, Any]:
    """The problem details of a refusal, in the language of the request."""
    details: dict[str, Any] = {
        "type": f"urn:yangguang:problem:{problem.code}",
        "title": say(problem.title),
        "status": problem.status,
        "code": problem.code,
        "detail": say(problem.detail or problem.title),
        "instance": request.path,
    }
    if problem.errors:
        details["errors"] = {name: [say(text) for text in texts] for name, texts in problem.errors.items()}
    return {**problem.extra, **details}


def answer(problem: Problem) -> Response:
    """The refusal as ``application/problem+json``."""
    response = Response(orjson.dumps(body(problem)), problem.status, mimetype="application/problem+json")
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def from_http(error: HTTPException) -> Problem:
    """What Flask or Werkzeug refused, as one of ours."""
    status = error.code or 500
    code, title = PLAIN.get(status, PLAIN[400 if status < 500 else 500])
    return _kind(status)(code, title, retry_after=5 if status == HTTPStatus.SERVICE_UNAVAILABLE else None)


@cache
def _kind(status: int) -> type[Problem]:
    """The refusal with a status that only the framework gives."""
    return type("HttpProblem", (Problem,), {"status": status})


def drain(limit: int = 32 * 2**20) -> None:
    """Read what is still coming, so that the sender hears the 413 and not a broken connection."""
    left = limit
    while left > 0 and (chunk := request.environ["wsgi.input"].read(min(65536, left))):
        left -= len(chunk)


def report(error: Exception) -> None:
    """The class and place only: messages and values may hold what a person typed."""
    log.error("unhandled %s in %s", type(error).__name__, request.endpoint, exc_info=_trace(error))


def install(app: Flask, page: Any, report: Callable[[Exception], None] = report) -> None:
    """``page(problem) -> Response`` renders a refusal for people; ``report`` tells the log of a bug."""

    def refuse(problem: Problem) -> Response:
        return answer(problem) if wants_json() else page(problem)

    def on_http(error: HTTPException) -> Response:
        if isinstance(error, RequestEntityTooLarge):
            drain()
        if error.code is not None and error.code < 400:
            return error.get_response()  # type: ignore[return-value]  # a redirect is no problem
        response = refuse(from_http(error))
        if error.code == 405:
            allowed = getattr(error, "valid_methods", None) or ["GET", "HEAD", "OPTIONS"]
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response

    def on_bug(error: Exception) -> Response:
        report(error)
        return refuse(from_http(HTTPException()))

    app.register_error_handler(Problem, refuse)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(Exception, on_bug)


def _trace(error: Exception) -> Any:
    """Where it happened, without the exception's own text."""
    bare = type(error)
    return (bare, None, error.__traceback__)
