"""Filing a tip 举报: sealed to everyone who may open it and to nobody else, in one transaction."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.events import rows
from backend.kernel import sealing
from backend.lifecycles.tip import TipStatus
from backend.models.tip import Mailbox, Tip
from backend.tips import entries, recipients
from backend.tips.codes import NewMailbox
from backend.tips.keys import TipKeys
from backend.tips.recipients import Offline

KINDS = ("institution", "practitioner", "intermediary", "drug_seller", "advertisement", "equipment_renter")
CATEGORIES = (
    *("sex_determination", "sex_selective_abortion", "blood_sample_mailing"),
    *("drug_selling", "advertising", "equipment_renting"),
)


class Taken(Exception):
    """There is a mailbox under these eight digits: draw another code, or it is the same form again."""


@dataclass(frozen=True, slots=True)
class Target:
    """An institution or a practitioner. ``region``: code of 6 to 12 digits; ``contacts``: the offender's own."""

    kind: str
    name: str
    region: str
    address: str = ""
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a reporter writes. ``happened_month``: ``2026-10`` or empty; ``left_out``: investigators not to see it."""

    target: Target
    category: str
    text: str = field(repr=False)
    happened_month: str = ""
    left_out: Sequence[str] = ()

    def content(self) -> dict[str, Any]:
        """What is sealed, and what the proof of filing commits to."""
        target = self.target
        return {
            "target": {
                "kind": target.kind,
                "name": target.name,
                "region": target.region,
                "address": target.address,
                "contacts": list(target.contacts),
            },
            "category": self.category,
            "happened_month": self.happened_month,
            "text": self.text,
        }


def file(
    session: Session,
    *,
    keys: TipKeys,
    offline: Offline,
    county: str,
    report: Report,
    opening: dict[str, Any],
    mailbox: NewMailbox,
    consume: Callable[[Session], None],
    day: date,
) -> str:
    """Write one tip; its id. ``opening``: what opens the proof of filing, for the reporter alone to use.

    ``consume`` uses up the proof of work or the ticket and refuses one that was used. ``Taken``: draw another code.
    """
    consume(session)
    tip_id, tip_key = entries.new_id(), sealing.new_key()
    rows.write(session, Tip, _row(tip_id, keys, county, report, day))
    _open_mailbox(session, tip_id, mailbox)
    target = report.target
    investigators = recipients.without_conflict(
        session,
        county=county,
        region=target.region,
        words=(report.text, target.name, target.address, *target.contacts),
        left_out=report.left_out,
    )
    recipients.seal_to_all(
        session, tip_key, tip_id=tip_id, investigators=investigators, offline=offline, reporter=mailbox.public
    )
    content = report.content() | {"opening": opening, "left_out": list(report.left_out)}
    kind, author = entries.REPORT, entries.REPORTER
    entries.write(session, tip_key, tip_id=tip_id, kind=kind, author=author, content=content, day=day)
    return tip_id


def target_words(target: Target) -> str:
    """The name and county of a target without what people write differently: for finding tips about the same."""
    name = unicodedata.normalize("NFKC", target.name).casefold()
    return f"{target.region[:6]}|{''.join(sign for sign in name if sign.isalnum())}"


def _row(tip_id: str, keys: TipKeys, county: str, report: Report, day: date) -> dict[str, Any]:
    return {
        "id": tip_id,
        "version": 1,
        "status": TipStatus.RECEIVED.value,
        "county": county,
        "received_on": day,
        "moved_on": day,
        "target_index": keys.target(target_words(report.target)),
        "entries": 0,
    }


def _open_mailbox(session: Session, tip_id: str, mailbox: NewMailbox) -> None:
    row = {"tip_id": tip_id, "locator": mailbox.locator, "salt": mailbox.salt, "public": mailbox.public}
    try:
        rows.write(session, Mailbox, row | {"generation": 1})
    except IntegrityError as error:
        raise Taken from error
