"""Signing the daily heads of the record with the key that signs certificates, and reading them back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from sqlalchemy.orm import Session

from backend.certificates import keys, tokens
from backend.events import days
from backend.kernel import base64url
from backend.kernel.crypto import Vault


def sign(session: Session, vault: Vault, body: dict[str, Any], *, now: datetime) -> tuple[str, str]:
    """The name of the key in use and a compact JWS over the body."""
    signer = keys.current(session, vault, now=now)
    return signer.kid, tokens.sign(body, kid=signer.kid, key=signer.key)


def read(session: Session, token: str, *, kid: str) -> dict[str, Any] | None:
    """The body when this key of ours signed it; ``None`` for anything else."""
    key = keys.PUBLIC_KEYS.find(session, kid)
    signed, _, signature = token.rpartition(".")
    head, _, body = signed.partition(".")
    if key is None:
        return None
    try:
        key.verify(base64url.decode(signature), signed.encode())
        found = json.loads(base64url.decode(body))
        named = json.loads(base64url.decode(head))
    except (InvalidSignature, ValueError, RecursionError):
        return None
    ours = isinstance(found, dict) and named == {"alg": tokens.ALGORITHM, "kid": kid}
    return found if ours else None


def published(session: Session) -> dict[str, Any]:
    """What anyone may keep: the newest heads with their signatures, no data."""
    return {"heads": [one.body() | {"kid": one.kid, "token": one.token} for one in days.heads(session)]}
