"""Who comes to a slot, for which plan: one tap holds the seats of both or none."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.accounts import queries as accounts
from backend.bookings import availability, exchange, holds, queries
from backend.bookings.availability import SlotView
from backend.bookings.holds import Wish
from backend.bookings.queries import BookingCard, StationCard
from backend.bookings.residence import KINDS, LIVING, Residence
from backend.kernel import ids
from backend.kernel.errors import Conflict, Invalid, Problem, TooMany, Wrong
from backend.kernel.text import ascii_digits, person_name
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import language, say
from h5.places import TOWN, below, last_town
from h5.shell import keep_choice
from h5.visiting import near, plans

blp = Blueprint("h5_holding", __name__, url_prefix="/checkup/slots/<id:slot>")

BOTH, NAMED, ALONE = "partner", "companion", "me"
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Typed:
    """What was chosen and typed, right or wrong; ``since``: year, month, day of living here."""

    who: str = ""
    companion: str = ""
    plan: str = ""
    kind: str = ""
    town: str = ""
    since: tuple[str, ...] = ("", "", "")


@dataclass(frozen=True, slots=True)
class _Asked:
    """The slot, who asks, and what the station wants to know. ``view``: ``None`` when it cannot be booked now."""

    slot: Any
    view: SlotView | None
    station: StationCard
    linked: bool
    residence: bool
    mine: BookingCard | None


@blp.get("")
def ask(slot: int) -> str:
    """Who comes, for which child."""
    asked = _asked(slot)
    who = BOTH if asked.linked and (asked.view is None or asked.view.left > 1) else ""
    return _page(asked, Typed(who=who, town=last_town()), {}, None)


@blp.post("")
def hold(slot: int) -> str | Response:
    """Take the seats for ten minutes; whatever is in the way, what was typed stays."""
    asked, typed = _asked(slot), _typed()
    wish, wrong = _wish(slot, asked, typed)
    if wish is None:
        return make_response(_page(asked, typed, wrong, None), 422)
    try:
        made = _hold(asked, wish)
    except Invalid as refused:
        beside = {"town" if name == "residence" else name: say(texts[0]) for name, texts in refused.errors.items()}
        return make_response(_page(asked, typed, beside, None if beside else refused), 422)
    except (Conflict, TooMany) as refused:
        return _refused(asked, typed, refused)
    answer = redirect(url_for("h5_bookings.show", booking=made), 303)
    if typed.town:
        keep_choice(answer, TOWN, typed.town)
    return answer


def _hold(asked: _Asked, wish: Wish) -> int:
    at = runtime()
    arguments = {"vault": at.vault, "resident_id": caller().id, "wish": wish, "now": at.clock()}
    if request.form.get("instead") and asked.mine and asked.mine.status == "held":
        return once(exchange.hold_instead, booking_id=asked.mine.id, **arguments)
    return once(holds.hold, **arguments)


def _refused(asked: _Asked, typed: Typed, refused: Problem) -> Response:
    """Beside its field where there is one, else above the form with a way out."""
    fields = {"plan_used": "plan", "no_partner": "who"}
    wrong = {fields[refused.code]: say(refused.title)} if refused.code in fields else {}
    answer = make_response(_page(asked, typed, wrong, None if wrong else refused), refused.status)
    if refused.retry_after is not None:
        answer.headers["Retry-After"] = str(refused.retry_after)
    return answer


def _asked(slot_id: int) -> _Asked:
    at = runtime()
    now = at.clock()
    with at.db.reading() as session:
        slot = holds.facts_of_slot(session, slot_id)
        views = availability.slots(session, station=slot.station, day=slot.day, now=now, town=last_town())
        return _Asked(
            slot=slot,
            view=next((view for view in views if view.id == slot_id), None),
            station=queries.station(session, slot.station),
            linked=accounts.resident(session, at.vault, caller().id).has_partner,
            residence=bool(slot.residence_months or slot.shared),
            mine=queries.current(session, at.vault, resident_id=caller().id),
        )


def _typed() -> Typed:
    names = ("who", "companion", "plan", "kind", "town")
    words = {name: request.form.get(name, "")[:LONGEST] for name in names}
    return Typed(**words, since=tuple(request.form.get(f"since.{part}", "")[:10] for part in "ymd"))


def _wish(slot: int, asked: _Asked, typed: Typed) -> tuple[Wish | None, dict[str, str]]:
    """What to hold, or what is missing beside which field."""
    wrong: dict[str, str] = {}
    if typed.who not in (BOTH, NAMED, ALONE):
        wrong["who"] = _("请选谁来检查")
    companion = _companion(typed, wrong)
    if typed.plan not in [value for value, _label, _small in plans()]:
        wrong["plan"] = _("请选这是为第几个孩子做的检查")
    residence = _residence(asked, typed, wrong)
    if wrong:
        return None, wrong
    return Wish(slot, typed.plan, partner=typed.who == BOTH, companion=companion, residence=residence), {}


def _companion(typed: Typed, wrong: dict[str, str]) -> str:
    """The name of a spouse without an account, as on the document; "" where none is asked."""
    if typed.who != NAMED:
        return ""
    if not typed.companion.strip():
        wrong["companion"] = _("请写爱人的姓名，到时核对身份证")
        return ""
    try:
        return person_name(typed.companion)
    except Wrong as refused:
        wrong["companion"] = say(refused.text)
        return ""


def _residence(asked: _Asked, typed: Typed, wrong: dict[str, str]) -> Residence | None:
    if not asked.residence:
        return None
    if typed.kind not in KINDS:
        wrong["kind"] = _("请选户籍在这里，还是住在这里")
    if typed.town not in [code for code, _name, _small in _towns(asked)]:
        wrong["town"] = _("请选镇或街道")
    since = _since(typed, wrong) if typed.kind == LIVING and asked.slot.residence_months else None
    return None if wrong else Residence(typed.kind, typed.town, since)


def _since(typed: Typed, wrong: dict[str, str]) -> date | None:
    try:
        year, month, day = (int(ascii_digits(part.strip())) for part in typed.since)
        return date(year, month, day)
    except (Wrong, ValueError, OverflowError):
        wrong["since"] = _("请填从哪天起住在本区，记不清哪一天就填 1 日")
        return None


def _towns(asked: _Asked) -> list[tuple[str, str, None]]:
    return [(place.code, place.name, None) for place in below(asked.slot.county)] if asked.residence else []


def _page(asked: _Asked, typed: Typed, wrong: dict[str, str], refused: Problem | None) -> str:
    return render_template(
        "bookings/hold.html",
        slot=asked.slot,
        view=asked.view,
        station=asked.station,
        name=asked.station.called(language()),
        typed=typed,
        linked=asked.linked,
        people=_people(asked.linked),
        plans=plans(),
        residence=asked.residence,
        months=asked.slot.residence_months,
        towns=_towns(asked),
        wrong=wrong,
        errors=[(f"#f-{name}", text) for name, text in wrong.items()],
        refused=refused,
        near=near(refused),
        mine=_mine(asked, refused),
        day=asked.slot.day.isoformat(),
        slot_id=ids.encode(asked.slot.id),
        key=secrets.token_urlsafe(16),
    )


def _mine(asked: _Asked, refused: Problem | None) -> BookingCard | None:
    """One's own booking, where it is what stands in the way."""
    return asked.mine if refused is not None and refused.code == "already_booked" else None


def _people(linked: bool) -> list[tuple[str, str, str]]:
    both = (BOTH, _("我和爱人"), _("两个人的号一起占，要么都有，要么都没有"))
    named = (NAMED, _("我和爱人，爱人没有账号") if linked else _("我和爱人"), _("写上名字就行，也是两个号一起占"))
    alone = (ALONE, _("只有我自己"), _("爱人以后可以单独约"))
    return [both, named, alone] if linked else [named, alone]
