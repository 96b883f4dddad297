"""docs/lifecycles.md: every lifecycle of backend/lifecycles in words (`make docs` writes it)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator

import backend.lifecycles
from backend.kernel.machine import Lifecycle, Move
from config.settings import ROOT

PAGE = ROOT / "docs" / "lifecycles.md"
HEAD = """# Lifecycles

Generated from `backend/lifecycles` by `make docs`: the code is the source, this page its picture. A status changes only
through `backend/events/moves.py`, which refuses every move that does not stand here.
"""


def lifecycles() -> Iterator[Lifecycle]:
    """Each lifecycle that a module of backend/lifecycles declares."""
    for found in pkgutil.iter_modules(backend.lifecycles.__path__):
        module = importlib.import_module(f"backend.lifecycles.{found.name}")
        yield from (value for value in vars(module).values() if isinstance(value, Lifecycle))


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_lifecycle(one) for one in lifecycles())])


def _lifecycle(one: Lifecycle) -> str:
    states = "\n".join(
        f"| `{state.value}` | {label} | {_leads(one, state.value)} |" for state, label in one.labels.items()
    )
    rows = "\n".join(_move(one, move) for move in one.moves)
    return (
        f"## {one.name}\n\n| state | people read | moves to |\n|---|---|---|\n{states}\n\n"
        f"| move | people read | from | to | who | work it leaves |\n|---|---|---|---|---|---|\n{rows}\n"
    )


def _leads(one: Lifecycle, state: str) -> str:
    targets = {move.target: None for move in one.moves if state in move.sources and move.target != state}
    return _names(targets) or "ends here"


def _move(one: Lifecycle, move: Move) -> str:
    sources = _names(state for state in one.states if state in move.sources)
    work = f"`{move.topic}`" if move.topic else ""
    return f"| `{move.name}` | {move.label} | {sources} | `{move.target}` | {', '.join(sorted(move.actors))} | {work} |"


def _names(states: Iterable[str]) -> str:
    return " ".join(f"`{state}`" for state in states)


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} written")


if __name__ == "__main__":
    main()
