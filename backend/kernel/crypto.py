"""Sealing of personal values before they reach SQL (AES-256-GCM), and keyed hashes.

Sealed form: ``v1|kid|nonce|ciphertext`` (the last two base64url). The additional data is the
place ``table|column|row id``, so that a value copied to another row does not open. Each
person has a data key of their own, wrapped under a master key: destroying it erases every
value of that person, in backups too. Look-ups go through an HMAC with a key of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.kernel import base64url


class Unreadable(Exception):
    """The value was sealed for another place or under a key that is gone."""


def place(table: str, column: str, row: int) -> str:
    """The additional data of a sealed value."""
    return f"{table}|{column}|{row}"


@dataclass(frozen=True, slots=True)
class Seal:
    """One key: seals and opens text or bytes for a place."""

    kid: str
    key: bytes = field(repr=False)

    def seal(self, value: bytes, at: str) -> str:
        nonce = os.urandom(12)
        sealed = AESGCM(self.key).encrypt(nonce, value, at.encode())
        return f"v1|{self.kid}|{base64url.encode(nonce)}|{base64url.encode(sealed)}"

    def open(self, sealed: str, at: str) -> bytes:
        """The value; ``Unreadable`` when key, place or bytes are not the ones it was sealed with."""
        version, _, nonce, ciphertext = sealed.split("|")
        if version != "v1":
            raise Unreadable(version)
        try:
            return AESGCM(self.key).decrypt(base64url.decode(nonce), base64url.decode(ciphertext), at.encode())
        except InvalidTag as wrong:
            raise Unreadable(at) from wrong

    def seal_text(self, value: str, at: str) -> str:
        return self.seal(value.encode(), at)

    def open_text(self, sealed: str, at: str) -> str:
        return self.open(sealed, at).decode()


@dataclass(frozen=True, slots=True)
class Vault:
    """The master keys (kid → 32 bytes), the one in use, and the key of the blind indexes."""

    keys: Mapping[str, bytes] = field(repr=False)
    current: str
    index_key: bytes = field(repr=False)

    @classmethod
    def of_one_key(cls, key: bytes) -> Vault:
        """A vault of its own from one key: sealing and look-ups get a part each (HKDF, RFC 5869)."""
        sealing, look_up = (
            HKDF(hashes.SHA256(), 32, salt=None, info=purpose).derive(key) for purpose in (b"seal", b"index")
        )
        return cls({"k1": sealing}, "k1", look_up)

    def seal(self, value: bytes, at: str) -> str:
        return Seal(self.current, self.keys[self.current]).seal(value, at)

    def open(self, sealed: str, at: str) -> bytes:
        kid = sealed.split("|", 2)[1]
        if kid not in self.keys:
            raise Unreadable(kid)
        return Seal(kid, self.keys[kid]).open(sealed, at)

    def new_person_key(self, person: int) -> str:
        """A fresh data key for a person, wrapped under the current master key."""
        return self.seal(os.urandom(32), place("person", "key", person))

    def person(self, wrapped: str, person: int) -> Seal:
        """The seal of one person; ``Unreadable`` once the key has been destroyed."""
        if not wrapped:
            raise Unreadable("erased")
        return Seal("p", self.open(wrapped, place("person", "key", person)))

    def index(self, purpose: str, value: str) -> str:
        """A keyed hash for equality look-ups (hex, 64): the value must be normalised."""
        message = f"{purpose}|{value}".encode()
        return hmac.new(self.index_key, message, hashlib.sha256).hexdigest()
