"""Sweeps: each finds what is due, in pieces of ``PIECE`` per transaction, until nothing is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from backend.events import leasing
from backend.runtime import Runtime

PIECE = 200
#: How long done work can still be looked at.
KEPT = timedelta(days=14)


def sweep(runtime: Runtime, command: Callable[..., int], **arguments: Any) -> int:
    """Run ``command(session, *, limit, …)`` until it finds less than a full piece; the sum."""
    total = 0
    while True:
        done = runtime.db.transact(command, limit=PIECE, **arguments)
        total += done
        if done < PIECE:
            return total


def purge_outbox(runtime: Runtime) -> int:
    return sweep(runtime, leasing.purge, before=runtime.clock() - KEPT)
