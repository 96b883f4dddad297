"""Message templates as administrators see them."""

from __future__ import annotations

import marshmallow as ma

from backend.schemas.base import Int, Schema


class MessageTemplateQuery(Schema):
    """``version``: the newest where none is asked for."""

    version = Int(low=1, high=9999, query=True, load_default=None)


class BothLanguagesSchema(Schema):
    zh = ma.fields.String()
    en = ma.fields.String()


class MessageTemplateRowSchema(Schema):
    name = ma.fields.String()
    version = ma.fields.Integer()
    kind = ma.fields.String()
    kind_label = ma.fields.String()
    title = ma.fields.Nested(BothLanguagesSchema)
    #: inbox, wechat, sms
    channels = ma.fields.List(ma.fields.String())
    #: What has to be set before it goes out over each of them.
    missing = ma.fields.List(ma.fields.String())


class MessageTemplatesSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(MessageTemplateRowSchema))


class SampleValueSchema(Schema):
    name = ma.fields.String()
    #: text, words, date, dates, flag
    kind = ma.fields.String()
    sample = ma.fields.String()


class InboxTextSchema(Schema):
    title = ma.fields.String()
    text = ma.fields.String()


class WechatLineSchema(Schema):
    label = ma.fields.String()
    field = ma.fields.String()
    value = ma.fields.String()


class WechatCardSchema(Schema):
    title = ma.fields.String()
    lines = ma.fields.List(ma.fields.Nested(WechatLineSchema))


class WechatPreviewSchema(Schema):
    #: Our name of it; the id at WeChat is a setting.
    template = ma.fields.String()
    languages = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(WechatCardSchema))


class SmsTextSchema(Schema):
    text = ma.fields.String()
    characters = ma.fields.Integer()
    parts = ma.fields.Integer()
    #: As the provider approves it: {1}, {2}…
    to_hand_in = ma.fields.String()


class SmsPreviewSchema(Schema):
    parts_allowed = ma.fields.Integer()
    languages = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(SmsTextSchema))


class MessageTemplateSchema(MessageTemplateRowSchema):
    versions = ma.fields.List(ma.fields.Integer())
    values = ma.fields.List(ma.fields.Nested(SampleValueSchema))
    inbox = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(InboxTextSchema), allow_none=True)
    wechat = ma.fields.Nested(WechatPreviewSchema, allow_none=True)
    sms = ma.fields.Nested(SmsPreviewSchema, allow_none=True)
