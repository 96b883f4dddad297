"""Shapes of the reminder that people set for themselves."""

from __future__ import annotations

import marshmallow as ma

from backend.reminders.policy import ACTIONS
from backend.reminders.terms import CHANNELS, terms
from backend.schemas.base import Choice, Day, Int, Schema, Str

#: What the text is called by is never longer.
VERSION = 32
MOVES = tuple(sorted({name for names in ACTIONS.values() for name in names}))


class ReminderTextSchema(Schema):
    """What is agreed to by setting it."""

    text = ma.fields.String()
    text_version = ma.fields.String()


class ReminderConsentSchema(Schema):
    """What was agreed to; ``text`` is null where today's is another."""

    text = ma.fields.String(allow_none=True)
    text_version = ma.fields.String()
    agreed_on = ma.fields.Date()


class ReminderWishSchema(Schema):
    """``start_on``: the first day, or the last time, from which the rhythm counts; ``hour``: of the clock in China."""

    start_on = Day(required=True)
    channel = Choice(CHANNELS, required=True)
    hour = Int(low=terms().first_hour, high=terms().last_hour, load_default=terms().usual_hour)
    every_months = Int(low=1, high=terms().most_months, load_default=terms().usual_months)
    #: Of the text that was read; an older one than today's is refused.
    text_version = Str(max_length=VERSION, raw=True, load_default=None)


class ReminderSchema(Schema):
    """``next_on`` and ``next_at`` are null while it rests; ``waiting``: one came and she has not done it since."""

    start_on = ma.fields.Date()
    channel = Choice(CHANNELS)
    hour = ma.fields.Integer()
    every_months = ma.fields.Integer()
    next_on = ma.fields.Date(allow_none=True)
    next_at = ma.fields.DateTime(allow_none=True)
    done_on = ma.fields.Date(allow_none=True)
    waiting = ma.fields.Boolean()
    paused = ma.fields.Boolean()
    status = Choice(tuple(str(status) for status in ACTIONS))
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(Choice(MOVES))
    consent = ma.fields.Nested(ReminderConsentSchema)
    version = ma.fields.Integer()


class SnoozeSchema(Schema):
    days = Int(low=1, high=terms().longest_snooze, required=True)


class DoneSchema(Schema):
    """Left out: today."""

    on = Day(load_default=None)


class ReminderStopSchema(Schema):
    word = Str(max_length=64, raw=True, required=True)
