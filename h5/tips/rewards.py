"""A reward in an opened mailbox: what each way to be paid gives away, the choice, and what to bring to the counter."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, request
from werkzeug.wrappers import Response

from backend.kernel.errors import Conflict, Invalid
from backend.kernel.i18n import N_
from backend.tips.claims import WAYS
from backend.tips.tokens import Holder
from backend.web import tips_reward
from backend.web.words import field_errors, say
from h5.tips.mailbox import entered
from h5.tips.screen import page

blp = Blueprint("tips_rewards", __name__, url_prefix="/tips/inbox/reward")
PAYEE = ("name", "bank", "account")
LONGEST = 80


@blp.post("")
def show() -> Response:
    """How it stands, and the ways to choose from."""
    return _page(entered())


@blp.post("/claim")
def claim() -> Response:
    """Choose; else the page again with what was typed."""
    holder, typed = entered(), {name: request.form.get(name, "")[:LONGEST] for name in PAYEE}
    way = request.form.get("way", "")
    try:
        if way not in WAYS:
            text = N_("请选一种领的办法")
            raise Invalid("invalid_input", text, errors={"way": [text]})
        tips_reward.claim(holder, way=way, payee=typed)
    except (Conflict, Invalid) as found:
        return _page(holder, found, way=way, typed=typed)
    return _page(holder, done=True)


def _page(
    holder: Holder,
    found: Conflict | Invalid | None = None,
    *,
    way: str = "",
    typed: Mapping[str, str] | None = None,
    done: bool = False,
) -> Response:
    reward = tips_reward.look(holder)
    return page(
        "tips/claim.html",
        found.status if found else 200,
        reward=reward,
        chosen=way or reward["way"],
        typed=typed or dict.fromkeys(PAYEE, ""),
        refused=say(found.title) if found else "",
        errors=field_errors(found) if found else {},
        token=request.form.get("token", ""),
        done=done,
    )
