"""My benefits 我的补贴 and the yearly confirmation 年审: one tap when nothing has changed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.benefits import confirmations, looks, policy, queries
from backend.kernel.errors import Conflict, Invalid, Problem, Wrong
from backend.kernel.text import ascii_digits
from backend.web import benefits
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import field_errors, language, say
from h5 import dates

blp = Blueprint("h5_benefits", __name__)
#: The colour of each state; the word stands beside it.
KINDS = {"asked": "sun", "offered": "sun", "change": "blue", "call": "blue", "visit": "blue", "closed": "grey"}
ASKING = ("asked", "offered")


@dataclass(frozen=True, slots=True)
class Typed:
    """The form of a change as it is shown: ``died_on`` in three boxes."""

    kinds: list[str] = field(default_factory=list)
    moved_to: str = ""
    bank: str = ""
    account_number: str = ""
    died_on: tuple[str, ...] = ("", "", "")
    words: str = ""


def typed() -> Typed:
    """What this request posted."""
    posted = request.form
    return Typed(
        kinds=posted.getlist("kinds"),
        moved_to=posted.get("moved_to", ""),
        bank=posted.get("bank", ""),
        account_number=posted.get("account_number", ""),
        died_on=tuple(posted.get(f"died_on.{part}", "")[:4] for part in "ymd"),
        words=posted.get("words", ""),
    )


def told(form: Typed) -> dict[str, Any]:
    """The same for the domain; a day that is none is as if it were not there, and is then asked for."""
    return {
        "kinds": form.kinds,
        "moved_to": form.moved_to,
        "bank": form.bank,
        "account_number": form.account_number,
        "died_on": day(form.died_on),
        "words": form.words,
    }


def day(parts: tuple[str, ...]) -> date | None:
    """The day in three boxes."""
    try:
        year, month, number = (int(ascii_digits(part.strip())) for part in parts)
        return date(year, month, number)
    except (Wrong, ValueError):
        return None


def changes() -> list[tuple[str, str, None]]:
    """What may have changed, as boxes to tick."""
    return [(code, say(label), None) for code, label in policy.CHANGES.items()]


@blp.get("/benefits")
def show() -> str:
    """Each benefit with its amount, since when, where to, the payments, and whether something is to be confirmed."""
    at = runtime()
    with at.db.reading() as session:
        items = queries.mine(session, at.vault, resident_id=caller().id)
    items.sort(key=lambda one: not _asks(one))  # what waits for the person stands first
    asking = [one["confirmation"] for one in items if _asks(one)]
    return render_template("benefits/list.html", items=items, asking=asking, kinds=KINDS)


@blp.get("/benefits/<id:recipient>/record")
def record(recipient: int) -> str:
    """Who looked at it and who changed it."""
    with runtime().db.reading() as session:
        acts = looks.of_mine(session, resident_id=caller().id, recipient_id=recipient)
    return render_template("benefits/record.html", acts=acts)


def _asks(one: dict[str, Any]) -> bool:
    return bool(one["confirmation"]) and one["confirmation"]["status"] in ASKING


@blp.get("/confirmations/<id:confirmation>")
def confirmation(confirmation: int) -> str:
    """What is known, and one button."""
    return _page(confirmation)


@blp.post("/confirmations/<id:confirmation>/confirmation")
def confirm(confirmation: int) -> str | Response:
    """Nothing has changed."""
    return _answer(confirmation, confirmations.confirm)


@blp.post("/confirmations/<id:confirmation>/offer")
def answer_offer(confirmation: int) -> str | Response:
    """A call, a visit, or neither."""
    return _answer(confirmation, confirmations.answer_offer, answer=request.form.get("answer", ""))


@blp.get("/confirmations/<id:confirmation>/change")
def change_form(confirmation: int) -> str:
    """A short form: what has changed."""
    return _form(confirmation, Typed(), {})


@blp.post("/confirmations/<id:confirmation>/change")
def report(confirmation: int) -> str | Response:
    """Pass it on to the office; whatever was typed stays when something is missing."""
    form = typed()
    try:
        benefits.report(confirmation, told(form))
    except Invalid as refused:
        wrong = field_errors(refused)
        return make_response(_form(confirmation, form, wrong), 422)
    except Conflict as refused:
        return make_response(_page(confirmation, refused), 409)
    return redirect(url_for(".confirmation", confirmation=confirmation), 303)


def _mistakes(wrong: dict[str, str]) -> list[tuple[str, str]]:
    """For the box above the form: where each mistake is, and what to do."""
    colon = ": " if language() == "en" else "："
    return [(f"#f-{name}", f"{_names()[name]}{colon}{text}") for name, text in wrong.items()]


def _names() -> dict[str, str]:
    """The fields of a change as the box above the form calls them."""
    return {
        "kinds": _("哪里有变化"),
        "moved_to": _("户口迁到哪里"),
        "bank": _("新的开户银行"),
        "account_number": _("新的银行账号"),
        "died_on": _("去世的日期"),
        "words": _("还想说什么"),
    }


def waiting() -> list[tuple[str, str, str]]:
    """(benefit, address, until when) of everything this person may confirm now, for the first page."""
    with runtime().db.reading() as session:
        found = queries.asking(session, resident_id=caller().id)
    return [
        (
            _("年审：%(name)s", name=one.service_name),
            url_for("h5_benefits.confirmation", confirmation=one.id),
            _("%(day)s前点一下就行", day=dates.day(one.answer_by)),
        )
        for one in found
    ]


def _answer(confirmation: int, command: Any, **values: Any) -> str | Response:
    at = runtime()
    try:
        once(command, resident_id=caller().id, confirmation_id=confirmation, now=at.clock(), **values)
    except (Conflict, Invalid) as refused:
        return make_response(_page(confirmation, refused), refused.status)
    return redirect(url_for(".confirmation", confirmation=confirmation), 303)


def _read(confirmation: int) -> dict[str, Any]:
    at = runtime()
    with at.db.reading() as session:
        return queries.confirmation(session, at.vault, resident_id=caller().id, confirmation_id=confirmation)


def _page(confirmation: int, problem: Problem | None = None) -> str:
    return render_template(
        "benefits/confirmation.html",
        one=_read(confirmation),
        address=confirmation,
        kinds=KINDS,
        problem=problem,
        key=secrets.token_urlsafe(16),
    )


def _form(confirmation: int, form: Typed, wrong: dict[str, str]) -> str:
    return render_template(
        "benefits/change.html",
        one=_read(confirmation),
        address=confirmation,
        form=form,
        wrong=wrong,
        mistakes=_mistakes(wrong),
        changes=changes(),
        key=secrets.token_urlsafe(16),
    )
