"""What the QR code says: a compact JWS (RFC 7515, EdDSA of RFC 8037) of at most 400 characters.

Header ``alg`` and ``kid``; claims ``iss iat exp jti type holder``: certificates carry the masked holder,
permanent ones no ``exp``, receipts neither. Ed25519 is deterministic, so one row gives one token for ever.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.api_jws import PyJWS

from backend.kernel import base64url
from backend.kernel.clock import SHANGHAI

ALGORITHM = "EdDSA"
LONGEST = 400
RECEIPT = "receipt"
#: In bytes of UTF-8, so that the longest of each still fits into 400 characters with kid 8 and jti 24.
LONGEST_ISSUER = 40
LONGEST_TYPE = 24
LONGEST_HOLDER = 32
_SHAPE = re.compile(r"[A-Za-z0-9_-]{20,100}\.[A-Za-z0-9_-]{20,300}\.[A-Za-z0-9_-]{86}", re.ASCII)
_JWS = PyJWS(algorithms=[ALGORITHM])

#: The public key of a ``kid``, or ``None`` when this installation has none of that name.
FindKey = Callable[[str], Ed25519PublicKey | None]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token of ours says; ``issued_at`` and ``expires_at`` in seconds since 1970."""

    issuer: str
    issued_at: int
    number: str
    type: str
    expires_at: int | None = None
    holder: str | None = None


def write(claims: Claims, *, kid: str, key: Ed25519PrivateKey) -> str:
    """The token; ``ValueError`` when it would not fit into 400 characters."""
    body: dict[str, str | int] = {"iss": clip(claims.issuer, LONGEST_ISSUER), "iat": claims.issued_at}
    if claims.expires_at is not None:
        body["exp"] = claims.expires_at
    body |= {"jti": claims.number, "type": claims.type}
    if claims.holder is not None:
        body["holder"] = clip(claims.holder, LONGEST_HOLDER)
    token = sign(body, kid=kid, key=key)
    if len(token) > LONGEST:
        raise ValueError("token too long for a QR code that old phones read")
    return token


def sign(body: object, *, kid: str, key: Ed25519PrivateKey) -> str:
    """A compact JWS over compact UTF-8 JSON (Chinese as it is: escapes would cost twice the letters)."""
    payload = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return _JWS.encode(payload, key, algorithm=ALGORITHM, headers={"kid": kid, "typ": None})


def read(token: str, find_key: FindKey) -> Claims | None:
    """The claims when the signature is ours; ``None`` for anything else, whatever it is.

    Nothing is negotiated: length and alphabet first, then one algorithm and one spelling of base64,
    so that of all ways to write a token exactly one verifies. Done here and not by the library because
    that costs as much again as the signature. Expiry is not looked at: see ``queries``.
    """
    if len(token) > LONGEST or not _SHAPE.fullmatch(token):
        return None
    signed, _, last = token.rpartition(".")
    head, _, body = signed.partition(".")
    try:
        header, payload, signature = base64url.decode(head), base64url.decode(body), base64url.decode(last)
        kid = _kid(json.loads(header))
        key = find_key(kid) if kid else None
        if key is None:
            return None
        key.verify(signature, signed.encode())
        return _claims(json.loads(payload))
    except (InvalidSignature, ValueError, RecursionError):
        return None


def _kid(header: object) -> str | None:
    if not isinstance(header, dict) or header.keys() != {"alg", "kid"} or header["alg"] != ALGORITHM:
        return None
    kid = header["kid"]
    return kid if isinstance(kid, str) and len(kid) <= 8 else None


def _claims(body: object) -> Claims | None:
    if not isinstance(body, dict) or not {"iss", "iat", "jti", "type"} <= body.keys():
        return None  # signed by us but no token of ours: the revocation list
    return Claims(
        issuer=body["iss"],
        issued_at=body["iat"],
        number=body["jti"],
        type=body["type"],
        expires_at=body.get("exp"),
        holder=body.get("holder"),
    )


def end_of(day: date) -> int:
    """The first second after that day in China: a certificate is good through its last day."""
    midnight = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    return int(midnight.timestamp())


def clip(text: str, size: int) -> str:
    """As many whole characters as fit into ``size`` bytes of UTF-8."""
    return text.encode()[:size].decode(errors="ignore")
