"""My wait-list 候补: where I stand, what is kept for me, and the way out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.accounts import queries as accounts
from backend.bookings import availability, queries, waitlist
from backend.bookings.queries import StationCard
from backend.bookings.waitlist import Wait
from backend.bookings.waitlist_queries import COUNTED, LABELS, OfferCard, WaitCard
from backend.kernel.clock import local, today
from backend.kernel.errors import Conflict, Invalid, Problem
from backend.web import waitlist as shared
from backend.web.bookings import my_booking
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import language, say
from h5 import booking_form, checkup_consents, dates
from h5.booking_form import Asked, Typed
from h5.booking_words import plans
from h5.cases import CaseLine
from h5.me import purposes
from h5.paths import with_word
from h5.places import last_town

blp = Blueprint("h5_waitlist", __name__)

KINDS = {"waiting": "blue", "offered": "sun", "taken": "", "booked": ""}
#: Proposed where nobody said until when.
SPAN = timedelta(days=13)
#: Which field of the form a refusal is about.
FIELDS = {"plan_used": "plan", "no_partner": "who"}


@dataclass(frozen=True, slots=True)
class Range:
    """The days as they are typed, year, month and day each."""

    first: tuple[str, ...]
    last: tuple[str, ...]

    @property
    def days(self) -> tuple[date | None, date | None]:
        return booking_form.day(self.first), booking_form.day(self.last)


@dataclass(frozen=True, slots=True)
class _Form:
    """A station with its questions; ``free``: the first day with a seat among those that are proposed."""

    station: StationCard
    questions: Asked
    range: Range
    free: date | None
    wrong: dict[str, str] = field(default_factory=dict)


@blp.get("/waitlist")
def listing() -> str:
    """Where I stand, and how the last times ended."""
    cards = shared.my_entries()
    standing = [card for card in cards if card.position is not None]
    past = [card for card in cards if card.position is None]
    return render_template(
        "waitlist/list.html",
        standing=standing,
        past=past,
        labels=LABELS,
        kinds=KINDS,
        reason=shared.reason,
        counted=COUNTED,
        name=lambda card: card.station.called(language()),
        days=_days,
        until=until,
        key=secrets.token_urlsafe(16),
    )


@blp.get("/waitlist/new")
def new() -> str:
    """For which days, who, and for which child."""
    form = _form(request.args.get("station", ""), None)
    who = booking_form.BOTH if form.questions.linked else ""
    return _page(form, Typed(who=who, town=last_town()), None)


@blp.post("/waitlist")
def join() -> str | Response:
    """Stand in the line; whatever is in the way, what was typed stays."""
    given = Range(booking_form.boxes("from"), booking_form.boxes("to"))
    form, typed = _form(request.form.get("station", ""), given), booking_form.typed()
    wish = _wish(form, typed)
    if wish is None:
        return make_response(_page(form, typed, None), 422)
    try:
        shared.join(wish)
    except (Invalid, Conflict) as refused:
        beside = {"town" if name == "residence" else name: say(texts[0]) for name, texts in refused.errors.items()}
        if refused.code in FIELDS:
            beside[FIELDS[refused.code]] = say(refused.title)
        form.wrong.update(beside)
        return make_response(_page(form, typed, None if beside else refused), refused.status)
    return redirect(url_for(".listing"), 303)


@blp.post("/waitlist/<id:entry>/leaving")
def leave(entry: int) -> Response:
    """Out of the line; nothing follows from it."""
    shared.leave(entry)
    return redirect(url_for(".listing"), 303)


@blp.get("/offers/<id:offer>")
def show(offer: int) -> str:
    """What is kept, until when; take it or not."""
    return _offer_page(offer, {}, None)


@blp.post("/offers/<id:offer>/acceptance")
def accept(offer: int) -> str | Response:
    """Keep what was ticked, then take it: a booking at once, or the new time of one."""
    moves = shared.my_offer(offer).kind == "move"
    try:
        wrong = {} if moves else checkup_consents.keep(checkup_consents.missing())
        if wrong:
            return make_response(_offer_page(offer, wrong, None), 422)
        made = shared.accept(offer)
    except (Conflict, Invalid) as refused:
        return make_response(_offer_page(offer, {}, refused), refused.status)
    return redirect(with_word(url_for("h5_bookings.show", booking=made), "moved" if moves else "booked"), 303)


@blp.post("/offers/<id:offer>/decline")
def decline(offer: int) -> Response:
    """Not this one: it goes to the next, and one waits on."""
    card = shared.my_offer(offer)
    shared.decline(offer)
    if card.booking_id and card.kind == "move":
        return redirect(url_for("h5_bookings.show", booking=card.booking_id), 303)
    return redirect(url_for(".listing"), 303)


def current() -> CaseLine | None:
    """What is kept for this person, or where it stands, for the first page; ``None`` without either."""
    if caller().kind != "resident":
        return None
    card = next((one for one in shared.my_entries() if one.position is not None), None)
    if card is None:
        return None
    if card.offer is None:
        return CaseLine(
            _("候补孕前检查"), url_for("h5_waitlist.listing"), _place(card), say(LABELS["waiting"]), "blue", True
        )
    said = _("%(visit)s，给您留到 %(at)s", visit=dates.visit(card.offer.starts_at), at=until(card.offer.expires_at))
    return CaseLine(
        _("候补孕前检查"), url_for("h5_waitlist.show", offer=card.offer.id), said, _("等您决定"), "sun", True
    )


def until(moment: datetime) -> str:
    """``15:40``, with its day when that is another one."""
    same = local(moment).date() == today(runtime().clock())
    return dates.clock_time(moment) if same else dates.visit(moment)


def _days(card: WaitCard) -> str:
    if card.first == card.last:
        return dates.day(card.first)
    return _("%(first)s到 %(last)s", first=dates.day(card.first), last=dates.day(card.last))


def _place(card: WaitCard) -> str:
    if card.position is not None and card.position > COUNTED:
        return _("前面还有 %(n)s 位以上", n=COUNTED)
    return _("排在第 %(n)s 位", n=card.position)


def _form(code: str, given: Range | None) -> _Form:
    at, now = runtime(), runtime().clock()
    with at.db.reading() as session:
        station = queries.station(session, code)
        release = availability.horizon(session, station=code, now=now)
        questions = Asked(
            county=station.county,
            linked=accounts.resident(session, at.vault, caller().id).has_partner,
            residence=waitlist.asks_residence(session, code),
            months=station.residence_months,
        )
        proposed = given or _proposed(today(now), release.last if release else None)
        first, last = proposed.days
        free = None
        if first and last:
            after = max(first, today(now)) - timedelta(days=1)
            free = availability.next_free(session, station=code, after=after, now=now, town=last_town())
            free = free if free and free <= last else None
    return _Form(station, questions, proposed, free)


def _proposed(on: date, furthest: date | None) -> Range:
    """The days of the address, else from tomorrow to the last one that can be booked."""
    first = _named("from") or on + timedelta(days=1)
    last = _named("to") or max(furthest or first, first + SPAN)
    return Range(_parts(first), _parts(last))


def _named(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _parts(day: date) -> tuple[str, ...]:
    return (str(day.year), str(day.month), str(day.day))


def _wish(form: _Form, typed: Typed) -> Wait | None:
    first, last = form.range.days
    for name, day in (("from", first), ("to", last)):
        if day is None:
            form.wrong[name] = _("没有这一天，请再看看年、月、日")
    answers = booking_form.answers(form.questions, typed, form.wrong)
    if answers is None or first is None or last is None:
        return None
    return Wait(form.station.code, first, last, answers.plan, answers.partner, answers.companion, answers.residence)


def _page(form: _Form, typed: Typed, refused: Problem | None) -> str:
    return render_template(
        "waitlist/new.html",
        station=form.station,
        name=form.station.called(language()),
        range=form.range,
        free=form.free,
        typed=typed,
        people=booking_form.people(form.questions),
        plans=plans(),
        residence=form.questions.residence,
        months=form.questions.months,
        towns=booking_form.towns(form.questions),
        wrong=form.wrong,
        errors=[(f"#f-{name}", text) for name, text in form.wrong.items()],
        refused=refused,
        key=secrets.token_urlsafe(16),
    )


def _offer_page(offer_id: int, wrong: dict[str, str], refused: Problem | None) -> str:
    card, now = shared.my_offer(offer_id), runtime().clock()
    standing = bool(card.actions(now))
    labels, colon = purposes(), ": " if language() == "en" else "："
    away = refused is not None and refused.code == "partner_consent_missing"
    return render_template(
        "waitlist/offer.html",
        card=card,
        state="open" if standing else _ended(card),
        station=card.station.called(language()),
        until=until(card.expires_at),
        now=now,
        moved=my_booking(card.booking_id) if card.kind == "move" and card.booking_id else None,
        consents=checkup_consents.missing() if standing and card.kind == "wait" else [],
        labels=labels,
        wrong=wrong,
        errors=[(f"#f-consents.{purpose}", f"{labels[purpose]}{colon}{text}") for purpose, text in wrong.items()],
        away=away,
        refused=None if away else refused,
        key=secrets.token_urlsafe(16),
    )


def _ended(card: OfferCard) -> str:
    return "expired" if card.status == "open" else card.status
