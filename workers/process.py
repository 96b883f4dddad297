"""The runtime of this process, bound once before the fork, so that a drain job needs no argument but its topic."""

from __future__ import annotations

from backend.runtime import Runtime

_bound: list[Runtime] = []


def bind(runtime: Runtime) -> None:
    """Called once by each main before anything is worked off."""
    _bound[:] = [runtime]


def bound() -> Runtime:
    return _bound[0]
