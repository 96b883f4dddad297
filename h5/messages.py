"""The inbox 消息."""

from __future__ import annotations

import re

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from backend.kernel.i18n import N_
from backend.kernel.ids import PATTERN, decode
from backend.notifications import queries, service, threads
from backend.notifications.queries import MessageCard
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import language, say

blp = Blueprint("h5_messages", __name__, url_prefix="/messages")

#: Beginnings of a template's name → the page its messages lead to.
ABOUT = (
    (("benefit_", "confirmation_"), "h5_benefits.show", N_("去看我的补贴")),
    (("result_ready",), "h5_results.listing", N_("去看结果")),
    (("own_reminder",), "h5_reminders.arrive", N_("去看看")),
    (("booking_missed", "booking_closed", "booking_cancelled"), "h5_checkup.stations", N_("看看什么时候能约")),
    (("waitlist_",), "h5_waitlist.listing", N_("去看我的候补")),
    (("booking_",), "h5_bookings.listing", N_("去看我的预约")),
    (("certificate_",), "h5_certificates.listing", N_("去看我的证件")),
)


#: An address in a message ends before whatever no address of ours holds: a space, Chinese words, their punctuation.
_ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_TRAILING = ".,:;!?)]'"


@blp.get("")
def listing() -> str:
    """Twenty at a time, each case once; ``?application=``: everything about one."""
    about = request.args.get("application", "")
    if PATTERN.fullmatch(about):
        return _of_case(decode(about))
    at = runtime()
    with at.db.reading() as session:
        found, cursor = threads.threads(
            session, at.vault, resident_id=caller().id, language=language(), cursor=request.args.get("cursor")
        )
    newest = max((thread.newest.id for thread in found), default=0)
    return render_template("messages/list.html", threads=found, cursor=cursor, newest=newest)


@blp.post("/read")
def read_all() -> Response:
    """Everything up to what the page showed has been seen."""
    at, until = runtime(), request.form.get("until", "")
    at.db.transact(
        service.mark_all_read,
        resident_id=caller().id,
        until=decode(until) if PATTERN.fullmatch(until) else None,
        now=at.clock(),
    )
    return redirect(url_for(".listing"), 303)


@blp.get("/<id:message>")
def show(message: int) -> str:
    """One message, which is read now, and the way to the case it is about."""
    at, me = runtime(), caller().id
    at.db.transact(service.mark_read, resident_id=me, message_id=message, now=at.clock())
    with at.db.reading() as session:
        card = queries.one(session, at.vault, resident_id=me, message_id=message, language=language())
    return render_template("messages/show.html", card=card, onward=_onward(card), site=at.settings.base_url)


@blp.app_template_filter()
def pressable(text: str, site: str = "") -> Markup:
    """The text with its addresses as links, those of ``site`` by words instead of letters; all else as it is."""
    parts, place = [], 0
    for found in _ADDRESS.finditer(text):
        address = found.group().rstrip(_TRAILING)
        said = escape(address)
        if site and address.startswith(f"{site}/"):
            said = Markup('<span class="nowrap">{}</span>').format(_("点这里"))
        link = Markup('<a href="{}" rel="nofollow noopener">{}</a>').format(address, said)
        parts += [escape(text[place : found.start()]), link]
        place = found.start() + len(address)
    return Markup("").join([*parts, escape(text[place:])])


def _of_case(application: int) -> str:
    at = runtime()
    with at.db.reading() as session:
        cards, cursor = queries.inbox(
            session,
            at.vault,
            resident_id=caller().id,
            language=language(),
            application=application,
            cursor=request.args.get("cursor"),
        )
    return render_template("messages/case.html", cards=cards, cursor=cursor, application=application)


def _onward(card: MessageCard) -> tuple[str, str] | None:
    """(address, label): where what the message is about goes on."""
    if card.application_id:
        return url_for("h5_applications.show", application=card.application_id), _("去看这件申请")
    for prefixes, page, label in ABOUT:
        if card.template.startswith(prefixes):
            return url_for(page), say(label)
    return None
