"""The manners of the house that can be read off the source: who commits, who moves a status, how long things are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, functions, sources, templates, tree, where

FILE_LINES = 400
FUNCTION_LINES = 40
#: Calls that touch the world; at import they would run in every process and every test.
WORLD = {"open", "print", "input", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "urlopen"}
WORLD |= {"connect", "create_connection", "Popen", "check_output", "getaddrinfo", "sleep", "system"}
#: Repealed in 2021, or lists of who did not come (PRODUCT §2): no column, endpoint, export or word for them.
COERCION = re.compile(
    r"social_maintenance|社会抚养费|结扎|上环|引产|堕胎|超生|sterili[sz]|birth_quota|生育指标|准生证|missed_check", re.I
)
#: Finds a woman by what was done to her, so that her name is refused.
PROTECTS = ROOT / "backend" / "tips" / "third_parties" / "words.py"
TEXTS = ("*.py", "*.html", "*.js", "*.css", "*.toml", "*.csv", "*.po")


def offenders(paths: tuple[Path, ...], pattern: str) -> list[str]:
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    return found


def test_commit_is_called_only_in_db() -> None:
    paths = tuple(path for path in sources() if path != ROOT / "backend" / "db.py")
    assert offenders(paths, r"\.commit\(") == []


def test_status_is_set_only_by_moves() -> None:
    def sets_status(node: ast.AST) -> bool:
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            return any(isinstance(target, ast.Attribute) and target.attr == "status" for target in targets)
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr"
        return named and any(isinstance(a, ast.Constant) and a.value == "status" for a in node.args)

    paths = [path for path in sources() if path != ROOT / "backend" / "events" / "moves.py"]
    assert [where(path, node) for path in paths for node in ast.walk(tree(path)) if sets_status(node)] == []


def test_imports_stand_at_the_top() -> None:
    found = []
    for path in sources():
        for function in functions(tree(path)):
            found += [where(path, n) for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert found == []


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when the module is imported: everything but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "__name__" in ast.unparse(child.test):
            continue
        yield child
        yield from _run_at_import(child)


def test_nothing_touches_the_world_at_import() -> None:
    def touches(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in WORLD

    assert [where(path, node) for path in sources() for node in _run_at_import(tree(path)) if touches(node)] == []


def test_files_are_short() -> None:
    paths = [*sources(), *sources("ops", "standins", "tests", "bench", "drills"), *templates()]
    paths += [p for p in (ROOT / "h5" / "static").rglob("*.*") if p.suffix in (".js", ".css") and ".min." not in p.name]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {str(p.relative_to(ROOT)): n for p, n in lengths.items() if n > FILE_LINES} == {}


def test_functions_are_short() -> None:
    def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
        return (node.end_lineno or 0) - node.lineno + 1

    found = [
        (path, node)
        for path in sources("backend", "h5", "workers", "config", "ops", "standins")
        for node in functions(tree(path))
    ]
    assert {where(p, n): lines(n) for p, n in found if lines(n) > FUNCTION_LINES} == {}


def test_no_word_of_coercion_stands_anywhere() -> None:
    files = [
        p
        for room in ("backend", "h5", "workers", "config", "migrations")
        for t in TEXTS
        for p in (ROOT / room).rglob(t)
        if p != PROTECTS
    ]
    assert [str(p.relative_to(ROOT)) for p in files if COERCION.search(p.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("package", ["backend", "h5", "workers"])
def test_every_module_says_what_it_is_for(package: str) -> None:
    silent = [p for p in sources(package) if p.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(p))]
    assert [str(path.relative_to(ROOT)) for path in silent] == []
