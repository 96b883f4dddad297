"""People who receive a benefit: enrolled as an approved case would, with a case number of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.accounts.policy import id_index
from backend.benefits import campaigns, recipients
from backend.benefits.policy import Account
from backend.benefits.recipients import Grant
from backend.kernel import ids
from backend.kernel.clock import today
from backend.models.benefit import Confirmation, Recipient
from backend.models.outbox import Outbox
from tests.people import COUNTY, TOWN, VILLAGE, Cast, id_number

AWARD, SUPPORT, HARDSHIP = "family-award", "special-support", "hardship-support"
ACCOUNT = Account("王㐂", "样例银行", "0000000000000000")


def publish(cast: Cast, *items: str) -> None:
    """The items with a benefit, as the catalogue has them."""
    for item in items or (AWARD, SUPPORT, HARDSHIP):
        cast.publish(Path(__file__).resolve().parent.parent / "config" / "catalogue" / f"{item}.toml")


def grant(cast: Cast, who: str = "王㐂", serial: int = 7, **changes: Any) -> Grant:
    """What an approval now would give."""
    resident = cast.resident(who, serial)
    with cast.db.reading() as session:
        person = accounts.person(session, cast.vault, resident)
    given = Grant(
        application_id=ids.new_id(cast.clock()),
        resident_id=resident,
        helped=False,
        seal=person.seal,
        service_item=AWARD,
        village=VILLAGE,
        town=TOWN,
        county=COUNTY,
        holder_masked=person.name_masked,
        person_index=id_index(cast.vault, "resident_id", id_number(serial)),
        amount_class="standard",
        account=replace(ACCOUNT, name=who),
        granted_at=cast.clock(),
    )
    return replace(given, **changes)


def enrol(cast: Cast, given: Grant) -> int:
    recipient: int = cast.run(recipients.enrol, grant=given, now=cast.clock())
    return recipient


def recipient(cast: Cast, who: str = "王㐂", serial: int = 7, **changes: Any) -> int:
    """Somebody on the list; the recipient's id."""
    return enrol(cast, grant(cast, who, serial, **changes))


def load(cast: Cast, recipient_id: int) -> Recipient:
    with cast.db.reading() as session:
        return session.get_one(Recipient, recipient_id)


def crowd(cast: Cast, count: int, **changes: Any) -> None:
    """Many recipients who share one account: what a campaign meets is their number."""
    first = grant(cast, **changes)

    def write(session: Session) -> None:
        for serial in range(count):
            one = replace(first, application_id=ids.new_id(cast.clock()), person_index=f"{serial:064d}")
            recipients.enrol(session, grant=one, now=cast.clock())

    cast.run(write)


def campaign(cast: Cast, item: str = AWARD, period: str = "2026") -> int:
    """A campaign that has reached everybody; its id."""
    begun = begin(cast, item, period)
    while cast.run(campaigns.open_piece, campaign_id=begun, now=cast.clock()):
        pass
    return begun


def begin(cast: Cast, item: str = AWARD, period: str = "2026", level: str = "county") -> int:
    begun: int = cast.run(
        campaigns.begin,
        clerk=cast.reviewers[level],
        service_item=item,
        period=period,
        answer_by=today(cast.clock()) + timedelta(days=90),
        now=cast.clock(),
    )
    return begun


def asked(cast: Cast, who: str = "王㐂", serial: int = 7, **changes: Any) -> int:
    """One recipient who has been asked; the id of the confirmation."""
    found = recipient(cast, who, serial, **changes)
    campaign(cast, changes.get("service_item", AWARD))
    with cast.db.reading() as session:
        return session.scalars(select(Confirmation.id).where(Confirmation.recipient_id == found)).one()


def confirmation(cast: Cast, confirmation_id: int) -> Confirmation:
    with cast.db.reading() as session:
        return session.get_one(Confirmation, confirmation_id)


def told(cast: Cast, topic: str) -> list[int]:
    """The subjects of the work of a topic."""
    with cast.db.reading() as session:
        return list(session.scalars(select(Outbox.subject_id).where(Outbox.topic == topic).order_by(Outbox.id)))
