"""WeChat on the pages: coming in with it, binding it, letting it go."""

from __future__ import annotations

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts import door, wechat
from backend.kernel.errors import Conflict, Forbidden, Problem
from backend.web import sessions, wechat as shown
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import say
from h5 import wechat_trip as trips
from h5.paths import own_path, with_word

blp = Blueprint("h5_wechat", __name__, url_prefix="/wechat")
mine = Blueprint("h5_my_wechat", __name__, url_prefix="/me/wechat")

LONGEST_CODE = 128


@blp.get("/enter")
def enter() -> Response:
    """Off to WeChat's consent page, which asks nothing of the person (``snsapi_base``)."""
    back = own_path(request.args.get("next"))
    if not runtime().wechat.enabled or not (trips.inside() or trips.stands_in()):
        return _by_phone(back)
    return redirect(trips.begin(trips.ENTER, back), 303)


@blp.get("/return")
def come_back() -> str | Response:
    """Back from there: signed in, bound, or on to the phone number. The made-up identity of a preview is told so."""
    at, code = runtime(), request.args.get("code", "")
    trip = trips.end(request.args.get("state", ""))
    if trip is None or not 0 < len(code) <= LONGEST_CODE:
        return _by_phone(trip.path if trip else "/")
    try:
        openid = door.identify_wechat(
            at.db, at.vault, at.wechat, code=code, address=request.remote_addr or "", now=at.clock()
        )
    except Forbidden:
        raise
    except Problem:
        away = url_for("h5_my_wechat.show") if trip.purpose == trips.BIND else None
        return redirect(with_word(away, "wechat_away"), 303) if away else _by_phone(trip.path, "wechat_away")
    return _bind(openid, trip) if trip.purpose == trips.BIND else _enter(openid, trip)


@mine.get("")
def show() -> str:
    """Bound or not, what that brings, and how many messages may still come."""
    return _page()


@mine.post("/unbinding")
def unbind() -> Response:
    """Let it go; nothing else changes."""
    at = runtime()
    at.db.transact(wechat.unbind, at.vault, resident_id=caller().id, now=at.clock())
    return redirect(with_word(url_for("h5_my_wechat.show"), "wechat_unbound"), 303)


def _enter(openid: str, trip: trips.Trip) -> Response:
    """The account of this WeChat, else once by phone: then it can be bound."""
    at = runtime()
    signed = door.sign_in_by_wechat(at.db, at.vault, key=at.settings.secrets.session_key, openid=openid)
    if signed is None:
        trips.wait(openid)
        return _by_phone(trip.path)
    sessions.remember(sessions.fresh("resident", signed.session, signed.refresh))
    g.pop("caller", None)
    trips.forget(trips.OFF, trips.WAITING)
    return redirect(trip.path, 303)


def _bind(openid: str, trip: trips.Trip) -> str | Response:
    at, me = runtime(), caller().id
    if me == 0 or me != trip.account:
        return _by_phone(url_for("h5_my_wechat.show"))
    try:
        at.db.transact(wechat.bind, at.vault, resident_id=me, openid=openid, now=at.clock())
    except Conflict as refused:
        return make_response(_page(say(refused.title)), refused.status)
    trips.forget(trips.OFF, trips.WAITING)
    return redirect(with_word(url_for("h5_my_wechat.show"), "wechat_bound"), 303)


def _by_phone(back: str, said: str = "") -> Response:
    address = url_for("h5_session.login", by="phone", next=back)
    return redirect(with_word(address, said) if said else address, 303)


def _page(error: str | None = None) -> str:
    card = shown.card(caller().id)
    can_ask = card.available and (trips.inside() or trips.stands_in())
    offer = trips.begin(trips.BIND, url_for("h5_my_wechat.show"), caller().id) if can_ask and not card.bound else None
    return render_template("wechat/show.html", card=card, offer=offer, error=error, label=shown.label)
