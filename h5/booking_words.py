"""Words that the pages of a booking share: who comes, which plan, other times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from backend.bookings.queries import BookingCard
from backend.kernel.errors import Problem
from backend.web.context import runtime
from backend.web.words import language


@dataclass(frozen=True, slots=True)
class Near:
    """Another slot that has room. ``id`` as in addresses."""

    id: str
    at: datetime
    left: int


def near(refused: Problem | None) -> list[Near]:
    """The slots that a full one named instead."""
    found: Any = refused.extra.get("alternatives", []) if refused is not None else []
    return [Near(one["slot_id"], one["starts_at"], one["available"]) for one in found]


def plans() -> list[tuple[str, str, None]]:
    """Which planned child the checkup is for."""
    return [
        ("first", _("第一个孩子"), None),
        ("second", _("第二个孩子"), None),
        ("third", _("第三个孩子"), None),
        ("later", _("以后的孩子"), None),
    ]


def who(card: BookingCard) -> str:
    """Who comes, as the person who reads it says."""
    if card.with_partner or (card.seats == 2 and not card.companion):
        return _("我和爱人")
    if card.companion:
        return _("我和%(name)s", name=f" {card.companion}" if language() == "en" else card.companion)
    return _("我自己")


def plan(card: BookingCard) -> str:
    return next((label for value, label, _small in plans() if value == card.plan), "")


def ran_out(card: BookingCard) -> bool:
    """A hold whose ten minutes are over, whether or not it was swept."""
    return card.status == "held" and card.held_until is not None and card.held_until <= runtime().clock()
