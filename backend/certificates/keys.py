"""The keys that sign certificates: made at first need, rotated by hand, public for ever."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakKeyDictionary

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.certificates import tokens
from backend.kernel import base64url, ids
from backend.kernel.crypto import Unreadable, Vault, place
from backend.kernel.errors import Collision
from backend.models.certificate import SigningKey

CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Signer:
    """The key in use, opened."""

    kid: str
    key: Ed25519PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyCard:
    """A key as operators and verifiers see it; ``public`` is raw base64url."""

    kid: str
    algorithm: str
    public: str
    created_at: datetime
    retired_at: datetime | None


class PublicKeys:
    """Public keys by ``kid``, kept in the process: a key never changes once it exists."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Engine, dict[str, Ed25519PublicKey]] = WeakKeyDictionary()

    def find(self, session: Session, kid: str) -> Ed25519PublicKey | None:
        """From memory, else one read. Unknown names are not kept: anyone can invent them."""
        known = self._known.setdefault(session.get_bind().engine, {})
        if kid not in known:
            raw = session.scalar(select(SigningKey.public).where(SigningKey.kid == kid))
            if raw is None:
                return None
            known[kid] = Ed25519PublicKey.from_public_bytes(base64url.decode(raw))
        return known[kid]


PUBLIC_KEYS = PublicKeys()


def current(session: Session, vault: Vault, *, now: datetime) -> Signer:
    """The key in use; the first call of an installation makes it. ``Collision`` when another process just did."""
    with session.no_autoflush:  # what waits to be written is no key
        row = session.scalar(select(SigningKey).where(SigningKey.turn == CURRENT))
    row = row or _make(session, vault, now=now)
    return Signer(row.kid, _private(vault, row))


def current_if_any(session: Session, vault: Vault) -> Signer | None:
    """The key in use, for readers that must not write."""
    row = session.scalar(select(SigningKey).where(SigningKey.turn == CURRENT))
    return Signer(row.kid, _private(vault, row)) if row else None


def rotate(session: Session, vault: Vault, *, now: datetime) -> str:
    """Retire the key in use and make another: its ``kid``. What the old one signed still verifies."""
    session.execute(
        update(SigningKey).where(SigningKey.turn == CURRENT).values(turn=None, retired_at=now),
        execution_options={"synchronize_session": False},
    )
    return _make(session, vault, now=now).kid


def cards(session: Session) -> list[KeyCard]:
    """Every key, the newest first."""
    rows = session.scalars(select(SigningKey).order_by(SigningKey.created_at.desc(), SigningKey.id.desc()))
    return [KeyCard(r.kid, r.algorithm, r.public, r.created_at, r.retired_at) for r in rows]


def jwks(session: Session) -> dict[str, list[dict[str, str]]]:
    """RFC 7517/8037 key set with the retired keys: old paper must verify."""
    return {
        "keys": [
            {"kty": "OKP", "crv": "Ed25519", "x": card.public, "kid": card.kid, "use": "sig", "alg": card.algorithm}
            for card in cards(session)
        ]
    }


def unusable(session: Session, vault: Vault) -> list[str]:
    """The ``kid`` of every key that does not open or does not match its public half."""
    rows = session.scalars(select(SigningKey).order_by(SigningKey.id))
    return [row.kid for row in rows if not _matches(vault, row)]


def _make(session: Session, vault: Vault, *, now: datetime) -> SigningKey:
    key, row_id = Ed25519PrivateKey.generate(), ids.new_id(now)
    row = SigningKey(
        id=row_id,
        kid=f"{now:%y%m}{secrets.token_hex(2)}",
        algorithm=tokens.ALGORITHM,
        public=base64url.encode(key.public_key().public_bytes_raw()),
        private=vault.seal(key.private_bytes_raw(), place("signing_key", "private", row_id)),
        turn=CURRENT,
        created_at=now,
        retired_at=None,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Collision("signing key") from error
    return row


def _private(vault: Vault, row: SigningKey) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(vault.open(row.private, place("signing_key", "private", row.id)))


def _matches(vault: Vault, row: SigningKey) -> bool:
    try:
        return base64url.encode(_private(vault, row).public_key().public_bytes_raw()) == row.public
    except Unreadable:
        return False
