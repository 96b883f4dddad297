"""Shapes of handing a tip over."""

from __future__ import annotations

import marshmallow as ma

from backend.schemas.base import Choice, Entries, Flag, Int, Schema, Str
from backend.tips.handover import MOST_ENTRIES, OFFICES

LONGEST_OFFICE, LONGEST_NOTE = 80, 2000


class TransferSchema(Schema):
    """``entries``: ids of messages, evidence and findings that go along; ``with_text``: the words of the report too."""

    to = Choice(tuple(OFFICES), required=True)
    office = Str(max_length=LONGEST_OFFICE, required=True)
    note = Str(max_length=LONGEST_NOTE, multiline=True, blank=True, load_default="")
    entries = ma.fields.List(Str(max_length=32, raw=True), validate=Entries(max=MOST_ENTRIES), load_default=list)
    with_text = Flag(load_default=True)
    version = Int(low=1, high=2**31 - 1, load_default=None, allow_none=True)


class HandedSchema(Schema):
    """``password``: shown with this answer only, to be told by another way than the package."""

    id = ma.fields.String()
    password = ma.fields.String()
