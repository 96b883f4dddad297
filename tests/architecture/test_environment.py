"""Every variable that is read is documented, and nothing else is."""

from __future__ import annotations

import re

from tests.architecture.tree import ROOT

_CALLS = r"env\.(?:text|integer|flag|choice|url|matching|raw|read)\(|_(?:pairs|public)\(env,"
READ = re.compile(rf"(?:{_CALLS})\s*\"([A-Z_]+)\"")
SOURCES = ("settings.py", "keys.py", "tip_line.py")
SECRET = re.compile(r"\"(SECRET_[A-Z_]+)\"")
SAID = re.compile(r"^#?([A-Z][A-Z_]+?)(?:_FILE)?=", re.M)


def test_env_example_says_every_variable() -> None:
    code = "".join((ROOT / "config" / name).read_text(encoding="utf-8") for name in SOURCES)
    read = set(READ.findall(code)) | set(SECRET.findall(code))
    assert set(SAID.findall((ROOT / "config" / ".env.example").read_text(encoding="utf-8"))) == read


def test_operations_names_every_command_of_make() -> None:
    commands = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    said = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8") + (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert {command for command in commands if f"make {command}" not in said} == set()
