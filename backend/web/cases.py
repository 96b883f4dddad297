"""What every command on one's own case is told: by whom, which one, when."""

from __future__ import annotations

from typing import Any

from backend.web.context import runtime
from backend.web.guards import caller


def own(application_id: int) -> dict[str, Any]:
    """The arguments that the commands of ``applications`` have in common."""
    at = runtime()
    return {"vault": at.vault, "resident_id": caller().id, "application_id": application_id, "now": at.clock()}
