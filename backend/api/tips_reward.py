"""Rewards for programs, by the token that ``/tips/inbox`` gave (header ``Tip-Token``)."""

from __future__ import annotations

from typing import Any

from backend.api.tips_guards import holder
from backend.schemas.tip_rewards import ClaimSchema, RewardSchema, TipCountsSchema
from backend.tips import counting
from backend.web import tips_reward
from backend.web.blueprint import Blueprint
from backend.web.tips_context import line

blp = Blueprint("tips-reward", __name__, url_prefix="/tips", description="奖励：凭查询码领，不问姓名")
open_to_all = Blueprint("tips-counts", __name__, url_prefix="/tips", description="举报办成什么样，只有数")


@blp.post("/reward-claim")
@blp.arguments(ClaimSchema)
@blp.response(200, RewardSchema)
def claim(body: dict[str, Any]) -> dict[str, Any]:
    """Choose how to be paid; another way may be chosen until somebody released it

    No reward: 409 `no_reward`; too late: 409 `reward_lapsed` or `already_claimed`.
    """
    return tips_reward.claim(holder(), way=body["way"], payee=body["payee"])


@open_to_all.get("/counts")
@open_to_all.response(200, TipCountsSchema)
def counts() -> dict[str, Any]:
    """What the tips of past years came to; numbers below five are left out"""
    at = line()
    with at.db.reading() as session:
        return {"items": counting.shown(session, county=at.line.county, today=at.today)}
