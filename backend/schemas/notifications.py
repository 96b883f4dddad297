"""Messages as the API shows them, and the demo's windows on what was sent and on the clock."""

from __future__ import annotations

from datetime import UTC, datetime

from marshmallow import fields
from marshmallow.validate import Range

from backend.notifications.kinds import CHANNELS, CHOOSABLE
from backend.schemas.accounts import LANGUAGES
from backend.schemas.base import Choice, Entries, Flag, Int, PageQuery, RowId, Schema, Str, listing


class MessageSchema(Schema):
    """One message of the inbox; ``application_id`` and ``application_number`` where it is about a case."""

    id = RowId(dump_only=True)
    template = fields.String()
    title = fields.String()
    text = fields.String()
    application_id = RowId(allow_none=True)
    application_number = fields.String(allow_none=True)
    sent_at = fields.AwareDateTime()
    read_at = fields.AwareDateTime(allow_none=True)


class MessageListSchema(listing(MessageSchema)):  # type: ignore[misc]  # made from the schema of one
    """``unread``: of the whole inbox, at most 100."""

    unread = fields.Integer()


class MessagesQuery(PageQuery):
    """``application``: only what is about that case."""

    application = RowId(load_default=None)


class ReadAllSchema(Schema):
    """``until``: the newest message that was seen; what came after it stays unread."""

    until = RowId(load_default=None, allow_none=True)


class KindSchema(Schema):
    """One kind of messages; ``offered``: channels it can come over, ``default``: before anybody chose."""

    kind = fields.String()
    label = fields.String()
    hint = fields.String()
    offered = fields.List(fields.String())
    default = fields.List(fields.String())
    channels = fields.List(fields.String())


class ReachSchema(Schema):
    """Whether the person can be reached there."""

    wechat = fields.Boolean()
    sms = fields.Boolean()


class PreferencesSchema(Schema):
    """``quiet_from``, ``quiet_to``: hours of the clock in China; ``stopped``: nothing but the inbox and codes."""

    kinds = fields.List(fields.Nested(KindSchema))
    choices = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    quiet_from = fields.Integer()
    quiet_to = fields.Integer()
    stopped = fields.Boolean()
    stopped_at = fields.AwareDateTime(allow_none=True)
    language = fields.String()
    reach = fields.Nested(ReachSchema)
    version = fields.Integer()


class PutPreferencesSchema(Schema):
    """What is left out stays as it is, a kind that is not named too."""

    choices = fields.Dict(
        keys=Choice(CHOOSABLE), values=fields.List(Choice(CHANNELS), validate=Entries(max=len(CHANNELS)))
    )
    quiet_from = Int(low=0, high=23)
    quiet_to = Int(low=0, high=23)
    stopped = Flag()
    language = Choice(LANGUAGES)


class DeliverySchema(Schema):
    """One message over one channel; ``message_id``: while the inbox has it."""

    id = RowId()
    channel = fields.String()
    template = fields.String()
    title = fields.String(allow_none=True)
    message_id = RowId(allow_none=True)
    application_number = fields.String(allow_none=True)
    status = fields.String()
    status_label = fields.String()
    allowed_actions = fields.List(fields.String())
    created_at = fields.AwareDateTime()
    sent_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)


DeliveryListSchema = listing(DeliverySchema)


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
