"""A definition as a TOML file again, for versions whose own text was not kept: same content, no comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def written(definition: Mapping[str, Any]) -> str:
    """TOML that reads back as the same tree of texts, integers, truths, lists and tables."""
    return "\n".join(_table(definition, ())).lstrip("\n") + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Plain values first, as TOML wants them, then the tables below."""
    below = {key: value for key, value in table.items() if _is_table(value) or _is_tables(value)}
    for key, value in table.items():
        if key not in below:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in below.items():
        inner = (*path, key)
        name = ".".join(_key(part) for part in inner)
        for one in [value] if _is_table(value) else value:
            yield f"\n[{name}]" if _is_table(value) else f"\n[[{name}]]"
            yield from _table(one, inner)


def _is_table(value: Any) -> bool:
    """Conditions stay on one line, as people write them."""
    return isinstance(value, Mapping) and not _is_rule(value)


def _is_rule(value: Mapping[str, Any]) -> bool:
    return bool(value) and ("field" in value or set(value) <= {"all", "any", "not"})


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_table(one) and one for one in value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return str(value) if isinstance(value, int) else _text(value)


def _text(value: str) -> str:
    """A basic string: JSON escapes are TOML escapes, but for DEL and the pairs JSON makes of 𠮷 (kept as it is)."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)
