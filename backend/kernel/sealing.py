"""Sealing for the tip line (libsodium): to public keys, under keys of entries, as a stream; and keys from words.

Recipients: X25519 sealed boxes (``crypto_box_seal``). Contents: XChaCha20-Poly1305, padded to steps of 4 KiB
(ISO/IEC 7816-4), bound to their place. Files: ``crypto_secretstream``. Words become keys by Argon2id (RFC 9106).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import nacl.bindings as sodium
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.pwhash import argon2id
from nacl.utils import random

from backend.kernel.crypto import Unreadable

KEY = 32
SALT = argon2id.SALTBYTES
#: Argon2id: 32 MiB, 3 passes, one lane.
MEMORY, PASSES = 32 * 2**20, 3
STEP = 4096
#: Bytes of one piece of a stream before sealing; each grows by 17.
PIECE = 256 * 1024
_NONCE = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES


@dataclass(frozen=True, slots=True)
class Pair:
    """An X25519 pair, 32 bytes each."""

    private: bytes = field(repr=False)
    public: bytes


def new_pair() -> Pair:
    return pair_of(random(KEY))


def pair_of(private: bytes) -> Pair:
    """The pair of a private key, also of one that was derived from words."""
    return Pair(private, bytes(PrivateKey(private).public_key))


def new_key() -> bytes:
    return random(KEY)


def new_salt() -> bytes:
    return random(SALT)


def from_words(words: str, salt: bytes) -> bytes:
    """32 bytes from what a person knows; about 60 ms and 32 MiB, so hold ``backend.tips.gate`` around it."""
    return argon2id.kdf(KEY, words.encode("utf-8", "surrogatepass"), salt, opslimit=PASSES, memlimit=MEMORY)


def seal_to(public: bytes, secret: bytes) -> bytes:
    """For the holder of the private half alone; 48 bytes longer."""
    return SealedBox(PublicKey(public)).encrypt(secret)


def open_from(private: bytes, sealed: bytes) -> bytes:
    """``Unreadable`` when it was sealed to somebody else."""
    try:
        return SealedBox(PrivateKey(private)).decrypt(sealed)
    except CryptoError as error:
        raise Unreadable("another key") from error


def seal(key: bytes, content: bytes, at: str) -> bytes:
    """Nonce and ciphertext, for one place."""
    nonce = os.urandom(_NONCE)
    return nonce + sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(content, at.encode(), nonce, key)


def unseal(key: bytes, sealed: bytes, at: str) -> bytes:
    """``Unreadable`` when key, place or bytes are not the ones it was sealed with."""
    nonce, rest = sealed[:_NONCE], sealed[_NONCE:]
    try:
        return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(rest, at.encode(), nonce, key)
    except (CryptoError, ValueError) as error:
        raise Unreadable(at) from error


def seal_padded(key: bytes, content: bytes, at: str) -> bytes:
    """The same, of a length that says only how many steps of 4 KiB."""
    return seal(key, pad(content), at)


def unseal_padded(key: bytes, sealed: bytes, at: str) -> bytes:
    return unpad(unseal(key, sealed, at))


def pad(content: bytes) -> bytes:
    return content + b"\x80" + bytes(-(len(content) + 1) % STEP)


def unpad(content: bytes) -> bytes:
    end = content.rstrip(b"\0")
    if not end.endswith(b"\x80"):
        raise Unreadable("padding")
    return end[:-1]


def seal_stream(key: bytes, content: Iterable[bytes]) -> Iterator[bytes]:
    """A header of 24 bytes, then sealed pieces of ``PIECE`` bytes; the last is padded to a step and says that it is."""
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    yield sodium.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    waiting = bytearray()
    for part in content:
        if len(part) == PIECE and not waiting:  # as a file is read: sealed without another copy
            yield _push(state, part, sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE)
            continue
        waiting += part
        while len(waiting) >= PIECE:
            yield _push(state, bytes(waiting[:PIECE]), sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE)
            del waiting[:PIECE]
    yield _push(state, pad(bytes(waiting)), sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL)


def open_stream(key: bytes, sealed: Iterable[bytes]) -> Iterator[bytes]:
    """The content; ``Unreadable`` for a wrong key, a changed, missing, moved or additional piece."""
    pieces = iter(sealed)
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    ended = False
    try:
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, next(pieces), key)
        for piece in pieces:
            if ended:
                raise Unreadable("after the end")
            content, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(state, piece)
            ended = tag == sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
            yield unpad(content) if ended else content
    except (CryptoError, ValueError, StopIteration) as error:
        raise Unreadable("stream") from error
    if not ended:
        raise Unreadable("cut off")


def _push(state: sodium.crypto_secretstream_xchacha20poly1305_state, piece: bytes, tag: int) -> bytes:
    return sodium.crypto_secretstream_xchacha20poly1305_push(state, piece, tag=tag)
