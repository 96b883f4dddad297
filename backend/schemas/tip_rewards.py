"""Shapes of rewards: what the reporter finds and sends, what the ledger shows to those who pay."""

from __future__ import annotations

import marshmallow as ma

from backend.lifecycles.tip import RewardStatus
from backend.schemas.base import Choice, Int, PageQuery, Schema, Str
from backend.tips.claims import WAYS
from backend.tips.rewards import LEAST, MOST
from backend.tips.vouchers import NUMBER, PROOF

REWARD_STATES = tuple(status.value for status in RewardStatus)


class PayeeSchema(Schema):
    """Sealed to the reward officer alone, and destroyed once paid."""

    name = Str(max_length=50, raw=True, load_default="")
    bank = Str(max_length=60, raw=True, load_default="")
    account = Str(max_length=60, raw=True, load_default="")


class ClaimSchema(Schema):
    """``payee``: for ``transfer`` only."""

    way = Choice(WAYS, required=True)
    payee = ma.fields.Nested(PayeeSchema, load_default=None, allow_none=True)


class WaySchema(Schema):
    """A way to be paid that is open now; ``words``: who will learn what by it."""

    way = Choice(WAYS)
    label = ma.fields.String()
    words = ma.fields.String()


class RewardSchema(Schema):
    """``proof``: for the counter, with the claim number; ``ways``: to choose from, also again until it is released."""

    status = Choice(REWARD_STATES)
    status_label = ma.fields.String()
    amount = ma.fields.Integer()
    claim_number = ma.fields.String()
    proof = ma.fields.String()
    claim_by = ma.fields.Date()
    way = Choice(WAYS, allow_none=True)
    pay_on = ma.fields.Date(allow_none=True)
    next_step = ma.fields.String()
    ways = ma.fields.List(ma.fields.Nested(WaySchema))


class TipCountSchema(Schema):
    """Of a year that is over; ``number`` is 5 or more."""

    year = ma.fields.Integer()
    outcome = ma.fields.String()
    number = ma.fields.Integer()


class TipCountsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(TipCountSchema))


class RewardOfferSchema(Schema):
    """Yuan, whole hundreds."""

    amount = Int(low=LEAST, high=MOST, required=True)


class LedgerQuery(PageQuery):
    paid = Choice(("0", "1"), load_default="0")


class LedgerLineSchema(Schema):
    """``month``: its first day; ``released``: how many signed; ``mine``: whether you did."""

    id = ma.fields.String()
    claim_number = ma.fields.String()
    amount = ma.fields.Integer()
    way = Choice(WAYS)
    status = Choice(REWARD_STATES)
    status_label = ma.fields.String()
    month = ma.fields.Date()
    released = ma.fields.Integer()
    mine = ma.fields.Boolean()
    pay_on = ma.fields.Date(allow_none=True)
    due = ma.fields.Boolean()
    allowed_actions = ma.fields.List(ma.fields.String())


class LedgerSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(LedgerLineSchema))
    next_cursor = ma.fields.String(allow_none=True)


class CounterSchema(Schema):
    """What somebody brings to the counter."""

    claim_number = Str(max_length=NUMBER * 3, raw=True, required=True)
    proof = Str(max_length=PROOF * 3, raw=True, required=True)
