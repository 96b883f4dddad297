"""`make drill`: run every drill (or those named) with one seed, which is printed so that it can be repeated."""

from __future__ import annotations

import importlib
import os
import pkgutil
import secrets
import sys

import drills

MACHINERY = {"__main__", "verdict"}


def names() -> list[str]:
    """The drills there are."""
    return [module.name for module in pkgutil.iter_modules(drills.__path__) if module.name not in MACHINERY]


def main() -> None:
    wanted = sys.argv[1:] or names()
    if unknown := set(wanted) - set(names()):
        raise SystemExit(f"no drill {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    seed = int(os.environ.get("SEED") or secrets.randbelow(10**6))
    failed = []
    for name in wanted:
        module = importlib.import_module(f"drills.{name}")
        if not hasattr(module, "run"):
            continue  # what several drills share
        print(f"{name}: seed {seed} …", flush=True)
        verdict = module.run(seed)
        print(f"{name}: {'held' if verdict.held else 'BROKEN'} (seed {seed}): {verdict.words}", flush=True)
        failed += [] if verdict.held else [name]
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
