"""Follow-ups 随访 that a woman asked for: days, answers, and the way to stop without signing in."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.bookings import questions
from backend.bookings.followups import Card
from backend.bookings.questions import Question
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_
from backend.schemas.followups import (
    FirstDaySchema,
    FollowUpAnswersSchema,
    FollowUpDaysSchema,
    FollowUpsSchema,
    StopWordSchema,
)
from backend.web import followups
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.words import language

blp = Blueprint("follow-ups", __name__, description="Follow-ups 随访 of one's own")
#: Open to all: nothing here knows anybody.
stopping = Blueprint("follow-up-stops", __name__, url_prefix="/follow-ups", description="Stopping follow-ups")


@blp.get("/me/follow-ups")
@blp.response(200, FollowUpsSchema)
def list_mine() -> Response:
    """What I asked to be asked, by day, with the questions."""
    return _mine()


@blp.delete("/me/follow-ups")
@blp.response(204)
def stop_all() -> None:
    """Ask me nothing any more."""
    followups.stop_all()


@blp.post("/me/follow-ups/proposals")
@blp.arguments(FirstDaySchema)
@blp.response(200, FollowUpDaysSchema)
def propose(body: dict[str, Any]) -> Response:
    """The usual days for a first day of the last period, which is not stored."""
    found = questions.propose(body["first_day"], on=today(runtime().clock()))
    return json(
        {"items": [{"kind": one.kind.code, "ask_on": str(one.ask_on), "until": str(one.until)} for one in found]}
    )


@blp.put("/bookings/<id:booking_id>/follow-ups")
@blp.arguments(FollowUpDaysSchema)
@blp.response(200, FollowUpsSchema)
def put(body: dict[str, Any], booking_id: int) -> Response:
    """Be asked exactly these, on my days, after a checkup that is over; an empty list stops everything."""
    days = {one["kind"]: one["ask_on"] for one in body["items"]}
    if len(days) != len(body["items"]):
        words = N_("只能写一次")
        raise Invalid("invalid_input", words, errors={"items": [words]})
    followups.put(booking_id, days)
    return _mine()


@blp.post("/me/follow-ups/<id:follow_up_id>/answer")
@blp.arguments(FollowUpAnswersSchema)
@blp.response(204)
def answer(body: dict[str, Any], follow_up_id: int) -> None:
    """Send my answers to the station; it learns my name only if I write it. The question is gone then."""
    followups.answer(follow_up_id, body["answers"], body["name"], body["contact"])


@stopping.post("/stop")
@stopping.arguments(StopWordSchema)
@stopping.response(204)
def stop(body: dict[str, Any]) -> None:
    """Stop by the word of the link in a message, without signing in; the answer is the same for every word."""
    followups.stop(body["word"])


def _mine() -> Response:
    return json({"items": [_card(card) for card in followups.mine()]})


def _card(card: Card) -> dict[str, Any]:
    return {
        "id": ids.encode(card.id),
        "kind": card.kind.code,
        "label": _said(card.kind, "name"),
        "ask_on": card.ask_on.isoformat(),
        "until": card.until.isoformat(),
        "open": card.is_open,
        "questions": [_question(question) for question in card.kind.questions],
    }


def _question(question: Question) -> dict[str, Any]:
    options = [{"value": option.value, "label": _said(option, "label")} for option in question.options]
    facts = {"name": question.name, "type": question.type, "required": question.required}
    return facts | {"label": _said(question, "label"), "options": options}


def _said(thing: object, name: str) -> str:
    return str(getattr(thing, f"{name}_en" if language() == "en" else name))
