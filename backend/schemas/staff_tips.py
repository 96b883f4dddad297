"""Shapes of the investigators' side of the tip line."""

from __future__ import annotations

import re
from typing import Any

import marshmallow as ma

from backend.kernel.i18n import N_
from backend.schemas.base import Choice, Flag, Int, PageQuery, Schema, Str
from backend.schemas.tips import STATES, TipMessageSchema
from backend.tips.dialogue import LONGEST as LONGEST_WORDS
from backend.tips.investigators import LONGEST
from backend.tips.lines import NEW, REPLY, VIEWS
from backend.tips.moving import BY_ITSELF

_UUID = re.compile(r"[0-9a-f]{32}", re.ASCII)


class Uuid(Str):
    """The id of a tip: 32 hex digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=32, raw=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not _UUID.fullmatch(text):
            raise ma.ValidationError([N_("这不是一件举报的编号，请从列表里选")])
        return text


class UnlockSchema(Schema):
    passphrase = Str(max_length=LONGEST, raw=True, required=True)


class UnlockedSchema(Schema):
    unlocked_until = ma.fields.DateTime()


class TipListQuery(PageQuery):
    status = Choice(STATES, load_default=None)
    view = Choice(VIEWS, load_default="all")


class TipSummarySchema(Schema):
    """Null while locked."""

    category = ma.fields.String()
    kind = ma.fields.String()
    name = ma.fields.String()
    region = ma.fields.String()


class TipLineSchema(Schema):
    """One tip in the list: days and a status; ``summary`` once the key is open."""

    id = ma.fields.String()
    status = Choice(STATES)
    status_label = ma.fields.String()
    received_on = ma.fields.Date()
    acknowledge_by = ma.fields.Date(allow_none=True)
    acknowledged_on = ma.fields.Date(allow_none=True)
    answer_by = ma.fields.Date(allow_none=True)
    answered_on = ma.fields.Date(allow_none=True)
    escalated_on = ma.fields.Date(allow_none=True)
    merged_into = ma.fields.String(allow_none=True)
    overdue = ma.fields.Boolean()
    news = ma.fields.String(allow_none=True, metadata={"enum": [NEW, REPLY, None]})
    summary = ma.fields.Nested(TipSummarySchema, allow_none=True)


class TipListSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(TipLineSchema))
    next_cursor = ma.fields.String(allow_none=True)
    locked = ma.fields.Boolean()


class TipEntrySchema(TipMessageSchema):
    """``mime`` and ``size`` (bytes) of evidence; ``edition`` counts the redactions."""

    mime = ma.fields.String(allow_none=True)
    size = ma.fields.Integer(allow_none=True)
    edition = ma.fields.Integer()


class SiblingSchema(Schema):
    """Another tip about the same target."""

    id = ma.fields.String()
    status = Choice(STATES)
    status_label = ma.fields.String()
    received_on = ma.fields.Date()
    merged_into = ma.fields.String(allow_none=True)


class TipCardSchema(TipLineSchema):
    """One tip, opened. ``reachable``: its reporter can still read what is written."""

    version = ma.fields.Integer()
    allowed_actions = ma.fields.List(ma.fields.String())
    reachable = ma.fields.Boolean()
    report = ma.fields.Dict(allow_none=True)
    messages = ma.fields.List(ma.fields.Nested(TipEntrySchema))
    same_target = ma.fields.List(ma.fields.Nested(SiblingSchema))


class _Act(Schema):
    """``version``: the one that was read; 409 ``changed_meanwhile`` when a colleague was faster."""

    version = Int(low=1, high=2**31 - 1, load_default=None, allow_none=True)


class TipWordsSchema(_Act):
    """To the reporter. ``ask``: the tip waits for the answer."""

    text = Str(max_length=LONGEST_WORDS, multiline=True, required=True)
    ask = Flag(load_default=False)


class TipMoveSchema(_Act):
    """``note``: sealed, for colleagues only; ``tell``: what the reporter reads in the mailbox."""

    move = Choice(BY_ITSELF, required=True)
    note = Str(max_length=LONGEST_WORDS, multiline=True, blank=True, load_default="")
    tell = Str(max_length=LONGEST_WORDS, multiline=True, blank=True, load_default="")


class TipMergeSchema(_Act):
    """``into``: the tip that goes on, or null to separate them again."""

    into = Uuid(required=True, allow_none=True)


class DeedSchema(Schema):
    """One line of the log: a day, never a time."""

    day = ma.fields.Date()
    act = ma.fields.String()
    name = ma.fields.String()
    post = ma.fields.String()
    entry_id = ma.fields.String(allow_none=True)


class HistorySchema(Schema):
    items = ma.fields.List(ma.fields.Nested(DeedSchema))


class PatternSchema(Schema):
    """One target of two tips or more. ``outcomes``: status → number of tips."""

    target = ma.fields.Dict()
    tips = ma.fields.Integer()
    months = ma.fields.Integer()
    first_on = ma.fields.Date()
    last_on = ma.fields.Date()
    outcomes = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())


class PatternsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(PatternSchema))
