"""WeChat's JavaScript on pages of this site."""

from __future__ import annotations

from marshmallow import fields

from backend.schemas.base import Schema, Str


class JsSignatureQuery(Schema):
    """``url``: the page as the browser has it, without its fragment."""

    url = Str(max_length=1024, required=True, metadata={"format": "uri"})


class JsSignatureSchema(Schema):
    """What ``wx.config`` wants, but for the list of functions."""

    app_id = fields.String()
    timestamp = fields.Integer()
    nonce = fields.String()
    signature = fields.String()
