"""How I want to be told, kind by kind, and the record of what was sent to me."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.kernel.clock import SHANGHAI
from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_, Text
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
from h5.dates import clock_time
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

#: Failures that are nobody's fault: it was not sent, and why.
NOT_SENT = {
    "NoCredit": N_("微信要您允许一次才能发一次。“消息”里有。"),
    "budget": N_("这个月的短信发完了。“消息”里有。"),
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
    """One delivery. ``sign``: its shape, ``kind``: its colour; ``why``: what to know where it was not sent."""

    sent: Sent
    channel: str
    status: Text
    sign: str
    kind: str
    why: Text | None


@blp.get("")
def show() -> str:
    """What holds now."""
    return _page(_found())


@blp.post("")
def save() -> str | Response:
    """Tell me so from now on."""
    found = _found()
    shown = [choice for choice in found.choices if request.form.get(f"{choice.kind.name}.shown")]
    try:
        _put(
            choices={choice.kind.name: _ticked(choice) for choice in shown},
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
    lines = [_line(one, names[one.channel]) for one in found]
    return render_template("preferences/sent.html", lines=lines, cursor=cursor)


@blp.post("/sent/<id:delivery>/cancellation")
def call_off(delivery: int) -> Response:
    """Do not send this one."""
    once(calling_off.call_off, resident_id=caller().id, delivery_id=delivery, now=runtime().clock())
    return redirect(url_for(".sent"), 303)


def channel_names() -> dict[str, str]:
    """What people call the channels."""
    return {WECHAT: _("微信"), SMS: _("短信")}


def _line(one: Sent, channel: str) -> Line:
    why = NOT_SENT.get(one.error or "")
    shown = S.DROPPED if why else S(one.status)
    return Line(one, channel, DELIVERY.label(shown), *SIGNS[shown], why)


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
        wechat=runtime().wechat.enabled,
        cards=[_card(choice) for choice in found.choices],
        usual=(_clock(USUAL_FROM), _clock(USUAL_TO)),
        evenings=_hours(EARLIEST_FROM, USUAL_FROM),
        mornings=_hours(USUAL_TO, LATEST_TO),
        languages=[("zh", "中文", None), ("en", "English", None)],
        errors=errors or {},
    )


def _card(choice: Choice) -> Card:
    names = channel_names()
    options = [(name, names[name], None) for name in _shown(choice)]
    return Card(choice.kind.name, choice.kind.label, choice.kind.hint, options, choice.channels)


def _shown(choice: Choice) -> list[str]:
    """The channels there are for this kind; without a service account there is no WeChat to choose."""
    return [name for name in choice.offered if name != WECHAT or runtime().wechat.enabled]


def _ticked(choice: Choice) -> list[str]:
    """What this request ticks, and what was chosen and is not shown."""
    shown, given = _shown(choice), request.form.getlist(choice.kind.name)
    return [name for name in CHANNELS if name in (given if name in shown else choice.channels)]


def _hours(first: int, last: int) -> list[tuple[int, str, None]]:
    return [(hour, _clock(hour), None) for hour in range(first, last + 1)]


def _clock(hour: int) -> str:
    """A full hour as every page says times."""
    return clock_time(datetime(2026, 1, 1, hour, tzinfo=SHANGHAI))


def _hour(name: str) -> int | None:
    """A chosen hour; anything else leaves what was."""
    given = request.form.get(name, "")
    return int(given) if given in {str(hour) for hour in range(24)} else None
