"""The checksum of a batch: SHA-256 over its frozen lines, which anybody with the database can count again.

A line is reference, recipient, amount class, fen and the SHA-256 of the sealed account, joined by ``|``; lines stand
in the order of their references. The sealed form stands for the account: its nonce salts it, and after an erasure the
sum can still be counted and says nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from backend.kernel import ids


@dataclass(frozen=True, slots=True)
class Frozen:
    """One line of a batch as it was frozen."""

    reference: str
    recipient_id: int
    amount_class: str
    fen: int
    account: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a batch says of itself: lines, fen, SHA-256 (hex)."""

    count: int
    total_fen: int
    checksum: str


def of(lines: Iterable[Frozen]) -> Sums:
    """Count lines in the order of their references."""
    ordered = sorted(lines, key=lambda line: line.reference)
    digest = hashlib.sha256("\n".join(_written(line) for line in ordered).encode()).hexdigest()
    return Sums(len(ordered), sum(line.fen for line in ordered), digest)


def reference(payment_id: int) -> str:
    """``P`` and the outside form of the id in capitals: no spreadsheet takes it for a number or a date."""
    return "P" + ids.encode(payment_id).upper()


def _written(line: Frozen) -> str:
    account = hashlib.sha256(line.account.encode()).hexdigest()
    return f"{line.reference}|{ids.encode(line.recipient_id)}|{line.amount_class}|{line.fen}|{account}"
