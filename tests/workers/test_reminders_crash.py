"""The fan-out in real processes: several at once, and one of them killed in the middle."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from backend.kernel.clock import SHANGHAI
from backend.models.outbox import Outbox
from backend.models.reminder import Reminder
from backend.runtime import Runtime
from config.settings import Settings
from tests.workers.processes import Process

NUMBER, BATCH = 600, 3
NOW = datetime(2026, 11, 24, 10, 30, tzinfo=SHANGHAI)


def fill(session: Session) -> None:
    """Rows that are due at two moments; what is sealed in them is not looked at here."""
    rows = [
        {
            "id": n,
            "version": 1,
            "person": f"{n:064d}",
            "content": "-",
            "due_at": NOW.replace(hour=9 + n % 2, minute=0),
            "round": n % 4,
            "stop_index": f"{n:064d}",
        }
        for n in range(1, NUMBER + 1)
    ]
    session.execute(insert(Reminder), rows)


def worked(runtime: Runtime) -> int:
    with runtime.db.reading() as session:
        return session.scalar(select(func.count()).select_from(Outbox)) or 0


def fanning(settings: Settings) -> Process:
    return Process(settings, "tests.workers.fanning", NOW.isoformat(), str(BATCH)).start()


def test_killed_and_started_twice_every_row_has_its_work_once(settings: Settings, runtime: Runtime) -> None:
    runtime.db.transact(fill)
    one, other = fanning(settings), fanning(settings)
    until = time.monotonic() + 30
    while worked(runtime) < 30 and time.monotonic() < until:
        time.sleep(0.01)
    one.kill()
    at_kill = worked(runtime)
    last = fanning(settings)
    for process in (other, last):
        assert process.process is not None
        assert process.process.wait(60) == 0, process.log()
    with runtime.db.reading() as session:
        work = Counter(session.scalars(select(Outbox.subject_id)))
        due = session.scalars(select(Reminder.id).where(Reminder.due_at <= NOW)).all()
    assert 0 < at_kill < NUMBER
    assert work == Counter(range(1, NUMBER + 1))
    assert due == []
