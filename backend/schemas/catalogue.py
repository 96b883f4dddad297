"""Shapes of the catalogue: regions, offices, service items, self-check."""

from __future__ import annotations

import re
from typing import Any

import marshmallow as ma

from backend.kernel import base64url
from backend.kernel.i18n import N_
from backend.schemas.base import Flag, Int, PageQuery, Schema, Str, listing

_KEY = re.compile(r"[0-9a-z._-]{1,64}", re.ASCII)


def key_cursor(key: str) -> str:
    """The opaque cursor after the row whose code is ``key``."""
    return base64url.encode(key.encode())


class KeyCursor(ma.fields.String):
    """A cursor of ``key_cursor``, read back as the code of the last row seen (empty at the beginning)."""

    default_error_messages: Any = {"invalid": [N_("翻页的位置不对，请从第一页看起")]}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs) or ""
        try:
            key = base64url.decode(text).decode()
        except ValueError as error:
            raise self.make_error("invalid") from error
        if not _KEY.fullmatch(key):
            raise self.make_error("invalid")
        return key


class RegionCode(ma.fields.String):
    """6, 9 or 12 digits; whether the place exists is looked up afterwards."""

    default_error_messages: Any = {"invalid": [N_("辖区代码是 6、9 或 12 位数字")]}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"pattern": "^([0-9]{6}|[0-9]{9}|[0-9]{12})$"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs) or ""
        if not (text.isascii() and text.isdigit() and len(text) in (6, 9, 12)):
            raise self.make_error("invalid")
        return text


class RegionQuery(PageQuery):
    parent = RegionCode(load_default=None)
    cursor = KeyCursor(load_default="", validate=ma.validate.Length(max=200))


class OfficeQuery(PageQuery):
    region = RegionCode(load_default=None)
    cursor = KeyCursor(load_default="", validate=ma.validate.Length(max=200))


class ServiceItemQuery(OfficeQuery):
    q = Str(max_length=60, load_default=None)


class RegionSchema(Schema):
    code = ma.fields.String()
    name = ma.fields.String()
    level = ma.fields.String()
    parent = ma.fields.String()


class OfficeSchema(Schema):
    region = ma.fields.String()
    name = ma.fields.String()
    level = ma.fields.String()
    phone = ma.fields.String()
    address = ma.fields.String()


class DeadlineSchema(Schema):
    """Working days."""

    promised = Int(low=0, high=400)
    legal = Int(low=0, high=400)


class ServiceItemCardSchema(Schema):
    code = ma.fields.String()
    kind = ma.fields.String(metadata={"enum": ["application", "guide", "booking"]})
    open = Flag()
    name = ma.fields.String()
    summary = ma.fields.String()
    version = ma.fields.Integer()
    deadline = ma.fields.Nested(DeadlineSchema)


class ServiceItemSchema(ServiceItemCardSchema):
    """The whole guide; ``form.fields`` and ``materials`` as in the catalogue files."""

    regions = ma.fields.List(ma.fields.String())
    cosign = ma.fields.String(metadata={"enum": ["none", "optional", "required"]})
    consents = ma.fields.List(ma.fields.String())
    guide = ma.fields.Dict()
    form = ma.fields.Dict()
    materials = ma.fields.List(ma.fields.Dict())
    eligibility = ma.fields.Dict()
    example = ma.fields.Dict()
    workflow = ma.fields.List(ma.fields.String())
    workflow_steps = ma.fields.List(ma.fields.Dict())
    notice = ma.fields.Dict()
    certificate = ma.fields.Dict()
    calculator = ma.fields.Dict()
    draft_days = ma.fields.Integer()
    correction_days = ma.fields.Integer()
    retention_days = ma.fields.Integer()


class SelfCheckSchema(Schema):
    answers = ma.fields.Dict(required=True, validate=ma.validate.Length(max=200))


class EstimateSchema(Schema):
    months = ma.fields.Integer()
    yuan = ma.fields.Integer()


class VerdictSchema(Schema):
    eligible = Flag()
    reasons = ma.fields.List(ma.fields.String())
    estimate = ma.fields.Nested(EstimateSchema, allow_none=True)


RegionList = listing(RegionSchema)
OfficeList = listing(OfficeSchema)
ServiceItemList = listing(ServiceItemCardSchema)
