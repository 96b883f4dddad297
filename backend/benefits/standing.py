"""Who was on the list on a given day, with which amount class: what campaigns and payments are made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from backend.models.benefit import BenefitTerm, Recipient

PIECE = 1000


@dataclass(frozen=True, slots=True)
class Standing:
    """One recipient as of a day. ``amount_class`` "": not decided yet, nothing to pay. ``since``: of this term."""

    recipient_id: int
    resident_id: int
    application_id: int
    village: str
    town: str
    holder_masked: str
    person_index: str
    amount_class: str
    since: date
    #: Place: benefit_recipient|account|id; the account as it is now.
    account: str = field(repr=False)


def place_of(level: str, region: str) -> ColumnElement[bool]:
    """The recipients of a village, town or county by its 12-digit code."""
    return {"village": Recipient.village, "town": Recipient.town, "county": Recipient.county}[level] == region


def current_on(
    session: Session, *, county: str, service_item: str, day: date, town: str | None = None, piece: int = PIECE
) -> Iterator[Standing]:
    """Everybody who receives a benefit on a day, by id, read in pieces; ``town``: of one town only.

    The answer for a past day does not depend on when it is asked (but for corrections of that past).
    """
    where = place_of("town", town) if town else place_of("county", county)
    query, after = _on(service_item, day).where(where), 0
    while rows := session.execute(query.where(Recipient.id > after).limit(piece)).all():
        yield from (Standing(*row) for row in rows)
        after = rows[-1][0]


def _on(service_item: str, day: date) -> Select[*tuple[Any, ...]]:
    columns = (
        Recipient.id,
        Recipient.resident_id,
        BenefitTerm.application_id,
        Recipient.village,
        Recipient.town,
        Recipient.holder_masked,
        Recipient.person_index,
        BenefitTerm.amount_class,
        BenefitTerm.from_on,
        Recipient.account,
    )
    holds = (BenefitTerm.from_on <= day) & (BenefitTerm.to_on.is_(None) | (BenefitTerm.to_on > day))
    joined = select(*columns).join(BenefitTerm, (BenefitTerm.recipient_id == Recipient.id) & holds)
    return joined.where(Recipient.service_item == service_item).order_by(Recipient.id)
