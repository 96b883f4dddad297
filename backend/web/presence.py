"""A clerk who is at a case keeps it: looking at it renews the lease, without a press."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from backend.applications import claims, policy
from backend.web.context import runtime
from backend.web.reviewers import reviewer


def stay(case: dict[str, Any]) -> dict[str, Any]:
    """The case as it was read, its lease renewed when it is the reader's and has worn; one write in five minutes."""
    at, claim = runtime(), case["claim"]
    now = at.clock()
    if not claim or not claim["mine"] or not claims.wears(datetime.fromisoformat(claim["until"]), now):
        return case
    at.db.transact(claims.stay, reviewer=reviewer(), number=case["number"], now=now)
    return case | {"claim": claim | {"until": (now + policy.LEASE).isoformat()}}
