"""The consents that the checkup needs: shown one by one with their text, kept one by one."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from backend.accounts import consents, requirements
from backend.accounts.consents import ConsentCard
from backend.bookings import changes
from backend.catalogue import queries as catalogue
from backend.kernel.errors import Conflict
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import language, say


def missing() -> list[ConsentCard]:
    """What the checkup needs and this person has not agreed to yet."""
    at = runtime()
    with at.db.reading() as session:
        wanted = catalogue.definition(session, changes.ITEM).consents
        cards = consents.listed(
            session,
            resident_id=caller().id,
            purposes=at.purposes,
            required_for=requirements.required_for(session),
            language=language(),
        )
    return [card for card in cards if card.purpose in wanted and card.given_at is None]


def keep(cards: list[ConsentCard]) -> dict[str, str]:
    """Keep each purpose that was ticked; what is not or has a newer text, with the words beside its box."""
    at, wrong = runtime(), {}
    for card in cards:
        if not request.form.get(f"consents.{card.purpose}"):
            wrong[card.purpose] = _("请看完后打勾")
            continue
        try:
            at.db.transact(
                consents.give,
                resident_id=caller().id,
                purpose=card.purpose,
                text_version=request.form.get(f"version.{card.purpose}"),
                purposes=at.purposes,
                now=at.clock(),
            )
        except Conflict as refused:
            wrong[card.purpose] = say(refused.title)
    return wrong
