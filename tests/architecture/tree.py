"""Reading the product's own source for the guards of this folder."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("backend", "h5", "workers", "config")


@cache
def sources(*packages: str) -> tuple[Path, ...]:
    """Every Python file of the packages (all of the product's without an argument)."""
    return tuple(sorted(path for package in packages or PACKAGES for path in (ROOT / package).rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def templates() -> tuple[Path, ...]:
    return tuple(sorted((ROOT / "h5" / "templates").rglob("*.html")))


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def where(path: Path, node: ast.AST) -> str:
    """``backend/db.py:12``"""
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
