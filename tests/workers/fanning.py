"""``python -m tests.workers.fanning <moment> <batch>``: the fan-out of one moment, in a process that may be killed."""

from __future__ import annotations

import sys
from datetime import datetime

from backend.reminders import fanout
from backend.runtime import build_runtime
from config.settings import load_settings


def main() -> None:
    db, place = build_runtime(load_settings(), patient=True).db, None
    now, batch = datetime.fromisoformat(sys.argv[1]), int(sys.argv[2])
    while (place := db.transact(fanout.fan_out, now=now, after=place, batch=batch)) is not None:
        pass


if __name__ == "__main__":
    main()
