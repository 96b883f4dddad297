"""A person's own copy of the data on its way out: what is for one pair of eyes asks for the second step here too."""

from __future__ import annotations

from typing import Any

from backend.accounts import export, second_step
from backend.accounts.export import ExportCard
from backend.kernel.clock import system_clock
from backend.web.context import runtime
from backend.web.guards import caller

#: Parts of a copy (``workers.exports``) that are shown after the second step only.
GUARDED = ("checkup_results",)


def guarded(content: dict[str, Any] | None) -> bool:
    """Whether a copy holds something of them."""
    return any((content or {}).get(part) for part in GUARDED)


def own_copy(export_id: int) -> ExportCard:
    """The caller's copy with its content; ``Forbidden`` second_step_required where it needs the step first."""
    at, who = runtime(), caller()
    with at.db.reading() as session:
        card = export.read(session, at.vault, resident_id=who.id, export_id=export_id, now=at.clock())
        if guarded(card.content):
            second_step.check(session, session_id=who.session_id, at=system_clock())
    return card
