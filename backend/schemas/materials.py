"""The form of an upload."""

from __future__ import annotations

import marshmallow as ma

from backend.schemas.base import Schema


class UploadSchema(Schema):
    material = ma.fields.String(required=True)
    file = ma.fields.Raw(required=True, metadata={"type": "string", "format": "binary"})
