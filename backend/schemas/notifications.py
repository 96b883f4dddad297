"""Messages as the API shows them, and the demo's windows on what was sent and on the clock."""

from __future__ import annotations

from datetime import UTC, datetime

from marshmallow import fields
from marshmallow.validate import Range

from backend.schemas.base import Int, RowId, Schema, Str, listing


class MessageSchema(Schema):
    """One message of the inbox; ``application_number`` where it is about a case."""

    id = RowId(dump_only=True)
    template = fields.String()
    title = fields.String()
    text = fields.String()
    application_number = fields.String(allow_none=True)
    sent_at = fields.AwareDateTime()
    read_at = fields.AwareDateTime(allow_none=True)


MessageListSchema = listing(MessageSchema)


class SentQuery(Schema):
    """``to``: a mobile number or openid; everyone's without."""

    to = Str(max_length=64, load_default=None)
    limit = Int(low=1, high=100, query=True, load_default=20)


class SentSchema(Schema):
    """What would have been sent."""

    channel = fields.String()
    to = fields.String()
    template = fields.String()
    text = fields.String()
    sent_at = fields.String()


class SentListSchema(Schema):
    items = fields.List(fields.Nested(SentSchema))


class ClockSchema(Schema):
    """``now`` with its offset; null gives the machine's time back."""

    #: Row ids count from 2024; certificates of the far future must still have an end.
    now = fields.AwareDateTime(
        required=True,
        allow_none=True,
        validate=Range(datetime(2024, 1, 2, tzinfo=UTC), datetime(2080, 1, 1, tzinfo=UTC)),
    )
