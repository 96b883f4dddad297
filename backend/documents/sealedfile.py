"""Encryption of files in a stream: constant memory, and no undetected cut, swap or reordering.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM. A file is
``YGF1``, a random prefix of 7 bytes, and chunks of 64 KiB of content plus a tag of 16 bytes. The nonce of a
chunk is prefix, its number (4 bytes, big-endian) and 1 for the last chunk, otherwise 0; the additional data is
the context (which file this is). An empty file is one empty last chunk.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.kernel.crypto import Unreadable

MAGIC = b"YGF1"
CHUNK = 64 * 1024
TAG = 16
_PREFIX = 7


def encrypt(chunks: Iterable[bytes], key: bytes, context: str) -> Iterator[bytes]:
    """The sealed file in pieces; ``key`` is 32 bytes and used for this file only."""
    cipher, prefix = AESGCM(key), os.urandom(_PREFIX)
    yield MAGIC + prefix
    for number, (chunk, last) in enumerate(_blocks(chunks, CHUNK)):
        yield cipher.encrypt(_nonce(prefix, number, last), chunk, context.encode())


def decrypt(chunks: Iterable[bytes], key: bytes, context: str) -> Iterator[bytes]:
    """The content in pieces, each of them proven; ``Unreadable`` at the first that is not what was sealed.

    A cut is noticed at the end, so whoever needs all or nothing takes all before acting.
    """
    cipher, blocks = AESGCM(key), _after_header(chunks)
    prefix = next(blocks)
    for number, (chunk, last) in enumerate(_blocks(blocks, CHUNK + TAG)):
        try:
            yield cipher.decrypt(_nonce(prefix, number, last), chunk, context.encode())
        except InvalidTag as wrong:
            raise Unreadable(context) from wrong


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


def _blocks(chunks: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Blocks of exactly ``size`` bytes, the last one shorter or equal and marked."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > size:
            yield bytes(held[:size]), False
            del held[:size]
    yield bytes(held), True


def _after_header(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """First the prefix, then the sealed chunks as they come."""
    source, head = iter(chunks), b""
    while len(head) < len(MAGIC) + _PREFIX:
        piece = next(source, b"")
        if not piece:
            raise Unreadable("cut")
        head += piece
    if not head.startswith(MAGIC):
        raise Unreadable("unknown form")
    yield head[len(MAGIC) : len(MAGIC) + _PREFIX]
    yield head[len(MAGIC) + _PREFIX :]
    yield from source
