"""Shapes of the keys of investigators."""

from __future__ import annotations

import marshmallow as ma

from backend.lifecycles.tip import INVESTIGATOR_KEY
from backend.schemas.base import Choice, Schema, Str
from backend.tips.investigators import DUTIES, LONGEST


class NewKeySchema(Schema):
    passphrase = Str(max_length=LONGEST, raw=True, required=True)
    duty = Choice(DUTIES, load_default=DUTIES[0])


class RenewedKeySchema(Schema):
    passphrase = Str(max_length=LONGEST, raw=True, required=True)


class ChangedPassphraseSchema(Schema):
    passphrase = Str(max_length=LONGEST, raw=True, required=True)
    new_passphrase = Str(max_length=LONGEST, raw=True, required=True)


class FingerprintSchema(Schema):
    """Sixteen digits as they were compared with the holder; spaces are ignored."""

    fingerprint = Str(max_length=40, required=True)


class KeySchema(Schema):
    id = ma.fields.String()
    name = ma.fields.String()
    post = ma.fields.String()
    duty = Choice(DUTIES)
    status = Choice(tuple(INVESTIGATOR_KEY.states))
    status_label = ma.fields.String()
    fingerprint = ma.fields.String()
    mine = ma.fields.Boolean()
    #: Older tips have not all been opened to it.
    owing = ma.fields.Boolean()
    allowed = ma.fields.List(ma.fields.String())


class KeysSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(KeySchema))


class OpenedSchema(Schema):
    """``finished``: false when there are more tips than one request opens; then ask again."""

    tips = ma.fields.Integer()
    finished = ma.fields.Boolean()
