"""The reminder of one's own: set it, done, put off, pause, change, stop; the stop link works on any phone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import date

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.kernel.clock import today
from backend.kernel.errors import Conflict, Invalid, NotFound, Problem
from backend.kernel.i18n import N_, Text
from backend.notifications.kinds import INBOX, SMS, WECHAT
from backend.reminders.cards import Card, Wish
from backend.reminders.terms import CHANNELS, terms
from backend.web import followups, reminders
from backend.web.context import runtime
from backend.web.words import field_errors, language, say
from h5.forms import typed_day
from h5.paths import with_word

blp = Blueprint("h5_reminders", __name__, url_prefix="/reminders")
#: Open to all: whoever has the link of a message stops it, on any phone.
stopping = Blueprint("h5_reminder_stops", __name__, url_prefix="/reminders/stop")

#: Days of the usual choices for putting it off.
SNOOZES = (3, 7, 14)


@blp.get("")
def show() -> str:
    """When it comes next and what can be done with it; where there is none, what it is."""
    card = _card()
    if card is None:
        return _form(None, {}, {})
    return render_template(
        "reminders/show.html",
        card=card,
        channel=_channels()[card.wish.channel],
        hour=_hour(card.wish.hour),
        asked=followups.mine(),
        snoozes=SNOOZES,
        key=secrets.token_urlsafe(16),
    )


@blp.get("/from-a-message")
def arrive() -> Response:
    """Where the link of a message leads: a sign that it is still wanted."""
    reminders.seen()
    return redirect(url_for(".show"))


@blp.get("/change")
def change() -> str | Response:
    """Other days, another hour, another channel."""
    card = _card()
    return redirect(url_for(".show")) if card is None else _form(card, {}, {})


@blp.post("")
def save() -> str | Response:
    """Set or change it as typed."""
    card, wrong = _card(), {}
    if request.form.get("agreed") != "yes" and _must_agree(card):
        wrong["agreed"] = _("要先看一遍、打勾，才能定")
    wish, faults = _typed()
    wrong |= faults
    if wish is None or wrong:
        return make_response(_form(card, wrong, request.form), 422)
    try:
        reminders.put(wish, request.form.get("text_version") or None)
    except (Invalid, Conflict) as problem:
        return make_response(_form(card, field_errors(problem), request.form, problem), problem.status)
    return redirect(with_word(url_for(".show"), "saved"), 303)


@blp.post("/done")
def done() -> str | Response:
    """I have done it, today."""
    return _press(reminders.done)


@blp.post("/snooze")
def snooze() -> str | Response:
    """Put it off by the days of the pressed button."""
    typed = request.form.get("days", "")
    if typed not in map(str, SNOOZES):
        raise Invalid("invalid_input", N_("请从给出的选项里选"))
    return _press(lambda: reminders.snooze(int(typed)))


@blp.post("/pause")
def pause() -> str | Response:
    """Rest until I say so."""
    return _press(reminders.pause)


@blp.post("/resume")
def resume() -> str | Response:
    """Go on."""
    return _press(reminders.resume)


@blp.post("/ending")
def end() -> Response:
    """Stop it and delete everything about it."""
    reminders.stop_mine()
    return redirect(with_word(url_for(".show"), "reminder_stopped"), 303)


@stopping.get("/<string(maxlength=64):word>")
def offer(word: str) -> str:
    """One button, and nothing that tells whether the word means anything."""
    return render_template("reminders/stop.html", word=word, done=False)


@stopping.post("/<string(maxlength=64):word>")
def stop(word: str) -> str:
    """The same sentence for every word."""
    reminders.stop(word)
    return render_template("reminders/stop.html", word=word, done=True)


def _card() -> Card | None:
    try:
        return reminders.mine()
    except NotFound:
        return None


def _press(act: Callable[[], None]) -> Response:
    """A button of the page; pressed twice, or after it was stopped elsewhere, it shows what is."""
    try:
        act()
    except (Conflict, NotFound):
        return redirect(url_for(".show"), 303)
    return redirect(with_word(url_for(".show"), "saved"), 303)


def _form(card: Card | None, wrong: Mapping[str, str], typed: Mapping[str, str], problem: Problem | None = None) -> str:
    colon, labels = _("："), _labels()
    errors = [(f"#f-{name}", f"{label}{colon}{wrong[name]}") for name, label in labels.items() if name in wrong]
    chosen = dict(typed) if typed else _chosen(card)
    return render_template(
        "reminders/form.html",
        card=card,
        chosen=chosen,
        day=tuple(chosen.get(f"start_on.{part}", "")[:10] for part in "ymd"),
        wrong=wrong,
        errors=errors,
        problem=problem if problem and not problem.errors else None,
        channels=[(name, *_channels()[name]) for name in CHANNELS if name != WECHAT or runtime().wechat.enabled],
        months=[(str(n), _("每 %(n)s 个月", n=n), None) for n in range(1, terms().most_months + 1)],
        hours=[(str(n), _hour(n), None) for n in range(terms().first_hour, terms().last_hour + 1)],
        text=terms().text["en" if language() == "en" else "zh"],
        text_version=terms().text_version,
        must_agree=_must_agree(card),
        asked=followups.mine() if card is None else (),
        key=secrets.token_urlsafe(16),
    )


def _labels() -> dict[str, str]:
    names = {"start_on": _("从哪天起"), "every_months": _("多久一次"), "hour": _("几点"), "channel": _("怎么告诉您")}
    return names | {"agreed": _("同意说明")}


def _channels() -> dict[str, tuple[str, str]]:
    """Channel → (label, what it means)."""
    return {
        INBOX: (_("只在“消息”里"), _("打开阳光办才看得到")),
        SMS: (_("也发短信"), _("短信里不写是什么事")),
        WECHAT: (_("也发微信"), _("要先关联微信，微信里也不写是什么事")),
    }


def _hour(hour: int) -> str:
    """``上午 8 点``; English ``8:00``."""
    if hour < 12:
        return _("上午 %(n)s 点", n=hour)
    if hour == 12:
        return _("中午 12 点")
    return _("下午 %(n)s 点", n=hour - 12) if hour < 18 else _("晚上 %(n)s 点", n=hour - 12)


def _must_agree(card: Card | None) -> bool:
    return card is None or card.text_version != terms().text_version


def _chosen(card: Card | None) -> dict[str, str]:
    """What the fields show before anything is typed."""
    day = card.wish.start_on if card else today(runtime().clock())
    wish = card.wish if card else Wish(day, INBOX, terms().usual_hour, terms().usual_months)
    boxes = {"start_on.y": str(day.year), "start_on.m": str(day.month), "start_on.d": str(day.day)}
    return {"channel": wish.channel, "hour": str(wish.hour), "every_months": str(wish.every_months), **boxes}


def _typed() -> tuple[Wish | None, dict[str, str]]:
    """What was typed, or what is wrong with it, field by field."""
    wrong, form = {}, request.form
    if form.get("channel") not in CHANNELS:
        wrong["channel"] = _("请从给出的选项里选")
    hours, months = range(terms().first_hour, terms().last_hour + 1), range(1, terms().most_months + 1)
    for name, allowed in (("hour", hours), ("every_months", months)):
        if form.get(name, "") not in map(str, allowed):
            wrong[name] = _("请从给出的选项里选")
    try:
        day = date.fromisoformat(typed_day("start_on") or "")
    except ValueError:
        wrong["start_on"] = say(_no_day())
    if wrong:
        return None, wrong
    return Wish(day, form["channel"], int(form["hour"]), int(form["every_months"])), wrong


def _no_day() -> Text:
    typed = (typed_day("start_on") or "").strip("-")
    return N_("没有这一天，请再看看年、月、日") if typed else N_("请填年、月、日")
