"""Keys of investigators at the console: one's own, and letting colleagues in by comparing sixteen digits."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.kernel.errors import Conflict, Forbidden, Invalid, Problem
from backend.lifecycles.tip import INVESTIGATOR_KEY, KeyStatus
from backend.tips import investigators, recipients
from backend.tips.investigators import DUTIES, LONGEST, SHORTEST
from backend.tips.keyring import KeyCard
from backend.web import tip_keys
from backend.web.words import field_errors, say
from h5.paths import with_word
from h5.staff import console, tip_lock

blp = tip_lock.install(Blueprint("h5_staff_tip_keys", __name__, url_prefix="/staff/tips/keys"))
MAKE, RENEW, CHANGE = "make", "renew", "change"
SHADES = {"waiting": "sun", "backed": "sun", "active": "", "ended": "grey"}


@blp.get("")
def show() -> str:
    """My key, and those of my colleagues."""
    cards = tip_keys.listing()
    mine = next((one for one in cards if one.mine), None)
    others = [one for one in cards if not one.mine]
    return console.page(
        "tips/keys.html", mine=mine, others=others, status=_status, shades=SHADES, back=url_for("h5_staff_tips.show")
    )


@blp.get("/make")
def new() -> str:
    """A passphrase for my first key."""
    return _form(MAKE, {})


@blp.post("/make")
def make() -> Response:
    """Make it."""
    duty = request.form.get("duty", DUTIES[0])
    return _tried(MAKE, lambda passphrase: tip_keys.make(passphrase, duty if duty in DUTIES else DUTIES[0]))


@blp.get("/renew")
def again() -> str:
    """A passphrase for another key in place of a lost one."""
    return _form(RENEW, {})


@blp.post("/renew")
def renew() -> Response:
    """Make it."""
    return _tried(RENEW, tip_keys.renew)


@blp.get("/change")
def other() -> str:
    """The present passphrase and another one."""
    return _form(CHANGE, {})


@blp.post("/change")
def change() -> Response:
    """Keep the key under another passphrase."""
    old = request.form.get("old", "")[: LONGEST + 1]
    return _tried(CHANGE, lambda passphrase: tip_keys.change(old, passphrase))


@blp.get("/<uuid:key_id>")
def one(key_id: str) -> str:
    """One key: its sixteen digits, and what I may do with it."""
    return _page(key_id)


@blp.post("/<uuid:key_id>/back")
def back(key_id: str) -> Response:
    """Vouch for it."""
    return _acted(key_id, lambda: tip_keys.back(key_id, request.form.get("fingerprint", "")))


@blp.post("/<uuid:key_id>/admit")
def admit(key_id: str) -> Response:
    """Let it in and open the older tips to it."""
    return _acted(key_id, lambda: tip_keys.admit(key_id, request.form.get("fingerprint", "")))


@blp.post("/<uuid:key_id>/fill")
def fill(key_id: str) -> Response:
    """Go on opening older tips to it."""
    return _acted(key_id, lambda: tip_keys.fill(key_id))


@blp.post("/<uuid:key_id>/end")
def end(key_id: str) -> Response:
    """Take it out."""
    if request.form.get("sure") != "yes":
        return make_response(_page(key_id, _("停用以前，请先勾选“我知道”")), 422)
    try:
        tip_keys.end(key_id)
    except (Conflict, Forbidden) as problem:
        return make_response(_page(key_id, say(problem.title)), problem.status)
    return redirect(with_word(url_for(".show"), "saved"), 303)


def _acted(key_id: str, act: Callable[[], object]) -> Response:
    try:
        act()
    except (Conflict, Forbidden) as problem:
        return make_response(_page(key_id, say(problem.title)), problem.status)
    return redirect(with_word(url_for(".one", key_id=key_id), "saved"), 303)


def _tried(what: str, act: Callable[[str], None]) -> Response:
    """Carry out what a form of passphrases asks for."""
    typed = request.form.get("passphrase", "")[: LONGEST + 1]
    if typed != request.form.get("again", ""):
        return make_response(_form(what, {"again": _("两次写的不一样，请再写一遍")}), 422)
    try:
        act(typed)
    except (Conflict, Forbidden, Invalid) as problem:
        return make_response(_form(what, _beside(problem)), problem.status)
    return redirect(with_word(url_for(".show"), "saved"), 303)


def _beside(problem: Problem) -> dict[str, str]:
    field = "old" if problem.code == "wrong_passphrase" else "passphrase"
    return field_errors(problem) or {field: say(problem.title)}


def _form(what: str, errors: dict[str, str]) -> str:
    duties = [
        (recipients.INVESTIGATE, _("核查举报"), _("看举报、回话、写结果")),
        (recipients.PAY, _("发奖励"), _("只看得到转账领奖的姓名和账号，看不到举报")),
    ]
    duty = request.form.get("duty", DUTIES[0])
    lengths = {"least": SHORTEST, "most": LONGEST}
    return console.page(
        "tips/key_form.html", what=what, errors=errors, duties=duties, duty=duty, back=url_for(".show"), **lengths
    )


def _page(key_id: str, refusal: str = "") -> str:
    found = next((one for one in tip_keys.listing() if one.id == key_id), None)
    if found is None:
        raise investigators.not_found()
    return console.page("tips/key.html", key=found, status=_status, refusal=refusal, back=url_for(".show"))


def _status(card: KeyCard) -> str:
    if card.status == KeyStatus.ACTIVE and card.duty == recipients.PAY:
        return _("可以发奖励")
    return say(INVESTIGATOR_KEY.label(card.status))
