"""How I want to be told, kind by kind, and the record of what was sent to me."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.kernel.errors import Invalid
from backend.kernel.i18n import Text
from backend.lifecycles.delivery import DELIVERY, DeliveryStatus as S
from backend.notifications import calling_off, history, preferences
from backend.notifications.history import Sent
from backend.notifications.kinds import CHANNELS, SMS, WECHAT
from backend.notifications.preferences import (
    EARLIEST_FROM,
    LATEST_TO,
    USUAL_FROM,
    USUAL_TO,
    Choice,
    Preferences,
)
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import LANGUAGES, field_errors, language
from h5.paths import with_word

blp = Blueprint("h5_preferences", __name__, url_prefix="/me/notifications")

#: Status of a delivery → its shape and colour beside the word.
SIGNS = {
    S.WAITING: ("○", "blue"),
    S.SENT: ("→", "blue"),
    S.DELIVERED: ("✓", ""),
    S.FAILED: ("✕", "red"),
    S.EXPIRED: ("—", "grey"),
    S.DOUBTFUL: ("?", "sun"),
    S.DROPPED: ("—", "grey"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One kind. ``options``: channels as (value, name, none), those that can be chosen."""

    name: str
    label: Text
    hint: Text
    options: list[tuple[str, str, None]]
    chosen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery. ``sign``: its shape, ``kind``: its colour."""

    sent: Sent
    channel: str
    status: Text
    sign: str
    kind: str


@blp.get("")
def show() -> str:
    """What holds now."""
    return _page(_found())


@blp.post("")
def save() -> str | Response:
    """Tell me so from now on."""
    found = _found()
    wanted = {
        choice.kind.name: request.form.getlist(choice.kind.name)
        for choice in found.choices
        if request.form.get(f"{choice.kind.name}.shown")
    }
    try:
        _put(
            choices={kind: [name for name in given if name in CHANNELS] for kind, given in wanted.items()},
            quiet_from=_hour("quiet_from"),
            quiet_to=_hour("quiet_to"),
            language=request.form.get("language") if request.form.get("language") in LANGUAGES else None,
        )
    except Invalid as refused:
        return make_response(_page(found, field_errors(refused)), refused.status)
    return redirect(with_word(url_for(".show"), "saved"), 303)


@blp.post("/stop")
def stop() -> Response:
    """Nothing but the inbox."""
    _put(stopped=True)
    return redirect(url_for(".show"), 303)


@blp.post("/resume")
def resume() -> Response:
    """Tell me again, as I had chosen."""
    _put(stopped=False)
    return redirect(with_word(url_for(".show"), "saved"), 303)


@blp.get("/sent")
def sent() -> str:
    """Twelve months, newest first."""
    at = runtime()
    with at.db.reading() as session:
        found, cursor = history.sent(
            session, at.vault, resident_id=caller().id, language=language(), cursor=request.args.get("cursor")
        )
    names = channel_names()
    lines = [Line(one, names[one.channel], DELIVERY.label(one.status), *SIGNS[S(one.status)]) for one in found]
    return render_template("preferences/sent.html", lines=lines, cursor=cursor)


@blp.post("/sent/<id:delivery>/cancellation")
def call_off(delivery: int) -> Response:
    """Do not send this one."""
    once(calling_off.call_off, resident_id=caller().id, delivery_id=delivery, now=runtime().clock())
    return redirect(url_for(".sent"), 303)


def channel_names() -> dict[str, str]:
    """What people call the channels."""
    return {WECHAT: _("微信"), SMS: _("短信")}


def _found() -> Preferences:
    with runtime().db.reading() as session:
        return preferences.read(session, resident_id=caller().id)


def _put(**given: Any) -> None:
    at = runtime()
    at.db.transact(preferences.put, at.vault, resident_id=caller().id, now=at.clock(), **given)


def _page(found: Preferences, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "preferences/show.html",
        found=found,
        cards=[_card(choice) for choice in found.choices],
        evenings=[
            (hour, _("晚上 %(hour)s 点", hour=hour) if hour >= 18 else _("下午 %(hour)s 点", hour=hour), None)
            for hour in range(EARLIEST_FROM, USUAL_FROM + 1)
        ],
        mornings=[(hour, _("%(hour)s 点", hour=hour), None) for hour in range(USUAL_TO, LATEST_TO + 1)],
        languages=[("zh", "中文", None), ("en", "English", None)],
        errors=errors or {},
    )


def _card(choice: Choice) -> Card:
    names = channel_names()
    options = [(name, names[name], None) for name in choice.offered]
    return Card(choice.kind.name, choice.kind.label, choice.kind.hint, options, choice.channels)


def _hour(name: str) -> int | None:
    """A chosen hour; anything else leaves what was."""
    given = request.form.get(name, "")
    return int(given) if given in {str(hour) for hour in range(24)} else None
