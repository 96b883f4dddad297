"""The keys with which investigators open tips: made by their holder, backed by one colleague, let in by a second."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from backend.lifecycles.tip import INVESTIGATOR_KEY
from backend.schemas.tip_keys import (
    ChangedPassphraseSchema,
    FingerprintSchema,
    KeysSchema,
    NewKeySchema,
    OpenedSchema,
    RenewedKeySchema,
)
from backend.tips.keyring import KeyCard
from backend.web import tip_keys
from backend.web.blueprint import Blueprint
from backend.web.words import say

blp = Blueprint("staff-tip-keys", __name__, url_prefix="/staff/tips/keys", description="Tips 举报核查")


@blp.get("")
@blp.response(200, KeysSchema)
def listing() -> dict[str, Any]:
    """The keys of your county, with what you may do about each."""
    return {"items": [_key(one) for one in tip_keys.listing()]}


@blp.post("")
@blp.arguments(NewKeySchema)
@blp.response(201, KeysSchema)
def make(body: dict[str, Any]) -> dict[str, Any]:
    """Make your key under a passphrase that nobody else knows; it waits until two colleagues let it in."""
    tip_keys.make(body["passphrase"], body["duty"])
    return _mine()


@blp.post("/renewal")
@blp.arguments(RenewedKeySchema)
@blp.response(200, KeysSchema)
def renew(body: dict[str, Any]) -> dict[str, Any]:
    """Another key in place of one whose passphrase is forgotten: it opens nothing until it is let in again."""
    tip_keys.renew(body["passphrase"])
    return _mine()


@blp.put("/passphrase")
@blp.arguments(ChangedPassphraseSchema)
@blp.response(204)
def change(body: dict[str, Any]) -> None:
    """Another passphrase for the same key; it is locked wherever it was open. Wrong passphrase: 403."""
    tip_keys.change(body["passphrase"], body["new_passphrase"])


@blp.post("/<uuid:key_id>/backing")
@blp.arguments(FingerprintSchema)
@blp.response(200, KeysSchema)
def back(body: dict[str, Any], key_id: str) -> dict[str, Any]:
    """Vouch for a colleague whose fingerprint you compared. Another key than that: 409 `key_changed`."""
    tip_keys.back(key_id, body["fingerprint"])
    return _one(key_id)


@blp.post("/<uuid:key_id>/admission")
@blp.arguments(FingerprintSchema)
@blp.response(200, OpenedSchema)
def admit(body: dict[str, Any], key_id: str) -> dict[str, Any]:
    """Let a backed key in and open to it what you can open. Whoever backed it: 409 `second_person_needed`."""
    return asdict(tip_keys.admit(key_id, body["fingerprint"]))


@blp.post("/<uuid:key_id>/opening")
@blp.response(200, OpenedSchema)
def fill(key_id: str) -> dict[str, Any]:
    """Go on opening older tips to a key that was let in."""
    return asdict(tip_keys.fill(key_id))


@blp.post("/<uuid:key_id>/ending")
@blp.response(204)
def end(key_id: str) -> None:
    """End your key, or with an open key a colleague's. The last one that opens tips: 409 `last_key`."""
    tip_keys.end(key_id)


def _mine() -> dict[str, Any]:
    return {"items": [_key(one) for one in tip_keys.listing() if one.mine]}


def _one(key_id: str) -> dict[str, Any]:
    return {"items": [_key(one) for one in tip_keys.listing() if one.id == key_id]}


def _key(one: KeyCard) -> dict[str, Any]:
    return {**asdict(one), "status_label": say(INVESTIGATOR_KEY.label(one.status))}
