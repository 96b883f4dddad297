"""The word of a stop link: whoever holds it ends what it stands for, signed in or not, and learns nothing."""

from __future__ import annotations

from backend.kernel.crypto import Vault
from backend.kernel.ids import ALPHABET

#: Letters of a word: 130 bits.
LETTERS = 26


def stop_word(vault: Vault, purpose: str, person: int) -> str:
    """Always the same for a person and purpose, so that the link of an old message stops what runs now."""
    number = int(vault.index(purpose, str(person)), 16)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(0, 5 * LETTERS, 5))
