"""Proof of filing: a signature over a salted commitment, a day and a county, and nothing else (JWS, RFC 7515; EdDSA).

Anyone may verify it. Its holder may open it to one person and not to another: ``opening`` holds what was committed to
and a salt for each of its two parts, or for a part its hash alone, at which nobody can guess without that salt.
"First" means the day: who files on one day shares.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from backend.kernel import base64url
from backend.tips.keys import TipKeys

LONGEST = 2000
_TARGET, _REST = {"target", "target_salt"}, {"rest", "rest_salt"}
#: A part is shown with its salt or stands there as a hash; never both, or another thing could be shown than was filed.
_FORMS = (_TARGET | _REST, _TARGET | {"rest_hash"}, {"target_hash"} | _REST)


@dataclass(frozen=True, slots=True)
class Proof:
    """``commitment``: 64 hex digits."""

    commitment: str
    day: date
    county: str


@dataclass(frozen=True, slots=True)
class Made:
    """``opening`` opens all of it, ``target_opening`` only who was reported."""

    token: str
    opening: dict[str, Any]


def make(keys: TipKeys, *, content: dict[str, Any], day: date, county: str) -> Made:
    """``content``: ``Report.content()``."""
    parts = {"target": content["target"], "rest": {name: value for name, value in content.items() if name != "target"}}
    opening = {**parts, **{_salt(part): os.urandom(16).hex() for part in parts}}
    return Made(sign(keys, opening=opening, day=day, county=county), opening)


def sign(keys: TipKeys, *, opening: dict[str, Any], day: date, county: str) -> str:
    """The proof that this opening opens; always the same."""
    return _sign(keys, {"c": commitment(opening), "d": day.isoformat(), "r": county})


def only_target(opening: dict[str, Any]) -> dict[str, Any]:
    """The opening that shows who was reported and not what was written."""
    return without(opening, "rest")


def without(opening: dict[str, Any], part: str) -> dict[str, Any]:
    """The opening with only a hash in place of ``target`` or ``rest``: the same proof opens, that part is gone."""
    if part not in opening:
        return opening
    kept = {name: value for name, value in opening.items() if name not in (part, _salt(part))}
    return kept | {f"{part}_hash": _hash(opening, part)}


def commitment(opening: dict[str, Any]) -> str:
    """What an opening commits to; ``KeyError`` when a part is missing."""
    return hashlib.sha256(f"{_hash(opening, 'target')}|{_hash(opening, 'rest')}".encode()).hexdigest()


def read(keys: TipKeys, token: str) -> Proof | None:
    """A proof of ours, or ``None`` for whatever else."""
    if len(token) > LONGEST:
        return None
    try:
        head, payload, signature = token.split(".")
        keys.signing.public_key().verify(base64url.decode(signature), f"{head}.{payload}".encode("ascii"))
        if orjson.loads(base64url.decode(head)).get("alg") != "EdDSA":
            return None
        claims = orjson.loads(base64url.decode(payload))
        return Proof(claims["c"], date.fromisoformat(claims["d"]), claims["r"])
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature):
        return None


def opens(proof: Proof, opening: Any) -> bool:
    """Whether this opening is what was committed to: exactly its parts, and at least one of them shown."""
    if not isinstance(opening, dict) or set(opening) not in _FORMS:
        return False
    try:
        return hmac.compare_digest(commitment(opening), proof.commitment)
    except (KeyError, TypeError, ValueError, orjson.JSONEncodeError):
        return False


def jwks(keys: TipKeys) -> dict[str, Any]:
    """The public key for those who verify by themselves (RFC 8037)."""
    public = keys.signing.public_key()
    return {
        "keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid(public), "x": _raw(public)}]
    }


def kid(public: Ed25519PublicKey) -> str:
    return hashlib.sha256(_raw(public).encode()).hexdigest()[:8]


def _raw(public: Ed25519PublicKey) -> str:
    return base64url.encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw))


def _sign(keys: TipKeys, claims: dict[str, Any]) -> str:
    head = {"alg": "EdDSA", "kid": kid(keys.signing.public_key()), "typ": "tip-proof"}
    signed = f"{base64url.encode(orjson.dumps(head))}.{base64url.encode(orjson.dumps(claims))}"
    return f"{signed}.{base64url.encode(keys.signing.sign(signed.encode()))}"


def _salt(part: str) -> str:
    return f"{part}_salt"


def _hash(opening: dict[str, Any], part: str) -> str:
    if f"{part}_hash" in opening:
        return str(opening[f"{part}_hash"])
    canonical = orjson.dumps(opening[part], option=orjson.OPT_SORT_KEYS)
    return hmac.new(bytes.fromhex(opening[_salt(part)]), canonical, hashlib.sha256).hexdigest()
