"""Who does something: kind and id for the record, role for the lifecycle, post for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """``kind``: applicant, staff, system; ``role``: what the lifecycle asks for; ``post``: office and post."""

    kind: str
    role: str
    id: int | None = None
    post: str = ""


SYSTEM = Actor("system", "system")
