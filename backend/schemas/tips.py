"""Shapes of the tip line's outside."""

from __future__ import annotations

import re
from typing import Any

import marshmallow as ma

from backend.kernel.i18n import N_
from backend.lifecycles.tip import TipStatus
from backend.schemas.base import Choice, Entries, Schema, Str
from backend.schemas.tip_rewards import RewardSchema
from backend.tips.filing import CATEGORIES, KINDS

TEXT, NAME, ADDRESS, CONTACT, CONTACTS = 5000, 80, 200, 60, 5
PASSPHRASE = 128
#: Characters of a proof of work in base64.
ALTCHA = 1024
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)
_REGION = re.compile(r"[1-9][0-9]{5}(?:[0-9]{3})?(?:[0-9]{3})?", re.ASCII)
STATES = tuple(status.value for status in TipStatus)


class Month(Str):
    """``2026-10``; a month is enough."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=7, raw=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text and not _MONTH.fullmatch(text):
            raise ma.ValidationError([N_("月份要写成 2026-10 这样")])
        return text


class RegionCode(Str):
    """6, 9 or 12 digits; kept as 12."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=12, raw=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not _REGION.fullmatch(text):
            raise ma.ValidationError([N_("请选在哪个镇或街道")])
        return text.ljust(12, "0")


class ChallengeSchema(Schema):
    """ALTCHA v1: find the number from 0 to ``maxnumber`` with ``sha256(salt + number) = challenge``."""

    algorithm = ma.fields.String()
    challenge = ma.fields.String()
    maxnumber = ma.fields.Integer()
    salt = ma.fields.String()
    signature = ma.fields.String()


class TargetSchema(Schema):
    """An institution or practitioner. ``contacts``: the offender's own telephone, WeChat id, shop."""

    kind = Choice(KINDS, required=True)
    name = Str(max_length=NAME, required=True)
    region = RegionCode(required=True)
    address = Str(max_length=ADDRESS, blank=True, load_default="")
    contacts = ma.fields.List(Str(max_length=CONTACT), validate=Entries(max=CONTACTS), load_default=list)


class ReportSchema(Schema):
    """A report. ``left_out``: ids of investigators who shall not see it."""

    altcha = ma.fields.Raw(load_default=None, metadata={"type": "string", "maxLength": ALTCHA})
    target = ma.fields.Nested(TargetSchema, required=True)
    category = Choice(CATEGORIES, required=True)
    happened_month = Month(load_default="")
    text = Str(max_length=TEXT, multiline=True, required=True)
    passphrase = Str(max_length=PASSPHRASE, raw=True, load_default="")
    left_out = ma.fields.List(Str(max_length=32, raw=True), validate=Entries(max=20), load_default=list)


class FiledSchema(Schema):
    """Shown once. ``receipt_code``: 28 digits; ``proof``: a signature over a commitment, the day and the county."""

    receipt_code = ma.fields.String()
    proof = ma.fields.String()


class InboxRequestSchema(Schema):
    """``altcha`` only where 429 ``work_required`` asked for it."""

    receipt_code = Str(max_length=200, raw=True, required=True)
    passphrase = Str(max_length=PASSPHRASE, raw=True, load_default="")
    altcha = ma.fields.Raw(load_default=None, metadata={"type": "string", "maxLength": ALTCHA})


class TipMessageSchema(Schema):
    """``author``: ``reporter`` or ``office``; ``text`` is null where it was destroyed."""

    id = ma.fields.String()
    kind = ma.fields.String()
    author = ma.fields.String()
    day = ma.fields.Date()
    text = ma.fields.String(allow_none=True)


class InboxSchema(Schema):
    """``reward``: null where there is none; ``token`` is good for an hour."""

    status = Choice(STATES)
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    received_on = ma.fields.Date()
    messages = ma.fields.List(ma.fields.Nested(TipMessageSchema))
    reward = ma.fields.Nested(RewardSchema, allow_none=True)
    openings = ma.fields.Dict()
    token = ma.fields.String()


class ReplySchema(Schema):
    text = Str(max_length=TEXT, multiline=True, required=True)


class WrittenSchema(Schema):
    id = ma.fields.String()


class WithdrawalSchema(Schema):
    """Nothing: what is taken back cannot be chosen."""


class WithdrawnSchema(Schema):
    destroyed = ma.fields.Boolean()


class NewCodeRequestSchema(Schema):
    """``passphrase``: of the new code; empty for none."""

    passphrase = Str(max_length=PASSPHRASE, raw=True, load_default="")


class NewCodeSchema(Schema):
    receipt_code = ma.fields.String()


class ProofRequestSchema(Schema):
    """``proof``: whatever somebody holds for one. ``opening``: of the mailbox, for all of the report or its target."""

    proof = ma.fields.String(required=True)
    opening = ma.fields.Dict(load_default=None, allow_none=True)


class ProofSchema(Schema):
    """``day`` and ``county`` of a valid one; ``opened`` where an opening came along."""

    status = Choice(("valid", "unknown"))
    status_label = ma.fields.String()
    day = ma.fields.Date()
    county = ma.fields.String()
    opened = ma.fields.Boolean()
