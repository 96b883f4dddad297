"""Shapes of redaction 脱敏: what is taken out of an entry of a tip, and what the detector would take out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from backend.kernel.i18n import N_
from backend.schemas.base import Choice, Entries, Flag, Int, Schema, Str
from backend.schemas.tips import TEXT
from backend.tips.third_parties.detector import KINDS

#: Spots in one request, characters of a field's path.
SPOTS, FIELD = 200, 40
EDITION = 10**6


class TipSpotSchema(Schema):
    """From ``start`` to before ``end``, in code points."""

    start = ma.fields.Integer()
    end = ma.fields.Integer()
    kind = Choice(KINDS)


class TipCutSchema(Schema):
    """``field``: ``text``, ``name``, ``target.name``, ``target.address``, ``target.contacts.0``."""

    field = Str(max_length=FIELD, raw=True, load_default="text")
    start = Int(low=0, high=TEXT, required=True)
    end = Int(low=1, high=TEXT, required=True)


class RedactionSchema(Schema):
    """One of ``spots``, ``replacement`` (other words for the whole ``field``) and ``whole`` (destroy the entry).

    ``edition``: as it was read; 409 when it was redacted since.
    """

    entry = Str(max_length=32, raw=True, required=True)
    edition = ma.fields.Integer(load_default=None, allow_none=True, strict=True, validate=ma.validate.Range(1, EDITION))
    spots = ma.fields.List(ma.fields.Nested(TipCutSchema), validate=Entries(max=SPOTS), load_default=list)
    field = Str(max_length=FIELD, raw=True, load_default="text")
    replacement = Str(max_length=TEXT, multiline=True, load_default=None, allow_none=True)
    whole = Flag(load_default=False)

    @ma.validates_schema
    def _one_way(self, data: dict[str, Any], **_: Any) -> None:
        ways = (bool(data.get("spots")), data.get("replacement") is not None, bool(data.get("whole")))
        if sum(ways) != 1:
            raise ma.ValidationError({"spots": [N_("请标出要隐去的地方，或写改好的字，或选整条销毁，三样选一样")]})


class RedactedSchema(Schema):
    """``destroyed``: nothing of it is left."""

    entry = ma.fields.String()
    edition = ma.fields.Integer()
    destroyed = ma.fields.Boolean()


class RedactionSuggestionSchema(Schema):
    """Where the detector sees a woman in one entry."""

    entry = ma.fields.String()
    edition = ma.fields.Integer()
    kind = ma.fields.String()
    spots = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.List(ma.fields.Nested(TipSpotSchema)))


class RedactionSuggestionsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(RedactionSuggestionSchema))
