"""Sealing evidence: our stream against bare libsodium over the same bytes, and what a 20 MB upload takes of memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable

import nacl.bindings as sodium

from backend.documents.spaces import MEMORY, fill, pieces
from backend.kernel import sealing
from bench.context import Context
from bench.harness import Figure, absolute, compare
from config.settings import ROOT

SIZE = 20 * 2**20
MIB = 2**20
TIMES = 10


def run(context: Context) -> list[Figure]:
    """MB/s in one thread; and the peak of a web process above its rest, its files of memory included."""
    content, key = os.urandom(SIZE), sealing.new_key()
    with MEMORY.file() as file:
        fill(file, [content])
        sealed = compare(
            "seal",
            floor=lambda: _speed(lambda: _bare(content, key)),
            ours=lambda: _speed(lambda: sum(map(len, sealing.seal_stream(key, pieces(file, sealing.PIECE))))),
            goal="≥ 0.8",
            unit="MB/s",
        )
    return [sealed, absolute("seal_memory", _peak(context), goal="≤ 64", unit="MB")]


def _bare(content: bytes, key: bytes) -> None:
    """Nothing but the pushes: the bytes are there, nothing is read, padded or kept."""
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    sodium.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    for at in range(0, SIZE, sealing.PIECE):
        sodium.crypto_secretstream_xchacha20poly1305_push(state, content[at : at + sealing.PIECE])


def _speed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(TIMES):
        call()
    return TIMES * SIZE / MIB / (time.perf_counter() - started)


def _peak(context: Context) -> float:
    """The worst of a picture and a recording of 20 MB, each uploaded to a fresh process on MariaDB."""
    _, environment = context.installation("bench_seal")
    return max(_uploaded(environment, kind) for kind in ("picture", "recording"))


def _uploaded(environment: dict[str, str], kind: str) -> float:
    command = [sys.executable, "-m", "bench.seal_memory", kind]
    said = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=True
    )
    return float(json.loads(said.stdout)["peak"]) / MIB
