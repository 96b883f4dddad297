"""The keys that the tip line makes from its one secret, each for one purpose (HKDF, RFC 5869)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.kernel.sealing import SALT


def derive(key: bytes, purpose: str) -> bytes:
    """32 bytes of a key for one purpose."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(key)


def keyed(key: bytes, value: str) -> str:
    """HMAC-SHA256, 64 hex digits."""
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class TipKeys:
    """``secret``: SECRET_TIPS_KEY. None of these opens a tip: that takes an investigator or the receipt code."""

    secret: bytes = field(repr=False)

    @cached_property
    def of_days(self) -> bytes:
        """Seals the keys of the days."""
        return derive(self.secret, "days")

    @cached_property
    def signing(self) -> Ed25519PrivateKey:
        """Signs proofs of filing."""
        return Ed25519PrivateKey.from_private_bytes(derive(self.secret, "proofs"))

    @cached_property
    def _locators(self) -> bytes:
        return derive(self.secret, "locators")

    @cached_property
    def _targets(self) -> bytes:
        return derive(self.secret, "targets")

    @cached_property
    def _rewards(self) -> bytes:
        return derive(self.secret, "rewards")

    @cached_property
    def _salts(self) -> bytes:
        return derive(self.secret, "salts")

    def locator(self, digits: str) -> str:
        """What the first eight digits of a receipt code are kept as."""
        return keyed(self._locators, digits)

    def target(self, normalised: str) -> str:
        """What the name and place of a target are kept as."""
        return keyed(self._targets, normalised)

    def reward(self, words: str) -> str:
        """What makes a claim to a reward ours."""
        return keyed(self._rewards, words)

    def no_salt(self, digits: str) -> bytes:
        """The salt of a mailbox that is not there: the same each time it is asked for."""
        return hmac.new(self._salts, digits.encode(), hashlib.sha256).digest()[:SALT]
