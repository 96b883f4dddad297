"""Retention: what is destroyed when its time is over, and the files that are left without anyone to read them."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from backend.applications import leftovers as cases, retention
from backend.certificates import leftovers as papers
from backend.documents import housekeeping as files
from backend.runtime import Runtime
from workers.housekeeping import sweep

PIECE = 50
Unknown = Callable[[Session, list[str]], list[str]]


def destroy_cases(runtime: Runtime) -> int:
    """Reckon the days that are missing, then destroy the content of every case whose time is over; how many."""
    sweep(runtime, retention.reckon, piece=PIECE)
    return sweep(runtime, retention.destroy, piece=PIECE, vault=runtime.vault, now=runtime.clock())


def purge_leftovers(runtime: Runtime) -> int:
    """Codes that ran out, deadlines long told."""
    return sweep(runtime, cases.purge, piece=PIECE, now=runtime.clock())


def remove_papers(runtime: Runtime) -> int:
    """Rendered files of destroyed cases and of people who left; how many."""
    kinds: dict[str, Unknown] = {kind: _unknown(kind) for kind in papers.KINDS} | {cases.COPIES: cases.unknown_copies}
    return sum(_remove(runtime, kind, unknown) for kind, unknown in kinds.items())


def _unknown(kind: str) -> Unknown:
    return lambda session, keys: papers.unknown(session, kind, keys)


def _remove(runtime: Runtime, kind: str, unknown: Unknown) -> int:
    def without_row(keys: list[str]) -> list[str]:
        with runtime.db.reading() as session:
            return unknown(session, keys)

    return files.orphans(runtime.storage, without_row, kind=kind)
