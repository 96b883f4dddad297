"""Encrypted files: what went in comes out, and every change to the bytes is noticed."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings, strategies as st

from backend.documents.sealedfile import CHUNK, MAGIC, TAG, decrypt, encrypt
from backend.kernel.crypto import Unreadable

KEY = bytes(range(32))
HEAD = len(MAGIC) + 7
BLOCK = CHUNK + TAG


def seal(content: bytes, context: str = "document|1") -> bytes:
    return b"".join(encrypt([content], KEY, context))


def open_(sealed: bytes, context: str = "document|1", key: bytes = KEY) -> bytes:
    return b"".join(decrypt([sealed], key, context))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5])
def test_sealed_file_opens_to_the_same_bytes(size: int) -> None:
    content = os.urandom(size)
    sealed = seal(content)
    assert open_(sealed) == content
    assert len(sealed) == HEAD + size + TAG * max(1, -(-size // CHUNK))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 90_000), max_size=6), st.integers(1, 100_000))
def test_sealed_file_does_not_depend_on_the_pieces(sizes: list[int], step: int) -> None:
    pieces = [bytes([number]) * size for number, size in enumerate(sizes)]
    sealed = b"".join(encrypt(pieces, KEY, "x"))
    again = (sealed[at : at + step] for at in range(0, len(sealed), step))
    assert b"".join(decrypt(again, KEY, "x")) == b"".join(pieces)


def block(sealed: bytes, number: int) -> bytes:
    return sealed[HEAD + number * BLOCK : HEAD + (number + 1) * BLOCK]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "one bit of content": lambda sealed: sealed[:-100] + bytes([sealed[-100] ^ 1]) + sealed[-99:],
    "one bit of the prefix": lambda sealed: sealed[:5] + bytes([sealed[5] ^ 1]) + sealed[6:],
    "another form": lambda sealed: b"YGF2" + sealed[4:],
    "cut inside a chunk": lambda sealed: sealed[:-1],
    "cut at a chunk's end": lambda sealed: sealed[: HEAD + 2 * BLOCK],
    "only the head": lambda sealed: sealed[:HEAD],
    "less than the head": lambda sealed: sealed[:6],
    "nothing": lambda sealed: b"",
    "two chunks swapped": lambda s: s[:HEAD] + block(s, 1) + block(s, 0) + s[HEAD + 2 * BLOCK :],
    "a chunk twice": lambda sealed: sealed[: HEAD + BLOCK] + sealed[HEAD:],
    "a chunk missing": lambda sealed: sealed[:HEAD] + sealed[HEAD + BLOCK :],
    "bytes behind": lambda sealed: sealed + b"x",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_sealed_file_notices_a_change(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Unreadable):
        open_(change(seal(os.urandom(2 * CHUNK + 500))))


def test_sealed_file_does_not_open_as_another_document_or_with_another_key() -> None:
    sealed = seal(b"content")
    with pytest.raises(Unreadable):
        open_(sealed, context="document|2")
    with pytest.raises(Unreadable):
        open_(sealed, key=bytes(32))


def test_sealed_file_of_the_same_content_never_looks_the_same() -> None:
    assert seal(b"content")[len(MAGIC) :] != seal(b"content")[len(MAGIC) :]


def test_sealed_file_needs_memory_for_a_few_chunks_only() -> None:
    def much() -> Iterator[bytes]:
        for _ in range(640):  # 40 MiB
            yield bytes(CHUNK)

    tracemalloc.start()
    total = sum(len(piece) for piece in decrypt(encrypt(much(), KEY, "x"), KEY, "x"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 640 * CHUNK
    assert peak < 2 * 1024 * 1024
