"""Which service items need which consent, read from their published definitions."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.catalogue.queries import definition
from backend.models.catalogue import ServiceItem


def required_for(session: Session) -> dict[str, list[str]]:
    """purpose → codes of the service items that ask for it, in the order of the codes."""
    wanted: dict[str, list[str]] = {}
    for code in session.scalars(select(ServiceItem.code).order_by(ServiceItem.code)):
        for purpose in definition(session, code).consents:
            wanted.setdefault(purpose, []).append(code)
    return wanted
