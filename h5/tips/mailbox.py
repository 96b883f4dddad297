"""Back with the receipt code: what became of it, questions and answers, evidence. The token is in hidden fields."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, request
from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from backend.documents.refusals import too_large_evidence
from backend.kernel.errors import NotFound, Problem
from backend.schemas.tips import ReplySchema
from backend.tips.codes import LOCATOR, SECRET
from backend.tips.evidence_cleaning import MOST_BYTES
from backend.tips.tokens import Holder
from backend.web import problems, tips as edge, tips_evidence, tips_mailbox, tips_work
from backend.web.blueprint import invalid
from backend.web.words import say
from h5.tips import marks
from h5.tips.problems import problem
from h5.tips.screen import at, page
from h5.tips.words import next_step

blp = Blueprint("tips_mailbox", __name__, url_prefix="/tips/inbox")
MESSAGE = ReplySchema()
#: Characters of a code or message that come back to be mended, more than either may have.
MOST = 20_000
#: Of a receipt code.
DIGITS = LOCATOR + SECRET


@blp.get("")
def door() -> Response:
    """Where the code is typed."""
    return closed(None)


@blp.post("")
def open_() -> Response:
    """The mailbox, or the same refusal for whatever is wrong."""
    form = request.form
    try:
        holder = edge.open_mailbox(
            form.get("receipt_code", ""),
            form.get("passphrase", ""),
            altcha=form.get("altcha") or None,
            ticket=form.get("ticket") or None,
        )
        return opened(holder)
    except Problem as found:
        return closed(found)


@blp.post("/again")
def again() -> Response:
    """The mailbox once more, on the way back from a page beneath it."""
    return opened(entered())


@blp.post("/messages")
def write() -> Response:
    """Answer or add something; what the office asked counts as answered."""
    text = request.form.get("text", "")[:MOST].replace("\r\n", "\n")
    try:
        holder = entered()
        tips_mailbox.write(holder, text=_text(text), once=request.form.get("once", ""))
    except NotFound as gone:
        return problem(gone, typed=text)
    except Problem as found:
        return opened(holder, found, text=text)
    return opened(holder, done=_("送到了，核查的人看得到"))


@blp.post("/evidence")
def add() -> Response:
    """One photo, recording or PDF."""
    try:
        holder = entered()
    except RequestEntityTooLarge as error:  # nothing of it is read, the token neither: a page of its own
        problems.drain()
        raise too_large_evidence() from error
    try:
        tips_evidence.keep_posted(holder)
    except NotFound:
        raise
    except Problem as found:
        return opened(holder, found, of_file=True)
    return opened(holder, done=_("加上了。拍摄的时间、地点和手机型号都去掉了"))


def entered() -> Holder:
    """Who posted this form."""
    return tips_mailbox.entered(request.form.get("token", ""))


def closed(found: Problem | None) -> Response:
    """The form for the code. Work is asked for only where a refusal says so, and is then done in the background."""
    asked = found is not None and (found.code in ("work_required", "work_refused", "too_early", "slow_lane_full"))
    values = {
        "code": request.form.get("receipt_code", "")[:80] if found else "",
        "passphrase": request.form.get("passphrase", "")[:128] if found else "",
        "refused": say(found.title) if found else "",
        "counted": _counted(request.form.get("receipt_code", "")) if found else "",
        "carried": tips_work.carried(found.extra.get("challenge")) if found and asked else None,
    }
    return _answer(page("tips/door.html", found.status if found else 200, **values), found)


def opened(
    holder: Holder, found: Problem | None = None, *, text: str = "", of_file: bool = False, done: str = ""
) -> Response:
    """The mailbox, with a fresh token and, after a refusal, what was typed."""
    box = edge.inbox(holder, now=at().clock())
    values: dict[str, Any] = {
        "box": box,
        "next": next_step(box, at()),
        "once": secrets.token_hex(16),
        "renewal": tips_work.carried().ticket,
        "text": text,
        "pieces": marks.of_text(_text(text), found) if text and marks.spots(found) else [],
        "refused": marks.first(found) if found else "",
        "of_file": of_file,
        "done": done,
        "largest": MOST_BYTES,
    }
    return _answer(page("tips/mailbox.html", found.status if found else 200, **values), found)


def _counted(typed: str) -> str:
    """How many digits were typed, where it is not the number that a code has: of what they are it says nothing."""
    count = sum(sign.isdecimal() for sign in typed)
    return "" if count == DIGITS else _("这里有 %(n)s 位数字，查询码是 28 位，请对照纸上数一数", n=count)


def _text(typed: str) -> str:
    try:
        return str(MESSAGE.load({"text": typed})["text"])
    except ValidationError as error:
        raise invalid(error.messages) from error


def _answer(answer: Response, found: Problem | None) -> Response:
    if found is not None and found.retry_after is not None:
        answer.headers["Retry-After"] = str(found.retry_after)
    return answer
