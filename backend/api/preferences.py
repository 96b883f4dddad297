"""How the signed-in resident is told, and the record of what was sent to them."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.lifecycles.delivery import DELIVERY
from backend.notifications import calling_off, history, preferences
from backend.notifications.history import Sent
from backend.notifications.preferences import Choice, Preferences
from backend.schemas.base import PageQuery
from backend.schemas.notifications import (
    DeliveryListSchema,
    DeliverySchema,
    PreferencesSchema,
    PutPreferencesSchema,
)
from backend.web.answers import expected_version, json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import language, say

blp = Blueprint("notifications", __name__, description="How I am told 通知, and what was sent to me")


@blp.get("/me/notification-preferences")
@blp.response(200, PreferencesSchema)
def read() -> Response:
    """Over which channels I am told, kind by kind, my quiet hours and my language."""
    return _preferences()


@blp.put("/me/notification-preferences")
@blp.arguments(PutPreferencesSchema, required=False)
@blp.response(200, PreferencesSchema)
def put(body: dict[str, Any]) -> Response:
    """Choose; what still waits to be sent follows. The quiet hours can be longer than 21 to 8, not shorter."""
    at = runtime()
    at.db.transact(
        preferences.put,
        at.vault,
        resident_id=caller().id,
        expected_version=expected_version(),
        now=at.clock(),
        **body,
    )
    return _preferences()


@blp.get("/me/deliveries")
@blp.arguments(PageQuery, location="query")
@blp.response(200, DeliveryListSchema)
def sent(query: dict[str, Any]) -> dict[str, Any]:
    """What was sent to me in the last twelve months, newest first, and what became of it."""
    at = runtime()
    with at.db.reading() as session:
        cards, cursor = history.sent(session, at.vault, resident_id=caller().id, language=language(), **query)
    return page_of([_delivery(card) for card in cards], cursor)


@blp.post("/me/deliveries/<id:delivery_id>/cancellation")
@blp.response(204)
def call_off(delivery_id: int) -> None:
    """Do not send me this; it stays in the inbox. 409 `already_going` while it is being sent."""
    once(calling_off.call_off, resident_id=caller().id, delivery_id=delivery_id, now=runtime().clock())


def _preferences() -> Response:
    at = runtime()
    with at.db.reading() as session:
        found = preferences.read(session, resident_id=caller().id)
    return json(PreferencesSchema().dump(_chosen(found)), version=found.version)


def _chosen(found: Preferences) -> dict[str, Any]:
    return {
        "kinds": [_kind(choice) for choice in found.choices],
        "choices": {choice.kind.name: choice.channels for choice in found.choices},
        "quiet_from": found.quiet_from,
        "quiet_to": found.quiet_to,
        "stopped": found.stopped_at is not None,
        "stopped_at": found.stopped_at,
        "language": found.language,
        "reach": {"wechat": found.wechat, "sms": found.mobile},
        "version": found.version,
    }


def _kind(choice: Choice) -> dict[str, Any]:
    kind = choice.kind
    facts = {"kind": kind.name, "label": say(kind.label), "hint": say(kind.hint), "default": kind.channels}
    return facts | {"offered": choice.offered, "channels": choice.channels}


def _delivery(card: Sent) -> dict[str, Any]:
    shown = {name: getattr(card, name) for name in DeliverySchema().fields if hasattr(card, name)}
    return shown | {"status_label": say(DELIVERY.label(card.status))}
