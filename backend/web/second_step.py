"""The second step as both edges take it: a code to the own number, given on the same session."""

from __future__ import annotations

from flask import request

from backend.accounts import codes, door, second_step
from backend.accounts.policy import CodeLimits
from backend.kernel.clock import system_clock
from backend.web.context import runtime
from backend.web.guards import caller


def send_code() -> None:
    """Leave a code for the caller's own number; ``TooMany`` above the limits of all codes."""
    at, limits = runtime(), runtime().settings.limits
    at.db.transact(
        second_step.request,
        at.vault,
        resident_id=caller().id,
        address=request.remote_addr or "",
        limits=CodeLimits(limits.sms_codes_per_mobile_hour, limits.sms_codes_per_address_10_min),
        now=at.clock(),
    )
    at.wake(codes.SECOND_STEP)


def take(code: str) -> None:
    """Mark the caller's session when the code is right; else its refusal."""
    at, who = runtime(), caller()
    door.take_second_step(at.db, at.vault, resident_id=who.id, session_id=who.session_id, code=code, now=at.clock())


def taken() -> bool:
    """Whether the caller's session took the step within the last quarter of an hour."""
    with runtime().db.reading() as session:
        return second_step.fresh(session, session_id=caller().session_id, at=system_clock())


def number() -> str:
    """The masked number that the code goes to."""
    at = runtime()
    with at.db.reading() as session:
        return second_step.number(session, at.vault, resident_id=caller().id)
