"""The form with which evidence arrives."""

from __future__ import annotations

import marshmallow as ma

from backend.schemas.base import Schema, Str
from backend.tips.evidence import LONGEST_NAME


class EvidenceFormSchema(Schema):
    """``name``: what it shows, in the person's own words; the name of the file itself is dropped."""

    file = ma.fields.Raw(required=True, metadata={"type": "string", "format": "binary"})
    name = Str(max_length=LONGEST_NAME, blank=True, load_default="")
