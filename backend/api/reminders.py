"""The quarterly reminder 提醒 of one's own: set, put off, done, pause, stop; nobody else can see or count it."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.kernel.clock import local
from backend.reminders.cards import Wish
from backend.reminders.policy import LABELS
from backend.reminders.terms import terms
from backend.schemas.reminders import (
    DoneSchema,
    ReminderSchema,
    ReminderStopSchema,
    ReminderTextSchema,
    ReminderWishSchema,
    SnoozeSchema,
)
from backend.web import reminders
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.words import language

blp = Blueprint(
    "reminders",
    __name__,
    url_prefix="/me/reminders/quarterly-check",
    description="The reminder 提醒 of one's own",
)
#: Open to all: nothing here knows anybody.
stopping = Blueprint("reminder-stops", __name__, url_prefix="/reminders", description="Stopping reminders")


@blp.get("")
@blp.response(200, ReminderSchema)
def read() -> Response:
    """My reminder with its next day; 404 where I have set none."""
    return _mine()


@blp.get("/consent")
@blp.response(200, ReminderTextSchema)
def consent() -> Response:
    """What I agree to by setting one."""
    return json({"text": terms().text[_language()], "text_version": terms().text_version})


@blp.put("")
@blp.arguments(ReminderWishSchema)
@blp.response(200, ReminderSchema)
def put(body: dict[str, Any]) -> Response:
    """Set or change it; this is the agreement to the text, an old version of which is a 409."""
    text_version = body.pop("text_version")
    reminders.put(Wish(**body), text_version)
    return _mine()


@blp.delete("")
@blp.response(204)
def delete() -> None:
    """Stop it and delete everything about it; twice is once."""
    reminders.stop_mine()


@blp.post("/snooze")
@blp.arguments(SnoozeSchema)
@blp.response(200, ReminderSchema)
def snooze(body: dict[str, Any]) -> Response:
    """Put off what came from today, what is to come from its own day; twice is once."""
    reminders.snooze(body["days"])
    return _mine()


@blp.post("/done")
@blp.arguments(DoneSchema, required=False)
@blp.response(200, ReminderSchema)
def done(body: dict[str, Any]) -> Response:
    """I have done it: what was due for it is not told, and the next counts from that day."""
    reminders.done(body["on"])
    return _mine()


@blp.post("/pause")
@blp.response(200, ReminderSchema)
def pause() -> Response:
    """Rest until I say so."""
    reminders.pause()
    return _mine()


@blp.post("/resume")
@blp.response(200, ReminderSchema)
def resume() -> Response:
    """Go on with the next day that is still to come."""
    reminders.resume()
    return _mine()


@stopping.post("/stop")
@stopping.arguments(ReminderStopSchema)
@stopping.response(204)
def stop(body: dict[str, Any]) -> None:
    """Stop by the word of the link in a message, without signing in; the answer is the same for every word."""
    reminders.stop(body["word"])


def _mine() -> Response:
    card = reminders.mine()
    return json(
        {
            "start_on": card.wish.start_on,
            "channel": card.wish.channel,
            "hour": card.wish.hour,
            "every_months": card.wish.every_months,
            "next_on": card.next_on,
            "next_at": local(card.next_at) if card.next_at else None,
            "done_on": card.done_on,
            "waiting": card.is_open,
            "paused": card.next_at is None,
            "status": card.status,
            "status_label": LABELS[card.status],
            "allowed_actions": card.actions,
            "consent": {
                "text": terms().text[_language()] if card.text_version == terms().text_version else None,
                "text_version": card.text_version,
                "agreed_on": card.agreed_on,
            },
            "version": card.version,
        },
        version=card.version,
    )


def _language() -> str:
    return "en" if language() == "en" else "zh"
