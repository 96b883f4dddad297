"""Follow-ups 随访 of one's own: ask for them on days of one's own, answer, and stop with one tap, signed in or not."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.bookings.questions import LONGEST, Kind, follow_ups, propose
from backend.kernel.clock import today
from backend.kernel.errors import Invalid, Problem
from backend.kernel.i18n import N_, Text
from backend.web import followups
from backend.web.bookings import my_booking
from backend.web.context import runtime
from backend.web.words import field_errors, say
from h5.forms import typed_day
from h5.paths import with_word
from h5.shell import in_language

blp = Blueprint("h5_followups", __name__)
#: Open to all: whoever has the link of a message stops it, on any phone.
stopping = Blueprint("h5_followup_stops", __name__, url_prefix="/follow-ups/stop")

FIRST = "first"


@dataclass(frozen=True, slots=True)
class Line:
    """One question that can be turned on. ``day``: (year, month, day) as it stands in the boxes."""

    kind: Kind
    chosen: bool
    day: tuple[str, str, str]
    error: str | None


@blp.get("/bookings/<id:booking>/follow-ups")
def choose(booking: int) -> str:
    """What may be asked, and the days she gives."""
    my_booking(booking)
    mine = {card.kind.code: card.ask_on for card in followups.mine()}
    return _choose(booking, [_line(kind, mine.get(code)) for code, kind in follow_ups().kinds.items()])


@blp.post("/bookings/<id:booking>/follow-ups/days")
def work_out(booking: int) -> str | Response:
    """The usual days for what she typed, in the boxes; what she typed goes no further than this answer."""
    my_booking(booking)
    kinds = follow_ups().kinds
    try:
        found = {one.kind.code: one.ask_on for one in propose(_day(FIRST), on=today(runtime().clock()))}
    except Invalid as problem:
        lines = [_line(kind, None) for kind in kinds.values()]
        return make_response(_choose(booking, lines, first_error=say(problem.title)), 422)
    return _choose(booking, [_line(kind, found.get(code)) for code, kind in kinds.items()], worked_out=True)


@blp.post("/bookings/<id:booking>/follow-ups")
def save(booking: int) -> str | Response:
    """Be asked exactly what is ticked."""
    wanted = [code for code in follow_ups().kinds if request.form.get(code)]
    days, wrong = {}, {}
    for code in wanted:
        try:
            days[code] = _day(f"{code}-day")
        except Invalid as problem:
            wrong[code] = say(problem.title)
    problem_: Problem | None = None
    if not wrong:
        try:
            followups.put(booking, days)
        except Problem as problem:
            if problem.status in (401, 403, 404):
                raise
            problem_, wrong = problem, field_errors(problem)
    if wrong or problem_:
        lines = [_typed(kind, code in wanted, wrong.get(code)) for code, kind in follow_ups().kinds.items()]
        return make_response(_choose(booking, lines, problem=problem_), problem_.status if problem_ else 422)
    return redirect(with_word(url_for(".listing"), "saved" if days else "stopped"), 303)


@blp.get("/follow-ups")
def listing() -> str:
    """What she asked to be asked, and the way to stop."""
    return render_template("followups/list.html", cards=followups.mine())


@blp.post("/follow-ups/ending")
def end() -> Response:
    """Ask her nothing any more."""
    followups.stop_all()
    return redirect(with_word(url_for(".listing"), "stopped"), 303)


@blp.get("/follow-ups/<id:follow_up>")
def ask(follow_up: int) -> str:
    """The questions; nothing is sent before she presses."""
    return _answer_page(follow_up, None)


@blp.post("/follow-ups/<id:follow_up>")
def send(follow_up: int) -> str | Response:
    """Send her answers to the station."""
    questions = followups.one(follow_up).kind.questions
    answers = {q.name: request.form.get(q.name, "")[: LONGEST * 2] for q in questions}
    name, contact = (request.form.get(field, "")[:200] for field in ("name", "contact"))
    try:
        followups.answer(follow_up, answers, name, contact)
    except Invalid as problem:
        return make_response(_answer_page(follow_up, problem), problem.status)
    return redirect(with_word(url_for(".listing"), "sent"), 303)


@stopping.get("/<string(maxlength=64):word>")
def offer(word: str) -> str:
    """One button, and nothing that tells whether the word means anything."""
    return render_template("followups/stop.html", word=word, done=False)


@stopping.post("/<string(maxlength=64):word>")
def stop(word: str) -> str:
    """The same sentence for every word."""
    followups.stop(word)
    return render_template("followups/stop.html", word=word, done=True)


def _choose(booking: int, lines: list[Line], **more: Any) -> str:
    said: dict[str, Any] = {"problem": None, "first_error": None, "worked_out": False} | more
    colon = _("：")
    errors = [
        (f"#f-{one.kind.code}-day", f"{in_language(one.kind, 'name')}{colon}{one.error}") for one in lines if one.error
    ]
    key = secrets.token_urlsafe(16)
    return render_template("followups/choose.html", booking=booking, lines=lines, errors=errors, key=key, **said)


def _line(kind: Kind, day: date | None) -> Line:
    boxes = (str(day.year), str(day.month), str(day.day)) if day else ("", "", "")
    return Line(kind, day is not None, boxes, None)


def _typed(kind: Kind, chosen: bool, error: str | None) -> Line:
    year, month, day = (request.form.get(f"{kind.code}-day.{part}", "")[:10] for part in "ymd")
    return Line(kind, chosen, (year, month, day), error)


def _day(name: str) -> date:
    typed = typed_day(name)
    try:
        return date.fromisoformat(typed or "")
    except ValueError as error:
        raise Invalid("bad_day", _no_day(typed)) from error


def _no_day(typed: str | None) -> Text:
    return N_("没有这一天，请再看看年、月、日") if (typed or "").strip("-") else N_("请填年、月、日")


def _answer_page(follow_up: int, problem: Invalid | None) -> str:
    card = followups.one(follow_up)
    return render_template(
        "followups/answer.html",
        card=card,
        options={q.name: [(one.value, in_language(one), None) for one in q.options] for q in card.kind.questions},
        given=request.form,
        errors=field_errors(problem),
        problem=problem,
        longest=LONGEST,
        key=secrets.token_urlsafe(16),
    )
