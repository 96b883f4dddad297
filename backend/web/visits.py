"""A visit at home as the API and the pages say it."""

from __future__ import annotations

from typing import Any

from backend.applications.visits import VisitCard
from backend.kernel import ids
from backend.kernel.i18n import N_, Text

LABELS: dict[str, Text] = {
    "offered": N_("等居民答复"),
    "agreed": N_("约好了"),
    "made": N_("已经上门"),
    "cancelled": N_("已取消"),
}


def shown(card: VisitCard, *, staff: bool) -> dict[str, Any]:
    """Plain values; the words still to be translated."""
    return {
        "id": ids.encode(card.id),
        "number": card.number,
        "starts_at": card.starts_at.isoformat(),
        "ends_at": card.ends_at.isoformat(),
        "status": card.state,
        "status_label": LABELS[card.state],
        "allowed_actions": card.actions(staff=staff),
    }
