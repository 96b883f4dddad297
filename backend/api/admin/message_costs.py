"""What text messages cost, month by month, and how much of the budget is left; no kinds of messages, no people."""

from __future__ import annotations

from typing import Any

from backend.notifications import costs
from backend.notifications.costs import yuan
from backend.schemas.administration import MessageCostsSchema
from backend.web.blueprint import Blueprint
from backend.web.context import runtime

blp = Blueprint("admin-message-costs", __name__, url_prefix="/admin/message-costs", description="Administration 管理")


@blp.get("")
@blp.response(200, MessageCostsSchema)
def read_costs() -> dict[str, Any]:
    """Text messages of each month, the newest first: how many, in how many parts, for how many yuan."""
    at = runtime()
    with at.db.reading() as session:
        months = costs.months(session)
        left = costs.left(session, tariff=at.tariff, now=at.clock())
    return {
        "price": f"{at.tariff.price / costs.YUAN:.3f}",
        "budget": at.tariff.budget or None,
        "left": None if left is None else yuan(left),
        "items": [
            {
                "month": one.month,
                "messages": one.messages,
                "parts": one.parts,
                "cost": yuan(one.cost),
                "exhausted_at": one.exhausted_at,
            }
            for one in months
        ],
    }
