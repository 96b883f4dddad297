"""Refusals as pages: what happened, what is safe, what to do, and a phone number."""

from __future__ import annotations

from urllib.parse import quote

from flask import g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from backend.kernel.errors import Problem
from backend.kernel.i18n import N_
from backend.web.answers import json
from backend.web.words import say
from h5 import stash
from h5.paths import here
from h5.staff import door

HEADS = {
    401: N_("请先登录"),
    403: N_("这一页打不开"),
    404: N_("没有找到这一页"),
    405: N_("这一页打不开"),
    409: N_("现在不能这样做"),
    410: N_("公示已经结束"),
    412: N_("内容在别处改过了"),
    413: N_("文件太大了"),
    415: N_("这种文件收不了"),
    422: N_("有地方要改"),
    423: N_("暂时锁上了"),
    429: N_("点得太快了，歇一会儿再试"),
    500: N_("系统出了点问题"),
    503: N_("系统正忙"),
}


def page(problem: Problem) -> Response:
    """The refusal for a person; a form that came after the session ended is kept and asks to sign in."""
    if "X-Fragment" in request.headers or request.accept_mimetypes.best == "application/json":
        return json({"text": say(problem.title)}, problem.status)
    if problem.status == 401:
        return _sign_in(problem)
    g.broken = problem.status >= 500
    again = here() if request.method == "GET" else None
    said = render_template(
        "errors/problem.html",
        head=say(HEADS.get(problem.status, HEADS[500 if problem.status >= 500 else 422])),
        text=say(problem.title),
        details=[say(text) for texts in problem.errors.values() for text in texts],
        again=again if problem.status in (429, 500, 503) else None,
        home=door.HOME if _at_console() else "/",
    )
    return _answer(said, problem)


def _at_console() -> bool:
    return request.path == door.HOME or request.path.startswith(f"{door.HOME}/")


def _sign_in(problem: Problem) -> Response:
    if request.method == "GET":
        return redirect(f"{door.HOME if _at_console() else ''}/login?next={quote(here())}", 303)
    kept = stash.pack()
    if _at_console():
        return _answer(door.ask(door.HOME, kept=kept), problem)
    said = render_template("session/login.html", next=here(), stash=kept, mobile="", error=None, expired=True)
    return _answer(said, problem)


def _answer(said: str, problem: Problem) -> Response:
    response = make_response(said, problem.status)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response
