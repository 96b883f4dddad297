"""The names of those who come without an account: a spouse, or whoever stands at the door."""

from __future__ import annotations

from backend.kernel.errors import Invalid, Wrong
from backend.kernel.text import person_name


def check(name: str, *, field: str = "companion") -> None:
    """``Invalid`` with ``field`` for what is no person's name; "" is nobody."""
    if not name:
        return
    try:
        person_name(name)
    except Wrong as wrong:
        raise Invalid("invalid_input", wrong.text, errors={field: [wrong.text]}) from wrong
