"""Finding the line of a value in a TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from backend.catalogue.lines import line_of, locate
from config.settings import ROOT

TEXT = '''code = "x"  # [not] a header
"quoted key" = 1
note = """
[fields]
name = 1
"""
list = [
  "]",  # ]
  { name = "inner" },
]
dotted.key = 1

[guide]
who = "[x]"
[[guide.faq]]
question = "一"
[[guide.faq]]
question = "二"
[[fields]]
name = "a"
[[fields]]
name = "b"
[[fields.options]]
value = "v"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("code",), 1),
        (("quoted key",), 2),
        (("note",), 3),
        (("list",), 7),
        (("list", 1, "name"), 7),
        (("dotted", "key"), 11),
        (("guide", "who"), 14),
        (("guide", "faq", 1, "question"), 18),
        (("guide", "missing"), 13),
        (("fields", 0, "name"), 20),
        (("fields", 1, "options", 0, "value"), 24),
        (("nothing",), 1),
    ],
)
def test_line_of_a_path_is_where_a_person_would_look(path: tuple[str | int, ...], line: int) -> None:
    tomllib.loads(TEXT)
    assert line_of(path, locate(TEXT)) == line


@pytest.mark.parametrize("file", sorted((ROOT / "config" / "catalogue").glob("*.toml")), ids=lambda file: file.stem)
def test_every_key_of_a_shipped_file_is_found_on_its_own_line(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    found, lines = locate(text), text.splitlines()
    paths = [path for path in _paths(tomllib.loads(text)) if path in found]
    assert len(paths) > 20
    names = [(found[path], str(path[-1] if isinstance(path[-1], str) else path[-2])) for path in paths]
    assert [(line, name) for line, name in names if name not in lines[line - 1]] == []


def _paths(tree: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else []
    return [found for key, value in pairs for found in [(*path, key), *_paths(value, (*path, key))]]
