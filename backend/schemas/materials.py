"""The form of an upload."""

from __future__ import annotations

import marshmallow as ma
from flask_smorest.fields import Upload

from backend.schemas.base import Schema


class UploadSchema(Schema):
    material = ma.fields.String(required=True)
    file = Upload(required=True)
