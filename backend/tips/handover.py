"""Handing a tip over 移送 to the police, the market regulator or the drug administration.

Two steps: the hand-over is written and its password shown; then the package is made in memory and taken once. The
password follows from the investigator's open key and this very request: it is kept nowhere, and a second tap shows the
same one. Of what the reporter wrote after the report nothing goes along that was not chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.kernel.i18n import N_
from backend.lifecycles.tip import TipStatus
from backend.models.tip import Tip, TipEntry, TipLog
from backend.tips import desk, entries, moving, packages
from backend.tips.entries import Entry
from backend.tips.evidence import Evidence
from backend.tips.third_parties import detector
from backend.tips.unlocking import Opener

OFFICES = {
    "police": N_("公安机关"),
    "market": N_("市场监督管理部门"),
    "drug_administration": N_("药品监督管理部门"),
}
#: What may go along beside the report.
ALONG = (entries.MESSAGE, entries.EVIDENCE, entries.FINDING)
#: Bytes of evidence in one package: it is made in memory.
MOST_BYTES = 64 * 2**20
MOST_ENTRIES = 60
TRANSFER, TAKEN = "transfer", "package_taken"
#: Where a further office may get a package too, and nothing moves.
AGAIN = (TipStatus.TRANSFERRED, TipStatus.SUBSTANTIATED)


@dataclass(frozen=True, slots=True)
class Transfer:
    """What is handed over. ``chosen``: ids of entries; ``with_text``: also the words of the report."""

    to: str
    office: str
    note: str = ""
    chosen: Sequence[str] = ()
    with_text: bool = True


@dataclass(frozen=True, slots=True)
class Handed:
    """A hand-over that was written. ``password``: to be told by another way than the package."""

    id: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a package, opened."""

    transfer: Entry
    tip: Tip
    report: dict[str, Any] | None
    said: list[Entry]
    evidence: list[Evidence]
    password: str = field(repr=False)


def hand_over(
    session: Session,
    *,
    opener: Opener,
    tip_id: str,
    transfer: Transfer,
    version: int | None,
    day: date,
    log_id: str,
) -> Handed:
    """Write the hand-over and move the tip; the same answer for the same ``log_id``.

    ``Invalid`` for entries that are not of this tip, destroyed, or too much; for words that tell who a woman is.
    ``Conflict`` where the tip cannot be handed over.
    """
    tip, key = desk.load(session, opener=opener, tip_id=tip_id)
    there = session.get(TipLog, log_id)
    if there is not None:
        return Handed(there.entry_id or "", packages.password(opener.private, log_id))
    desk.check_version(tip, version)
    detector.refuse({"office": transfer.office, "note": transfer.note})
    _check_chosen(session, key, tip_id, transfer.chosen)
    if tip.status not in AGAIN or desk.goes_on(session, opener=opener, tip=tip) is not None:
        moving.step(session, tip, TRANSFER, opener=opener, day=day)
    kind, author = entries.TRANSFER, entries.OFFICE
    entry_id = entries.write(session, key, tip_id=tip_id, kind=kind, author=author, content=_content(transfer), day=day)
    desk.log(session, tip_id=tip_id, opener=opener, act=TRANSFER, day=day, entry_id=entry_id, log_id=log_id)
    return Handed(entry_id, packages.password(opener.private, log_id))


def contents(session: Session, *, opener: Opener, tip_id: str, transfer_id: str) -> Contents:
    """What the package of a hand-over holds; for whoever wrote it, until it was taken."""
    tip, key = desk.load(session, opener=opener, tip_id=tip_id)
    log_id = _log_of(session, opener, tip_id, transfer_id)
    _check_untaken(session, tip_id, transfer_id)
    found = {one.id: one for one in entries.read(session, key, tip_id=tip_id)}
    transfer = found[transfer_id]
    if transfer.content is None:
        raise not_found()
    chosen = [found[one] for one in transfer.content["chosen"] if one in found]
    report = next((one.content for one in found.values() if one.kind == entries.REPORT), None)
    return Contents(
        transfer,
        tip,
        report,
        [one for one in chosen if one.kind != entries.EVIDENCE],
        _evidence(session, key, [one for one in chosen if one.kind == entries.EVIDENCE]),
        packages.password(opener.private, log_id),
    )


def take(session: Session, *, opener: Opener, tip_id: str, transfer_id: str, day: date) -> None:
    """Note that the package went out, once: of two at the same moment one gets it. ``Conflict`` for the other."""
    session.get(Tip, tip_id, with_for_update=True)
    _log_of(session, opener, tip_id, transfer_id)
    _check_untaken(session, tip_id, transfer_id)
    desk.log(session, tip_id=tip_id, opener=opener, act=TAKEN, day=day, entry_id=transfer_id)


def not_found() -> NotFound:
    return NotFound("transfer_not_found", N_("没有找到这次移送，只有办移送的人能下载"))


def _content(transfer: Transfer) -> dict[str, Any]:
    """``text``: what the desk shows of it."""
    lines = (f"{OFFICES[transfer.to].msgid}：{transfer.office}", transfer.note)
    return {
        "to": transfer.to,
        "office": transfer.office,
        "note": transfer.note,
        "chosen": list(dict.fromkeys(transfer.chosen)),
        "with_text": transfer.with_text,
        "text": "\n".join(line for line in lines if line),
    }


def _check_chosen(session: Session, key: bytes, tip_id: str, chosen: Sequence[str]) -> None:
    found = _entries(session, tip_id, chosen)
    if len(found) != len(set(chosen)):
        raise _invalid("unknown_entry", N_("选的材料里有一份不在这件举报里，请刷新后重新选"))
    opened = [entries.opened(key, row) for row in found]
    if any(one.content is None for one in opened):
        raise _invalid("entry_destroyed", N_("选的材料里有一份已经销毁，请去掉它"))
    sizes = sum(int((one.content or {}).get("size") or 0) for one in opened)
    if sizes > MOST_BYTES:
        words = N_("选的证据一共超过 %(most)d MB，请分几次移送", most=MOST_BYTES // 2**20)
        raise _invalid("package_too_large", words)


def _entries(session: Session, tip_id: str, ids: Sequence[str]) -> list[TipEntry]:
    query = select(TipEntry).where(TipEntry.tip_id == tip_id, TipEntry.id.in_(ids), TipEntry.kind.in_(ALONG))
    return list(session.scalars(query))


def _evidence(session: Session, key: bytes, chosen: Sequence[Entry]) -> list[Evidence]:
    rows = {row.id: row for row in session.scalars(select(TipEntry).where(TipEntry.id.in_([one.id for one in chosen])))}
    return [Evidence(one.id, entries.key_of(key, rows[one.id]), **one.content) for one in chosen if one.content]


def _log_of(session: Session, opener: Opener, tip_id: str, transfer_id: str) -> str:
    """The request by which this investigator wrote the hand-over."""
    mine = (TipLog.tip_id == tip_id, TipLog.entry_id == transfer_id, TipLog.investigator_id == opener.id)
    found = session.scalar(select(TipLog.id).where(*mine, TipLog.act == TRANSFER))
    if found is None:
        raise not_found()
    return found


def _check_untaken(session: Session, tip_id: str, transfer_id: str) -> None:
    query = select(TipLog.id).where(TipLog.tip_id == tip_id, TipLog.entry_id == transfer_id, TipLog.act == TAKEN)
    if session.scalar(query) is not None:
        words = N_("这个包已经下载过了。没有收到的话，再移送一次，会有新的包和新的密码")
        raise Conflict("package_taken", words)


def _invalid(code: str, words: Any) -> Invalid:
    return Invalid(code, words, errors={"entries": [words]})
