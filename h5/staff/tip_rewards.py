"""Rewards at the console: set one for a tip that was found true; and the ledger, where two let it be paid."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from backend.kernel.i18n import Text
from backend.kernel.text import small_number
from backend.tips import recipients, rewards
from backend.tips.claims import Payee
from backend.web import investigators, tip_rewards
from backend.web.words import field_errors, say
from h5.dates import day
from h5.paths import with_word
from h5.staff import console, tip_lock

blp = tip_lock.install(Blueprint("h5_staff_tip_rewards", __name__, url_prefix="/staff/tips"))
LIMIT = 20
REFUSALS = (Conflict, Forbidden, Invalid, NotFound)


@blp.get("/<uuid:tip_id>/reward")
def form(tip_id: str) -> Response:
    """How much; who shares it."""
    return _form(tip_id)


@blp.post("/<uuid:tip_id>/reward")
def offer(tip_id: str) -> Response:
    """Seal it into the mailbox; else the page again."""
    try:
        tip_rewards.offer(tip_id, small_number(request.form.get("amount", "").strip()) or 0)
    except (Conflict, Invalid) as found:
        return _form(tip_id, found)
    return redirect(with_word(url_for("h5_staff_tips.one", tip_id=tip_id), "saved"), 303)


@blp.get("/rewards")
def ledger() -> Response:
    """Claims that wait for a signature or for their day; or those that were paid."""
    return _ledger()


@blp.post("/rewards/<uuid:reward_id>/releases")
def release(reward_id: str) -> Response:
    """Sign."""
    return _done(lambda: tip_rewards.release(reward_id))


@blp.post("/rewards/<uuid:reward_id>/payment")
def pay(reward_id: str) -> Response:
    """A donation or a transfer was made."""
    return _done(lambda: tip_rewards.pay(reward_id))


@blp.post("/rewards/payments")
def pay_at_counter() -> Response:
    """Paid to whoever brought number and proof."""
    number, proof = (request.form.get(name, "")[:40] for name in ("claim_number", "proof"))
    return _done(lambda: tip_rewards.pay_at_counter(number, proof))


@blp.post("/rewards/<uuid:reward_id>/payee")
def payee(reward_id: str) -> Response:
    """Name and account, for the reward officer alone; not to be kept by the browser."""
    try:
        return _ledger(payee=(reward_id, tip_rewards.payee(reward_id)))
    except NotFound as found:
        return _ledger(found)


def _done(command: Callable[[], Any]) -> Response:
    try:
        command()
    except REFUSALS as found:
        return _ledger(found)
    return redirect(with_word(url_for(".ledger"), "saved"), 303)


def _form(tip_id: str, found: Problem | None = None) -> Response:
    open_, offered, sharing = tip_rewards.outlook(tip_id)
    page = console.page(
        "tips/reward.html",
        tip_id=tip_id,
        open=open_,
        offered=offered,
        sharing=sharing,
        amount=request.form.get("amount", "")[:9],
        step=rewards.STEP,
        problem=say(found.title) if found else "",
        errors=field_errors(found) if found else {},
        key=secrets.token_urlsafe(16),
        back=url_for("h5_staff_tips.one", tip_id=tip_id),
    )
    return make_response(page, found.status if found else 200)


def _ledger(found: Problem | None = None, *, payee: tuple[str, Payee] | None = None) -> Response:
    paid = request.args.get("paid") == "1"
    officer = False
    try:
        officer = investigators.key().duty == recipients.PAY
        listed = tip_rewards.listing(paid=paid, cursor=request.args.get("cursor"), limit=LIMIT)
        refusal = ""
    except (Conflict, Forbidden) as without_key:
        listed, refusal = {"items": [], "next_cursor": None}, say(without_key.title)
    cursor = listed["next_cursor"]
    page = console.page(
        "tips/rewards.html",
        lines=listed["items"],
        paid=paid,
        refusal=refusal,
        ways=_ways(),
        payee=payee,
        officer=officer,
        problem=_sentence(found) if found else "",
        typed=request.form if found else {},
        more=url_for(".ledger", paid=int(paid), cursor=cursor) if cursor else None,
    )
    return make_response(page, found.status if found else 200)


def _sentence(found: Problem) -> str:
    """The refusal, its day as people say it."""
    if found.code == "not_yet" and isinstance(found.title, Text):
        return say(Text(found.title.msgid, {"day": day(str(found.title.params["day"]))}))
    return say(found.title)


def _ways() -> dict[str, str]:
    return {"counter": _("柜台"), "charity": _("捐给慈善"), "transfer": _("转账")}
