"""A new code, and taking a report back: both make the old code worthless, so each says so before."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from backend.schemas.tips import PASSPHRASE
from backend.web import tips_mailbox
from h5.tips.mailbox import entered
from h5.tips.screen import page

blp = Blueprint("tips_parting", __name__, url_prefix="/tips/inbox")


@blp.post("/renewal")
def renew() -> Response:
    """A new code, shown like the first; posted again, the same."""
    holder = entered()
    passphrase, ticket = request.form.get("passphrase", "")[:PASSPHRASE], request.form.get("ticket", "")
    code = tips_mailbox.renew_once(holder, passphrase=passphrase, ticket=ticket)
    return page("tips/receipt.html", groups=code.groups, proof="", locked=bool(passphrase), ticket=ticket)


@blp.post("/withdrawal")
def withdraw() -> Response:
    """First what it means, then (``sure``) the withdrawal."""
    holder, token = entered(), request.form.get("token", "")
    if request.form.get("sure") != "yes":
        return page("tips/withdrawal.html", token=token, all_of_it=tips_mailbox.would_destroy(holder))
    return page("tips/withdrawn.html", destroyed=tips_mailbox.withdraw(holder))
