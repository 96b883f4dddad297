"""Shapes of follow-ups."""

from __future__ import annotations

import marshmallow as ma

from backend.bookings.questions import LONGEST, TYPES, follow_ups
from backend.schemas.base import Choice, Day, RowId, Schema, Str, listing

KINDS = tuple(follow_ups().kinds)


class FollowUpOptionSchema(Schema):
    value = ma.fields.String()
    label = ma.fields.String()


class FollowUpQuestionSchema(Schema):
    name = ma.fields.String()
    type = Choice(TYPES)
    required = ma.fields.Boolean()
    label = ma.fields.String()
    options = ma.fields.List(ma.fields.Nested(FollowUpOptionSchema))


class FollowUpSchema(Schema):
    """One question she asked for; ``open``: it can be answered now."""

    id = RowId()
    kind = Choice(KINDS)
    label = ma.fields.String()
    ask_on = ma.fields.Date()
    until = ma.fields.Date()
    open = ma.fields.Boolean()
    questions = ma.fields.List(ma.fields.Nested(FollowUpQuestionSchema))


class FollowUpsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(FollowUpSchema))


class FirstDaySchema(Schema):
    """The first day of the last period; it is used to work out days and stored nowhere."""

    first_day = Day(required=True)


class FollowUpDaySchema(Schema):
    kind = Choice(KINDS, required=True)
    ask_on = Day(required=True)
    #: Of a proposal: until when it stays open.
    until = Day(dump_only=True)


class FollowUpDaysSchema(Schema):
    """Exactly these are asked; what is left out is stopped."""

    items = ma.fields.List(ma.fields.Nested(FollowUpDaySchema), required=True, validate=ma.validate.Length(max=10))


class FollowUpAnswersSchema(Schema):
    answers = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Length(max=32)),
        values=Str(max_length=LONGEST, raw=True),
        required=True,
    )
    #: Only if she wants to be known.
    name = Str(max_length=50, blank=True, load_default="")
    contact = Str(max_length=50, blank=True, load_default="")


class StopWordSchema(Schema):
    word = Str(max_length=64, raw=True, required=True)


class SentAnswerSchema(Schema):
    question = ma.fields.String()
    answer = ma.fields.String()


class SentFollowUpSchema(Schema):
    """What was sent to a station; ``name`` and ``contact`` only as she wrote them."""

    id = RowId()
    station = ma.fields.String()
    kind = ma.fields.String()
    answers = ma.fields.List(ma.fields.Nested(SentAnswerSchema))
    name = ma.fields.String()
    contact = ma.fields.String()
    answered_on = ma.fields.Date()
    seen = ma.fields.Boolean()


SentFollowUpListSchema = listing(SentFollowUpSchema)
