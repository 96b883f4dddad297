"""Shapes of corrections, questions and internal notes."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from backend.applications.policy import SECOND_REASONS
from backend.schemas.base import Choice, Day, Entries, Flag, RowId, Schema, Str, listing

LONGEST = 2000


class DefectSchema(Schema):
    target = Str(max_length=64, required=True)
    reason = Str(max_length=500, required=True, multiline=True)
    #: What to hand in, in the clerk's words.
    hand_in = ma.fields.String(load_default="", validate=ma.validate.Length(max=500))

    @ma.post_load
    def _cleaned(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """An empty line stays empty; any other is looked at like every word."""
        if data["hand_in"].strip():
            data["hand_in"] = Str(max_length=500, multiline=True).deserialize(data["hand_in"])
        return data | {"hand_in": data["hand_in"].strip()}


class NoticeSchema(Schema):
    """What a clerk may say in a correction notice."""

    note = Str(max_length=LONGEST, required=True, multiline=True)
    items = ma.fields.List(ma.fields.Nested(DefectSchema), required=True, validate=Entries(max=50))
    due_on = Day(load_default=None, allow_none=True)


class SecondSchema(Schema):
    """Of a second notice: why it is needed."""

    reason_code = Choice(tuple(SECOND_REASONS), load_default=None, allow_none=True)
    reason_words = Str(max_length=500, multiline=True, load_default="")


class CancellationSchema(Schema):
    reason = Str(max_length=LONGEST, required=True, multiline=True)


class SecondConsentSchema(Schema):
    consent = Flag(required=True)
    note = Str(max_length=LONGEST, multiline=True, load_default="")


class WordsSchema(Schema):
    """A question, a reply, a note."""

    text = Str(max_length=LONGEST, required=True, multiline=True)


class CorrectionItemSchema(Schema):
    target = ma.fields.String()
    label = ma.fields.String()
    reason = ma.fields.String()
    hand_in = ma.fields.String()


class EarlierTextSchema(Schema):
    """What stood there before an edit."""

    note = ma.fields.String()
    items = ma.fields.List(ma.fields.Nested(CorrectionItemSchema))
    due_on = ma.fields.Date()
    until = ma.fields.AwareDateTime()


class CorrectionSchema(Schema):
    id = RowId()
    status = ma.fields.String()
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    ordinal = ma.fields.Integer()
    note = ma.fields.String()
    items = ma.fields.List(ma.fields.Nested(CorrectionItemSchema))
    due_on = ma.fields.Date()
    opened_at = ma.fields.AwareDateTime()
    edited_at = ma.fields.AwareDateTime(allow_none=True)
    earlier = ma.fields.List(ma.fields.Nested(EarlierTextSchema))


class ClosedCorrectionSchema(CorrectionSchema):
    closed_at = ma.fields.AwareDateTime()
    refusal = ma.fields.String(allow_none=True)
    reason_code = ma.fields.String(allow_none=True)
    reason_label = ma.fields.String(allow_none=True)
    reason_words = ma.fields.String(allow_none=True)


class ProposalSchema(CorrectionSchema):
    """A second notice that waits for the next level."""

    post = ma.fields.String()
    waits_for = ma.fields.String()
    waits_for_label = ma.fields.String()
    reason_code = ma.fields.String()
    reason_label = ma.fields.String()
    reason_words = ma.fields.String(allow_none=True)


class TouchedItemSchema(CorrectionItemSchema):
    touched = ma.fields.Boolean()


class TouchedSchema(Schema):
    """Which lines of the last notice the resubmission mended."""

    asked = ma.fields.Integer()
    touched = ma.fields.Integer()
    items = ma.fields.List(ma.fields.Nested(TouchedItemSchema))


class QuestionSchema(Schema):
    id = RowId()
    status = ma.fields.String(metadata={"enum": ["asked", "replied"]})
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    text = ma.fields.String()
    post = ma.fields.String()
    asked_at = ma.fields.AwareDateTime()
    reply = ma.fields.String(allow_none=True)
    replied_at = ma.fields.AwareDateTime(allow_none=True)


class NoteSchema(Schema):
    id = RowId()
    post = ma.fields.String()
    at = ma.fields.AwareDateTime()
    text = ma.fields.String()


class WantedConsentSchema(Schema):
    number = ma.fields.String()
    service_item = ma.fields.String()
    service_name = ma.fields.String()
    holder_masked = ma.fields.String()
    ordinal = ma.fields.Integer()
    reason_code = ma.fields.String()
    reason_label = ma.fields.String()
    proposed_at = ma.fields.AwareDateTime()
    due_on = ma.fields.Date()
    status = ma.fields.String()
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())


NotesSchema: Any = listing(NoteSchema)
WantedConsentsSchema: Any = listing(WantedConsentSchema)
