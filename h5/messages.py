"""The inbox 消息."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from backend.kernel.i18n import N_
from backend.notifications import queries, service
from backend.notifications.queries import MessageCard
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import language, say

blp = Blueprint("h5_messages", __name__, url_prefix="/messages")

#: Beginnings of a template's name → the page its messages lead to.
ABOUT = (
    (("benefit_", "confirmation_"), "h5_benefits.show", N_("去看我的补贴")),
    (("result_ready",), "h5_results.listing", N_("去看结果")),
    (("own_reminder",), "h5_followups.listing", N_("去看看")),
    (("booking_missed", "booking_closed", "booking_cancelled"), "h5_checkup.stations", N_("看看什么时候能约")),
    (("waitlist_",), "h5_waitlist.listing", N_("去看我的候补")),
    (("booking_",), "h5_bookings.listing", N_("去看我的预约")),
)


@blp.get("")
def listing() -> str:
    """Newest first, twenty at a time."""
    at = runtime()
    with at.db.reading() as session:
        cards, cursor = queries.inbox(
            session, at.vault, resident_id=caller().id, language=language(), cursor=request.args.get("cursor")
        )
    return render_template("messages/list.html", cards=cards, cursor=cursor)


@blp.get("/<id:message>")
def show(message: int) -> str:
    """One message, which is read now, and the way to the case it is about."""
    at, me = runtime(), caller().id
    at.db.transact(service.mark_read, resident_id=me, message_id=message, now=at.clock())
    with at.db.reading() as session:
        card, application = queries.one(session, at.vault, resident_id=me, message_id=message, language=language())
    return render_template("messages/show.html", card=card, onward=_onward(card, application))


def _onward(card: MessageCard, application: int | None) -> tuple[str, str] | None:
    """(address, label): where what the message is about goes on."""
    if application:
        return url_for("h5_applications.show", application=application), _("去看这件申请")
    for prefixes, page, label in ABOUT:
        if card.template.startswith(prefixes):
            return url_for(page), say(label)
    return None
