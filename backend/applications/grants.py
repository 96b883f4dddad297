"""What an approved case gives its holder: the plain values a benefit begins with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import records
from backend.kernel.clock import today
from backend.kernel.crypto import Seal, Vault, place
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import Application


@dataclass(frozen=True, slots=True)
class Granted:
    """The decision, the holder and where the money goes. ``amount_class`` "": none of the item's classes fits."""

    application_id: int
    resident_id: int
    helped: bool
    seal: Seal = field(repr=False)
    service_item: str
    village: str
    town: str
    county: str
    holder: str = field(repr=False)
    holder_masked: str
    person_index: str
    amount_class: str
    bank: str = field(repr=False)
    account: str = field(repr=False)
    decided_at: datetime
    #: Paid once: each decision is a benefit of its own.
    once: bool


def granted(session: Session, vault: Vault, *, application_id: int) -> Granted | None:
    """The benefit that an approval leads to; ``None`` when the item has none or the case is not approved (any more)."""
    row = session.scalar(select(Application).where(Application.id == application_id).with_for_update())
    if row is None or row.status not in (S.APPROVED, S.ISSUED) or row.holder_id_index is None:
        return None
    case = records.whole(session, vault, row)
    benefit = case.definition.benefit
    if benefit is None:
        return None
    decided_at = row.decided_at or row.updated_at
    answers = case.answers()
    fits = case.definition.amount_class(answers, on=today(decided_at))
    holder = records.open_json(case.seal, row.holder or "", place("application", "holder", row.id))
    return Granted(
        application_id=row.id,
        resident_id=row.resident_id,
        helped=row.mandate_id is not None,
        seal=case.seal,
        service_item=row.service_item,
        village=row.village,
        town=row.town,
        county=row.county,
        holder=holder["name"],
        holder_masked=row.holder_masked,
        person_index=row.holder_id_index,
        amount_class=fits.code if fits else "",
        bank=answers.get(benefit.bank, ""),
        account=answers.get(benefit.account, ""),
        decided_at=decided_at,
        once=benefit.period == "once",
    )
