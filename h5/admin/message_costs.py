"""What text messages cost, month by month, and how much of the budget is left; no kinds of messages, no people."""

from __future__ import annotations

from flask import Blueprint

from backend.notifications import costs
from backend.web.context import runtime
from h5.admin import pages

blp = Blueprint("h5_admin_message_costs", __name__, url_prefix="/staff/admin/messages/costs")


@blp.get("")
def show() -> str:
    """This month first, then the months before."""
    at = runtime()
    now = at.clock()
    with at.db.reading() as session:
        months = costs.months(session)
        left = costs.left(session, tariff=at.tariff, now=now)
    this = next((one for one in months if one.month == costs.month_of(now)), None)
    return pages.page(
        "message_costs.html",
        months=months,
        this=this,
        left=left,
        tariff=at.tariff,
        spent=_percent(this.cost if this else 0, at.tariff.budget),
        yuan=costs.yuan,
        price=f"{at.tariff.price / costs.YUAN:.3f}",
    )


def _percent(cost: int, budget: int) -> int | None:
    """Whole percent of the budget that are spent; ``None`` without one."""
    return cost * 100 // (budget * costs.YUAN) if budget else None
