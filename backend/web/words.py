"""Translation at the edge: Chinese first, English where it was asked for."""

from __future__ import annotations

from flask import g, has_request_context, request
from flask_babel import gettext

from backend.kernel.errors import Problem
from backend.kernel.i18n import Text

API = "/api/"
LANGUAGES = ("zh", "en")


def language() -> str:
    """API: ``Accept-Language``; pages: ``?lang=`` or the cookie only, because a phone's setting is no choice."""
    if not has_request_context():
        return "zh"
    if request.path.startswith(API):
        return request.accept_languages.best_match(LANGUAGES, default="zh") or "zh"
    chosen = request.args.get("lang") or g.get("language") or request.cookies.get("lang")
    return chosen if chosen in LANGUAGES else "zh"


def locale() -> str:
    """What Flask-Babel asks for."""
    return "zh_Hans_CN" if language() == "zh" else "en"


def say(text: Text | str) -> str:
    """A sentence in the language of this request."""
    if isinstance(text, str):
        return _translated(text)
    params = {key: say(value) if isinstance(value, Text) else value for key, value in text.params.items()}
    sentence = _translated(text.msgid)
    return sentence % params if params else sentence


def field_errors(problem: Problem | None) -> dict[str, str]:
    """What to write beside each field of a form: the first sentence about it."""
    return {name: say(texts[0]) for name, texts in problem.errors.items()} if problem else {}


def _translated(msgid: str) -> str:
    """The Chinese sentence is the message id: only another language is looked up, each sentence once a request."""
    if not has_request_context():
        return msgid
    if "said" not in g:
        g.said = None if language() == "zh" else {}
    said: dict[str, str] | None = g.said
    if said is None:
        return msgid
    if msgid not in said:
        said[msgid] = gettext(msgid)
    return said[msgid]
