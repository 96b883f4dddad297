"""Each import contract holds, and breaks on a planted violation in every room it watches."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, sources

CONTRACTS = {
    c["name"]: c for c in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
#: For each contract an import that breaks it and no other.
FORBIDDEN = {
    "Tips stay anonymous": "backend.models.resident",
    "Reminders lead nowhere": "backend.models.reminder",
    "Web framework at the edges only": "flask_smorest",
    "RQ in workers only": "rq",
    "Rules are pure": "marshmallow",
    "Settings arrive as arguments": "config.settings",
    "Edges ask domains, not tables": "backend.models.outbox",
}
#: Rooms where that import would break the pure rules or another contract as well.
ELSEWHERE = {
    "Reminders lead nowhere": ("backend.api.staff", "backend.api.admin", "h5.staff", "h5.admin"),
    "Web framework at the edges only": ("backend.kernel", "backend.lifecycles"),
    "Settings arrive as arguments": ("backend.kernel", "backend.lifecycles"),
}
INSTEAD = {"Reminders lead nowhere": "backend.reminders"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The tree as it stands, to plant in."""
    ignored = shutil.ignore_patterns("__pycache__", "static", "templates", "translations", "*.toml", "*.csv", "*.ttf")
    for package in (*PACKAGES, "ops"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path) -> tuple[list[str], str]:
    """The names of the broken contracts, and all that was said."""
    run = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"]
    said = subprocess.run(run, cwd=tree, capture_output=True, text=True, check=False).stdout
    assert "Contracts:" in said, said
    return re.findall(r"^(.+) BROKEN", said, re.M), said


def plant(tree: Path, module: str, imported: str) -> str:
    """Add the import to a module, or to a new file of a package; returns the module that now breaks the rule."""
    path = tree / module.replace(".", "/")
    file, name = (path / "planted.py", f"{module}.planted") if path.is_dir() else (path.with_suffix(".py"), module)
    file.write_text((file.read_text() if file.exists() else "") + f"\nimport {imported}\n")
    return name


def test_every_contract_holds_as_the_tree_stands(copy: Path) -> None:
    assert lint(copy)[0] == []


def test_layers_break_when_a_row_reaches_up(copy: Path) -> None:
    plant(copy, "backend.models", "backend.db")
    assert lint(copy)[0] == ["Layers point downwards"]


def test_layers_break_when_siblings_meet(copy: Path) -> None:
    plant(copy, "backend.applications", "backend.bookings")
    assert lint(copy)[0] == ["Layers point downwards"]


@pytest.mark.parametrize("name", FORBIDDEN)
def test_contract_breaks_on_a_planted_violation_in_each_room(copy: Path, name: str) -> None:
    rooms = [room for room in CONTRACTS[name]["source_modules"] if room not in ELSEWHERE.get(name, ())]
    planted = [plant(copy, room, FORBIDDEN[name]) for room in rooms]
    broken, said = lint(copy)
    assert broken == [name]
    assert [module for module in planted if f"{module} -> {FORBIDDEN[name]}" not in said] == []


@pytest.mark.parametrize("name", INSTEAD)
def test_contract_breaks_on_a_planted_violation_at_the_edges(copy: Path, name: str) -> None:
    planted = [plant(copy, room, INSTEAD[name]) for room in ELSEWHERE[name]]
    broken, said = lint(copy)
    assert broken == [name]
    assert [module for module in planted if f"{module} -> {INSTEAD[name]}" not in said] == []


@pytest.mark.parametrize("leaf", ["backend.web.tips_skin", "backend.api.proofs", "backend.web.words", "h5.tips.marks"])
def test_tips_break_wherever_the_app_loads_something_that_knows_people(copy: Path, leaf: str) -> None:
    """No list of its modules can be forgotten: the contract follows the imports of ``backend.tips_app``."""
    plant(copy, leaf, "flask_jwt_extended")
    assert "Tips stay anonymous" in lint(copy)[0]


def test_tips_break_when_they_reach_a_resident_in_two_steps(copy: Path) -> None:
    plant(copy, "backend.tips", "backend.catalogue.planted")
    plant(copy, "backend.catalogue", "backend.models.resident")
    assert lint(copy)[0] == ["Tips stay anonymous"]


def test_no_folder_is_out_of_the_contracts_sight() -> None:
    """A folder without ``__init__`` imports well and is passed over by the contracts."""
    folders = {path.parent for path in sources()}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_contract_is_tried() -> None:
    assert set(CONTRACTS) == {*FORBIDDEN, "Layers point downwards"}
