"""Rewards in tests: a tip that was found true, its reporter, two investigators and an officer who pays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import update

from backend.kernel import sealing
from backend.kernel.sealing import Pair
from backend.models.tip import Investigator, Tip
from backend.tips import claims, codes, entries, filing, investigators, mailboxes, recipients, rewards, tokens, vouchers
from backend.tips.codes import Code
from backend.tips.filing import Report, Target
from backend.tips.investigators import NewKey, Staff
from backend.tips.tokens import Holder
from backend.tips.unlocking import Opener
from backend.tips.vouchers import Voucher
from backend.tips_runtime import TipsRuntime
from tests.clock import MONDAY

DAY = date(2026, 11, 23)
COUNTY = "370402"
TEXT = "二楼的房间周末有人用机器给人看男女"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the office with an active key."""

    row: Investigator
    pair: Pair

    @property
    def opener(self) -> Opener:
        return Opener(self.row.id, self.row.county, self.row.duty, self.pair.private, MONDAY)


def member(at: TipsRuntime, number: int, *, duty: str = recipients.INVESTIGATE, county: str = COUNTY) -> Member:
    """Somebody whose key was let in (the way there is another test's); without the Argon2 of a passphrase."""
    pair = sealing.new_pair()
    staff = Staff(number, f"甲某{number}", "核查岗", f"{county}000000")
    key = NewKey(pair.public, b"-", b"-")
    made = at.db.transact(investigators.enrol, staff=staff, key=key, duty=duty, day=DAY)
    at.db.transact(lambda session: session.execute(update(Investigator).values(status="active")))
    with at.db.reading() as session:
        return Member(session.get_one(Investigator, made), pair)


def file(at: TipsRuntime, *, name: str = "某诊所", day: date = DAY) -> Holder:
    """A tip, released; its reporter with the mailbox open."""
    code = codes.new_code()
    report = Report(Target("institution", name, "370402001000"), "sex_determination", TEXT)
    tip_id = at.db.transact(
        filing.file,
        keys=at.keys,
        offline=at.offline,
        county=COUNTY,
        report=report,
        opening={},
        mailbox=codes.new_mailbox(code, "", at.keys),
        consume=lambda _session: None,
        day=day,
    )
    at.db.transact(partial(_set, tip_id=tip_id, released_on=day))
    return holder(at, code)


def holder(at: TipsRuntime, code: Code) -> Holder:
    with at.db.reading() as session:
        locked = mailboxes.find(session, at.keys, code=code)
    return mailboxes.unlock(locked, code=code, passphrase="")


def found_true(at: TipsRuntime, **about: Any) -> Holder:
    """The same, where the way to it is another test's."""
    reporter = file(at, **about)
    move(at, reporter, "substantiated")
    return reporter


def move(at: TipsRuntime, reporter: Holder, status: str, **more: Any) -> None:
    at.db.transact(partial(_set, tip_id=reporter.tip_id, status=status, **more))


def offer(
    at: TipsRuntime, by: Member, reporter: Holder, *, amount: int = 5000, log_id: str = "", day: date = DAY
) -> None:
    at.db.transact(
        rewards.offer,
        keys=at.keys,
        opener=by.opener,
        tip_id=reporter.tip_id,
        amount=amount,
        day=day,
        log_id=log_id or entries.new_id(),
    )


def voucher(at: TipsRuntime, reporter: Holder) -> Voucher:
    """What the reporter finds in the mailbox."""
    with at.db.reading() as session:
        shown = mailboxes.show(session, holder=reporter)
    found = claims.voucher_of(at.keys, shown.entries, reporter.private)
    assert found is not None
    return found


def claim(
    at: TipsRuntime, found: Voucher, way: str = claims.COUNTER, *, day: date = DAY, payee: Any = None
) -> claims.Claim:
    proof = vouchers.kept(at.keys, number=found.number, proof=found.proof)
    return at.db.transact(claims.claim, voucher=found, way=way, proof=proof, payee=payee, day=day)


def transfer(at: TipsRuntime, found: Voucher, payee: dict[str, str]) -> claims.Claim:
    """Claimed with a name."""
    with at.db.reading() as session:
        to = claims.officers(session, county=COUNTY)
    sealed = claims.seal_payee(claims.payee_of(payee), to=to)
    return claim(at, found, claims.TRANSFER, payee=sealed, day=at.today)


def token(at: TipsRuntime, reporter: Holder) -> str:
    """What an opened mailbox hands out."""
    return tokens.seal(reporter, day_key=at.days.current(at.today), now=at.clock())


def _set(session: Any, *, tip_id: str, **values: Any) -> None:
    session.execute(update(Tip).where(Tip.id == tip_id).values(**values))
