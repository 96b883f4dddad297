"""Walking hash chains: rows a second, against the same SELECT by the bare driver and one SHA-256 over each row."""

from __future__ import annotations

import hashlib
import time
from contextlib import closing
from datetime import timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.db import Database
from backend.events import chains
from backend.events.audit import GENESIS, digest
from backend.kernel.clock import system_clock
from backend.models.administration import Journal
from backend.models.audit import AuditEntry
from bench.context import Context
from bench.harness import Figure, compare
from bench.statements import connect

CHAINS, LENGTH, PIECE = 5_000, 20, 5_000
SELECT = (
    "SELECT id, subject_kind, subject_id, sequence, at, actor_kind, actor_id, post, act, commitment, previous, hash"
    " FROM audit_entry WHERE subject_kind = 'journal' AND (subject_id > %s OR (subject_id = %s AND sequence > %s))"
    " ORDER BY subject_id, sequence LIMIT %s"
)


def run(context: Context) -> list[Figure]:
    """A hundred thousand rows in chains of twenty."""
    settings, _ = context.installation("bench_audit")
    db = Database(settings.database_url)
    for first in range(1, CHAINS + 1, 250):
        db.transact(_written, range(first, min(first + 250, CHAINS + 1)))
    figure = compare(
        "audit_verify",
        floor=lambda: _bare(settings.database_url),
        ours=lambda: _ours(db),
        goal="≥ 0.3",
        unit="rows/s",
        rounds=3,
    )
    db.dispose()
    return [figure]


def _written(session: Session, subjects: range) -> None:
    now, rows, heads = system_clock(), [], []
    for subject in subjects:
        previous = GENESIS
        for sequence in range(1, LENGTH + 1):
            entry = AuditEntry(
                subject_kind="journal",
                subject_id=subject,
                sequence=sequence,
                at=now + timedelta(microseconds=sequence),
                actor_kind="staff",
                actor_id=7,
                post="镇街审核岗",
                act="look.material",
                commitment="",
                previous=previous,
            )
            previous = entry.hash = digest(entry)
            rows.append({name: getattr(entry, name) for name in _COLUMNS})
        heads.append({"id": subject, "name": f"bench-{subject}", "audit_sequence": LENGTH, "audit_head": previous})
    session.execute(insert(AuditEntry), rows)
    session.execute(insert(Journal), heads)


_COLUMNS = [column.key for column in AuditEntry.__table__.columns if column.key != "id"]


def _ours(db: Database) -> float:
    tally, began = chains.Tally(), time.perf_counter()
    with db.reading() as session:
        if list(chains.walk(session, Journal, tally)):
            raise RuntimeError("a sound chain was called broken")
    return tally.rows / (time.perf_counter() - began)


def _bare(url: str) -> float:
    at, seen, began = (0, 0), 0, time.perf_counter()
    with closing(connect(url, autocommit=True)) as connection, connection.cursor() as cursor:
        while True:
            cursor.execute(SELECT, (at[0], at[0], at[1], PIECE))
            rows = cursor.fetchall()
            for row in rows:
                hashlib.sha256("\n".join(map(str, row)).encode()).hexdigest()
            seen += len(rows)
            if len(rows) < PIECE:
                return seen / (time.perf_counter() - began)
            at = (rows[-1][2], rows[-1][3])
