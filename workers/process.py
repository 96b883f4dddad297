"""What each of these processes does once: keep its runtime for the jobs, give back the memory of its start."""

from __future__ import annotations

import ctypes
import logging

from backend.runtime import Runtime, build_runtime
from config.settings import load_settings

_bound: list[Runtime] = []


def begin() -> Runtime:
    """Settings, log and runtime of a worker or relay; a wrong setting ends the process here and names itself."""
    settings = load_settings()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    return bind(build_runtime(settings, patient=True))


def bind(runtime: Runtime) -> Runtime:
    """Make it the runtime of this process."""
    _bound[:] = [runtime]
    return runtime


def bound() -> Runtime:
    """The runtime of this process, inherited by the children that RQ forks."""
    return _bound[0]


def trim() -> None:
    """After the imports: reading modules leaves about 7 MB of free pages that glibc keeps unless asked."""
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if give_back is not None:
        give_back(0)
