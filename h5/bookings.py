"""My bookings 预约: confirm what is held, show the code, another time, or none."""

from __future__ import annotations

import secrets

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.bookings import holds, queries
from backend.bookings.queries import BookingCard
from backend.kernel import cursors, ids
from backend.kernel.errors import Conflict, Invalid, NotFound, Problem
from backend.kernel.i18n import N_
from backend.lifecycles.booking import BOOKING
from backend.web import bookings as calls
from backend.web.bookings import my_booking
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import language, say
from h5 import booking_page, checkup_consents, dates
from h5.booking_words import near, ran_out, who
from h5.cases import CaseLine
from h5.paths import with_word

blp = Blueprint("h5_bookings", __name__, url_prefix="/bookings")

LIMIT = 20
KINDS = {"held": "sun", "confirmed": "", "checked_in": "blue", "completed": "", "cancelled": "grey", "missed": "grey"}
ACTIVE = ("held", "confirmed", "checked_in")


@blp.get("")
def listing() -> str:
    """Mine and those my partner made for both of us, newest first."""
    after = cursors.read(request.args.get("cursor"))
    cards = calls.my_bookings(limit=LIMIT, before=after[1] if after else None)
    last = cards[LIMIT - 1] if len(cards) > LIMIT else None
    cursor = cursors.make(last.updated_at, last.id) if last else None
    return render_template("bookings/list.html", cards=[line(card) for card in cards[:LIMIT]], cursor=cursor)


@blp.get("/<id:booking>")
def show(booking: int) -> str:
    """One booking in the state it is in."""
    return booking_page.page(booking, {}, None)


@blp.post("/<id:booking>/confirmation")
def confirm(booking: int) -> str | Response:
    """Keep what was ticked, then make the hold a booking."""
    try:
        wrong = checkup_consents.keep(checkup_consents.missing())
        if wrong:
            return make_response(booking_page.page(booking, wrong, None), 422)
        calls.confirm(booking)
    except (Conflict, Invalid) as refused:
        return make_response(booking_page.page(booking, {}, refused), refused.status)
    return redirect(with_word(url_for(".show", booking=booking), "booked"), 303)


@blp.get("/<id:booking>/cancellation")
def ask_cancel(booking: int) -> str | Response:
    """Asked once, and that nothing follows from it."""
    card = my_booking(booking)
    actions = card.actions(runtime().clock())
    if not {"cancel", "cannot_come"} & set(actions):
        return redirect(url_for(".show", booking=booking), 303)
    moves = "reschedule" in actions
    return render_template("bookings/cancel.html", card=card, moves=moves, key=secrets.token_urlsafe(16))


@blp.post("/<id:booking>/cancellation")
def cancel(booking: int) -> str | Response:
    """Give the seats of both back."""
    try:
        calls.cancel(booking)
    except Conflict as refused:
        return make_response(booking_page.page(booking, {}, refused), 409)
    return redirect(url_for(".show", booking=booking), 303)


@blp.get("/<id:booking>/reschedule")
def ask_move(booking: int) -> str:
    """From which time to which, before anything changes."""
    return _move_page(my_booking(booking), _row_id(request.args.get("slot", "")), None)


@blp.post("/<id:booking>/reschedule")
def move(booking: int) -> str | Response:
    """The new seats against the old ones; when they are gone, others in one tap."""
    slot = _row_id(request.form.get("slot", ""))
    try:
        calls.reschedule(booking, slot)
    except (Conflict, Invalid) as refused:
        return make_response(_move_page(my_booking(booking), slot, refused), refused.status)
    return redirect(with_word(url_for(".show", booking=booking), "moved"), 303)


def current() -> CaseLine | None:
    """The booking that goes on, for the first page; ``None`` without one or signed out."""
    at = runtime()
    if caller().kind != "resident":
        return None
    with at.db.reading() as session:
        card = queries.current(session, at.vault, resident_id=caller().id)
    return line(card) if card and not ran_out(card) else None


def line(card: BookingCard) -> CaseLine:
    """One row of a list; ``sun`` when it waits for this person."""
    if ran_out(card):
        tag, kind = say(BOOKING.label("cancelled")), "grey"
    elif card.withdrawn and card.status == "confirmed":
        tag, kind = _("请换时间"), "sun"
    else:
        tag, kind = (_("等您确认") if card.status == "held" else say(BOOKING.label(card.status))), KINDS[card.status]
    station = card.station.called(language())
    said = f"{dates.visit(card.starts_at)} · {station}"
    if kind == "sun" and card.held_until and card.status == "held":
        said = _("请在 %(at)s 以前确认：%(visit)s", at=dates.clock_time(card.held_until), visit=said)
    href = url_for("h5_bookings.show", booking=card.id)
    return CaseLine(_("孕前检查"), href, said, tag, kind, card.status in ACTIVE)


def _move_page(card: BookingCard, slot_id: int, refused: Problem | None) -> str:
    at = runtime()
    with at.db.reading() as session:
        slot = holds.facts_of_slot(session, slot_id)
        name = queries.station(session, slot.station).called(language())
    return render_template(
        "bookings/move.html",
        card=card,
        slot=slot,
        name=name,
        who=who(card),
        refused=refused,
        near=near(refused),
        key=secrets.token_urlsafe(16),
    )


def _row_id(given_: str) -> int:
    """The slot that a page of ours names; ``NotFound`` for anything else."""
    try:
        return ids.decode(given_)
    except ValueError as wrong:
        raise NotFound("not_found", N_("没有找到这个时间，请回到日历重新选")) from wrong
