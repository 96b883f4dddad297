"""Rewards for the office: set one for a tip that was found true; the ledger, which knows no tip."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from backend.schemas.staff_tips import TipCardSchema
from backend.schemas.tip_rewards import (
    CounterSchema,
    LedgerLineSchema,
    LedgerQuery,
    LedgerSchema,
    PayeeSchema,
    RewardOfferSchema,
)
from backend.web import tip_desk, tip_rewards
from backend.web.blueprint import Blueprint

blp = Blueprint("staff-tip-rewards", __name__, url_prefix="/staff/tips", description="Tips 举报核查")


@blp.post("/<uuid:tip_id>/reward")
@blp.arguments(RewardOfferSchema)
@blp.response(201, TipCardSchema)
def offer(body: dict[str, Any], tip_id: str) -> dict[str, Any]:
    """Set a reward, once, after it was found true; those who reported it on the same day share it

    Before that: 409 `not_substantiated`; a second one: 409 `reward_offered`; the mailbox is gone: 409 `no_mailbox`.
    """
    tip_rewards.offer(tip_id, body["amount"])
    return tip_desk.opened(tip_id)


@blp.get("/rewards")
@blp.arguments(LedgerQuery, location="query")
@blp.response(200, LedgerSchema)
def listing(query: dict[str, Any]) -> dict[str, Any]:
    """Rewards that were claimed: numbers and amounts, in no order that says anything"""
    return tip_rewards.listing(paid=query["paid"] == "1", cursor=query["cursor"], limit=query["limit"])


@blp.post("/rewards/<uuid:reward_id>/releases")
@blp.response(200, LedgerLineSchema)
def release(reward_id: str) -> dict[str, Any]:
    """Sign that it may be paid; the second signature of another person draws a later day"""
    return tip_rewards.release(reward_id)


@blp.post("/rewards/<uuid:reward_id>/payment")
@blp.response(200, LedgerLineSchema)
def pay(reward_id: str) -> dict[str, Any]:
    """A donation or a transfer was made; name and account are destroyed. Before its day: 409 `not_yet`"""
    return tip_rewards.pay(reward_id)


@blp.post("/rewards/payments")
@blp.arguments(CounterSchema)
@blp.response(200, LedgerLineSchema)
def pay_at_counter(body: dict[str, Any]) -> dict[str, Any]:
    """Paid at the counter to whoever brought number and proof. Wrong proof: 403; before its day: 409 `not_yet`"""
    return tip_rewards.pay_at_counter(body["claim_number"], body["proof"])


@blp.get("/rewards/<uuid:reward_id>/payee")
@blp.response(200, PayeeSchema)
def payee(reward_id: str) -> dict[str, Any]:
    """To whom a transfer goes, for the reward officer whose key is open. Locked: 423; everybody else: 404"""
    return asdict(tip_rewards.payee(reward_id))
