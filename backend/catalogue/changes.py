"""What differs between two versions of an item: for the operator before publishing, and for open drafts after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: Lists whose members have a name, and the key that holds it.
_NAMED = {"fields": "name", "materials": "code", "steps": "code", "options": "value", "workflow": "level"}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; ``path`` such as ``fields.children_count.label``, ``None`` where there is nothing."""

    path: str
    before: Any
    after: Any


def changes(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """Every difference between two trees of a file, named members matched by name and not by place."""
    before, after = _by_name(before, path), _by_name(after, path)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from changes(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif before != after:
        yield Change(path, before, after)


def _by_name(value: Any, path: str) -> Any:
    key = _NAMED.get(path.rpartition(".")[2])
    if key and isinstance(value, list):
        return {part[key]: part for part in value}
    return value
