"""The word of a stop link: whoever holds it ends what it stands for, signed in or not, and learns nothing."""

from __future__ import annotations

from backend.kernel.crypto import Vault

#: Letters only: in a text message a run of digits would look like a code. None that is read for another, no vowels.
ALPHABET = "bcdfghjkmnpqrstvwxyz"
#: 69 bits, more than anybody can try over the wire; a text message is paid by the letter.
LETTERS = 16


def stop_word(vault: Vault, purpose: str, person: int) -> str:
    """Always the same for a person and purpose, so that the link of an old message stops what runs now."""
    number, word = int(vault.index(purpose, str(person)), 16), ""
    for _ in range(LETTERS):
        number, place = divmod(number, len(ALPHABET))
        word += ALPHABET[place]
    return word
