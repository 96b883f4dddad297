"""Who comes to a slot, for which plan: one tap holds the seats of both or none."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts import queries as accounts
from backend.bookings import availability, changes, holds, queries
from backend.bookings.availability import SlotView
from backend.bookings.holds import Wish
from backend.bookings.queries import BookingCard, StationCard
from backend.kernel import ids
from backend.kernel.errors import Conflict, Invalid, Problem, TooMany
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import language, say
from h5 import booking_form
from h5.booking_form import Asked, Typed
from h5.booking_words import near, plans
from h5.places import TOWN, last_town
from h5.shell import keep_choice

blp = Blueprint("h5_holds", __name__, url_prefix="/checkup/slots/<id:slot>")


@dataclass(frozen=True, slots=True)
class _Asked:
    """The slot, what the station wants to know, and one's own booking. ``view``: ``None`` when it cannot be booked."""

    slot: Any
    view: SlotView | None
    station: StationCard
    questions: Asked
    mine: BookingCard | None


@blp.get("")
def ask(slot: int) -> str:
    """Who comes, for which child."""
    asked = _asked(slot)
    who = booking_form.BOTH if asked.questions.linked and (asked.view is None or asked.view.left > 1) else ""
    return _page(asked, Typed(who=who, town=last_town()), {}, None)


@blp.post("")
def hold(slot: int) -> str | Response:
    """Take the seats for ten minutes; whatever is in the way, what was typed stays."""
    asked, typed = _asked(slot), booking_form.typed()
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
    arguments: dict[str, Any] = {"vault": at.vault, "resident_id": caller().id, "wish": wish, "now": at.clock()}
    if request.form.get("instead") and asked.mine and asked.mine.status == "held":
        return once(changes.hold_instead, booking_id=asked.mine.id, **arguments)
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
            questions=Asked(
                county=slot.county,
                linked=accounts.resident(session, at.vault, caller().id).has_partner,
                residence=bool(slot.residence_months or slot.shared),
                months=slot.residence_months,
            ),
            mine=queries.current(session, at.vault, resident_id=caller().id),
        )


def _wish(slot: int, asked: _Asked, typed: Typed) -> tuple[Wish | None, dict[str, str]]:
    """What to hold, or what is missing beside which field."""
    wrong: dict[str, str] = {}
    answers = booking_form.answers(asked.questions, typed, wrong)
    if answers is None:
        return None, wrong
    return Wish(slot, answers.plan, answers.partner, answers.companion, answers.residence), {}


def _page(asked: _Asked, typed: Typed, wrong: dict[str, str], refused: Problem | None) -> str:
    return render_template(
        "bookings/hold.html",
        slot=asked.slot,
        view=asked.view,
        station=asked.station,
        name=asked.station.called(language()),
        typed=typed,
        linked=asked.questions.linked,
        people=booking_form.people(asked.questions),
        plans=plans(),
        residence=asked.questions.residence,
        months=asked.questions.months,
        towns=booking_form.towns(asked.questions),
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
