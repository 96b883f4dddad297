"""`make bench`: run every ``bench/<name>.py`` (or those named), print the table, write bench/results.json."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import bench
from bench.context import context
from bench.harness import RESULTS, Figure, table, write

MACHINERY = {"__main__", "harness", "context", "floors", "statements", "county", "bookings", "seal_memory"}


def names() -> list[str]:
    """The benches there are."""
    return [module.name for module in pkgutil.iter_modules(bench.__path__) if module.name not in MACHINERY]


def main() -> None:
    wanted = sys.argv[1:] or names()
    if unknown := set(wanted) - set(names()):
        raise SystemExit(f"no bench {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    figures: list[Figure] = []
    with context() as shared:
        for name in wanted:
            module = importlib.import_module(f"bench.{name}")
            if not hasattr(module, "run"):
                continue  # what several benches share
            print(f"{name} …", file=sys.stderr, flush=True)
            found = module.run(shared)
            print(table(found), flush=True)
            figures += found
            write(found)
    print(f"\n{table(figures)}\n\nwritten to bench/{RESULTS.name}")


if __name__ == "__main__":
    main()
