"""Investigators in tests: keys made, let in and open, and tips filed as the tip line files them."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.documents.sandbox import Result
from backend.documents.spaces import MEMORY, fill
from backend.models.tip import Investigator, TipKey
from backend.tips import (
    admitting,
    codes,
    entries,
    evidence,
    filing,
    investigators,
    mailboxes,
    proofs,
    recipients,
    unlocking,
)
from backend.tips.filing import Report, Target
from backend.tips.investigators import Staff
from backend.tips.tokens import Holder
from backend.tips.unlocking import Opener
from backend.tips_runtime import TipsRuntime

PASSPHRASE = "drei Eimer voll Regen"
TEXT = "二楼周末有人收现金做鉴定。"
COUNTY, TOWN = "370402000000", "370402001000"
SERIAL = itertools.count(1)


def staff(number: int, *, region: str = COUNTY, name: str = "") -> Staff:
    return Staff(number, name or f"核查员甲{number}", f"举报核查{number}岗", region)


def enrol(at: TipsRuntime, number: int, *, duty: str = recipients.INVESTIGATE, **who: Any) -> str:
    """A key that waits; its id."""
    key = investigators.new_key(PASSPHRASE)
    return at.db.transact(investigators.enrol, staff=staff(number, **who), key=key, duty=duty, day=at.today)


def row(at: TipsRuntime, key_id: str) -> Investigator:
    with at.db.reading() as session:
        return session.get_one(Investigator, key_id)


def print_of(at: TipsRuntime, key_id: str) -> str:
    return investigators.fingerprint(row(at, key_id).public)


def opener(at: TipsRuntime, key_id: str, passphrase: str = PASSPHRASE) -> Opener:
    """The holder of a key, with it open."""
    found = row(at, key_id)
    private = investigators.unwrap(found, passphrase)
    assert private is not None
    secret = f"secret {next(SERIAL)}"
    at.db.transact(unlocking.keep, investigator=found, private=private, secret=secret, now=at.clock())
    with at.db.reading() as session:
        opened = unlocking.current(session, staff_id=found.staff_id, secret=secret, now=at.clock())
    assert opened is not None
    return opened


def back(at: TipsRuntime, by: Opener, key_id: str, **more: Any) -> None:
    seen = {"fingerprint": print_of(at, key_id)} | more
    at.db.transact(admitting.back, opener=by, investigator_id=key_id, day=at.today, **seen)


def admit(at: TipsRuntime, by: Opener, key_id: str, **more: Any) -> None:
    seen = {"fingerprint": print_of(at, key_id)} | more
    at.db.transact(admitting.admit, opener=by, investigator_id=key_id, day=at.today, **seen)


def appoint(at: TipsRuntime, key_id: str) -> str:
    seen = print_of(at, key_id)
    return at.db.transact(admitting.appoint, investigator_id=key_id, fingerprint=seen, day=at.today)


def two(at: TipsRuntime) -> tuple[Opener, Opener]:
    """The first two investigators of the county, as an office gets them."""
    first, second = enrol(at, 1), enrol(at, 2)
    appoint(at, first)
    appoint(at, second)
    one = opener(at, first)
    admit(at, one, second)
    return one, opener(at, second)


def file(at: TipsRuntime, **what: Any) -> str:
    """A tip as the tip line files it; its id."""
    return filed(at, **what)[0]


def filed(at: TipsRuntime, *, text: str = TEXT, left_out: list[str] | None = None, **target: Any) -> tuple[str, Holder]:
    """The same, with its reporter."""
    about = {"kind": "institution", "name": "某诊所", "region": TOWN} | target
    report = Report(Target(**about), "sex_determination", text, left_out=left_out or [])
    made, code = proofs.make(at.keys, content=report.content(), day=at.today, county=at.line.county), codes.new_code()
    mailbox = codes.new_mailbox(code, "", at.keys)
    tip_id = at.db.transact(
        filing.file,
        keys=at.keys,
        offline=at.offline,
        county=at.line.county,
        report=report,
        opening=made.opening,
        mailbox=mailbox,
        consume=lambda session: None,
        day=at.today,
    )
    return tip_id, Holder(tip_id, 1, codes.pair(code, "", mailbox.salt).private)


def write(session: Session, *, holder: Holder, text: str, day: date) -> str:
    """A message of the reporter; its id."""
    key = mailboxes.tip_key(session, holder=holder)
    kind, author = entries.MESSAGE, entries.REPORTER
    return entries.write(session, key, tip_id=holder.tip_id, kind=kind, author=author, content={"text": text}, day=day)


def photo(at: TipsRuntime, holder: Holder, content: bytes, name: str = "收费单") -> str:
    """A piece of evidence in a tip; its id."""
    with MEMORY.file() as file:
        fill(file, [content])
        cleaned = Result(file, "image/jpeg", 12, 8, None)
        return at.db.transact(evidence.add, holder=holder, cleaned=cleaned, name=name, day=at.today)


def holders(at: TipsRuntime, tip_id: str) -> set[str]:
    """To whom a tip is sealed, but for those who always are."""
    with at.db.reading() as session:
        found = set(session.scalars(select(TipKey.holder).where(TipKey.tip_id == tip_id)))
    return found - {recipients.REPORTER, recipients.OVERSIGHT, recipients.RECOVERY}
