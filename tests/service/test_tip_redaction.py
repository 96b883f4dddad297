"""Words destroyed in a tip: no key that is left opens the old bytes, and the old bytes are in no row and no file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from backend.documents.sandbox import Result
from backend.documents.spaces import MEMORY, fill
from backend.kernel import sealing
from backend.kernel.crypto import Unreadable
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.models.tip import Tip, TipChunk, TipEntry, TipLog, TipsBase
from backend.tips import desk, entries, evidence, filing, investigators, mailboxes, proofs, recipients, redaction
from backend.tips.codes import NewMailbox
from backend.tips.cuts import GONE, Cut
from backend.tips.filing import Report, Target
from backend.tips.investigators import NewKey, Staff
from backend.tips.redaction import At
from backend.tips.tokens import Holder
from backend.tips.unlocking import Opener
from backend.tips_runtime import TipsRuntime, build_tips_runtime
from tests.clock import MovableClock

DAY = date(2026, 11, 23)
#: What slipped through: no word beside it says who she is.
SLIPPED = "穿红衣服的张小红"
TEXT = f"周六下午，{SLIPPED}被带到后院"
NAME = "河边诊所张小红处"
HERS = Cut("text", 5, 5 + len(SLIPPED))


@dataclass
class Desk:
    """A released tip before its investigator; ``proof`` and ``opening`` as the reporter took them away."""

    line: TipsRuntime
    tip_id: str
    reporter: Holder
    opener: Opener
    proof: str

    def row(self, kind: str = entries.REPORT) -> TipEntry:
        with self.line.db.reading() as session:
            return session.scalars(select(TipEntry).where(TipEntry.kind == kind)).one()

    def at(self, kind: str = entries.REPORT, edition: int | None = None) -> At:
        return At(self.tip_id, self.row(kind).id, edition)

    def cut(self, *cuts: Cut, kind: str = entries.REPORT, edition: int | None = None) -> int:
        at = self.at(kind, edition)
        return self.line.db.transact(redaction.cut, keys=self.line.keys, opener=self.opener, at=at, cuts=cuts, day=DAY)

    def replace(self, **texts: str) -> int:
        named = {field.replace("__", "."): words for field, words in texts.items()}
        return self.line.db.transact(
            redaction.replace, keys=self.line.keys, opener=self.opener, at=self.at(), texts=named, day=DAY
        )

    def destroy(self, kind: str) -> int:
        return self.line.db.transact(redaction.destroy, opener=self.opener, at=self.at(kind), day=DAY)

    def content(self, kind: str = entries.REPORT) -> dict[str, Any] | None:
        with self.line.db.reading() as session:
            _, key = desk.load(session, opener=self.opener, tip_id=self.tip_id)
            return entries.opened(key, self.row(kind)).content

    def every_key(self) -> list[bytes]:
        """Every key that somebody could get out of the database: the tip's, and those of its entries."""
        with self.line.db.reading() as session:
            _, tip_key = desk.load(session, opener=self.opener, tip_id=self.tip_id)
            rows = session.scalars(select(TipEntry).where(TipEntry.key.is_not(None)))
            return [tip_key, self.opener.private] + [entries.key_of(tip_key, row) for row in rows]

    def everything(self) -> bytes:
        """Each value of each row, and with SQLite each byte of its files."""
        found: list[bytes] = []
        with self.line.db.reading() as session:
            for table in TipsBase.metadata.sorted_tables:
                for row in session.execute(text(f"SELECT * FROM {table.name}")):
                    found += [value if isinstance(value, bytes) else str(value).encode() for value in row]
        if self.line.db.is_sqlite:
            self.line.db.empty_log()
            path = Path(str(self.line.db.engine.url.database))
            found += [one.read_bytes() for one in path.parent.glob(f"{path.name}*")]
        return b"\0".join(found)


@pytest.fixture(params=["settings", "sqlite_settings"], ids=["mariadb", "sqlite"])
def held(request: pytest.FixtureRequest, clock: MovableClock) -> Iterator[Desk]:
    line = build_tips_runtime(request.getfixturevalue(request.param).tips, clock=clock)
    mine, theirs = sealing.new_pair(), sealing.new_pair()
    staff, key = Staff(7, "核查员", "核查", "370402000000"), NewKey(theirs.public, b"-", b"-")
    investigator = line.db.transact(investigators.enrol, staff=staff, key=key, duty=recipients.INVESTIGATE, day=DAY)
    line.db.transact(investigators.appoint, investigator_id=investigator, day=DAY)
    report = Report(Target("institution", NAME, "370402001000"), "sex_determination", TEXT)
    made = proofs.make(line.keys, content=report.content(), day=DAY, county="370402")
    tip_id = line.db.transact(
        filing.file,
        keys=line.keys,
        offline=line.offline,
        county="370402",
        report=report,
        opening=made.opening,
        mailbox=NewMailbox("0" * 64, b"salt", mine.public),
        consume=lambda session: None,
        day=DAY,
    )
    line.db.transact(lambda session: session.execute(update(Tip).values(released_on=DAY)))
    until = datetime(2026, 11, 23, tzinfo=UTC)
    opener = Opener(investigator, "370402", recipients.INVESTIGATE, theirs.private, until)
    yield Desk(line, tip_id, Holder(tip_id, 1, mine.private), opener, made.token)
    line.db.dispose()


def test_no_key_that_is_left_opens_the_old_words(held: Desk) -> None:
    before = held.row()
    at = f"tip|{held.tip_id}|{before.id}"
    assert SLIPPED.encode() in sealing.unseal_padded(held.every_key()[-1], before.content or b"", at)
    assert held.cut(HERS) == 2
    after = held.row()
    assert (after.edition, after.number, after.kind, after.day) == (2, before.number, before.kind, before.day)
    for key in held.every_key():
        with pytest.raises(Unreadable):
            sealing.unseal_padded(key, before.content or b"", at)


def test_old_key_and_old_words_lie_in_no_row_and_no_file(held: Desk) -> None:
    before = held.row()
    old_content, old_key = before.content or b"", before.key or b""
    assert old_content[:64] in held.everything()
    held.cut(HERS)
    left = held.everything()
    assert old_key not in left
    assert not any(old_content[start : start + 64] in left for start in range(0, len(old_content) - 64, 64))


def test_words_are_gone_for_everyone_and_the_rest_stays(held: Desk) -> None:
    held.cut(HERS)
    with held.line.db.reading() as session:
        shown = mailboxes.show(session, holder=held.reporter).entries[0].content
    assert shown == held.content()
    assert (shown or {})["text"] == f"周六下午，{GONE}被带到后院"
    assert (shown or {})["target"]["name"] == NAME


def test_opening_of_the_proof_loses_the_words_and_the_proof_stays_good(held: Desk) -> None:
    held.cut(HERS)
    opening = (held.content() or {})["opening"]
    proof = proofs.read(held.line.keys, held.proof)
    assert set(opening) == {"target", "target_salt", "rest_hash"}
    assert proof is not None
    assert proofs.opens(proof, opening)


def test_target_can_be_put_in_other_words_and_is_no_longer_found_by_the_old(held: Desk) -> None:
    with held.line.db.reading() as session:
        before = session.get_one(Tip, held.tip_id).target_index
    held.replace(target__name="河边诊所")
    with held.line.db.reading() as session:
        after = session.get_one(Tip, held.tip_id).target_index
    content = held.content() or {}
    assert after == held.line.keys.target(filing.target_words(Target("institution", "河边诊所", "370402001000")))
    assert after != before
    assert content["target"]["name"] == "河边诊所"
    assert set(content["opening"]) == {"rest", "rest_salt", "target_hash"}


def test_other_words_that_tell_who_she_is_are_refused(held: Desk) -> None:
    with pytest.raises(Invalid, match="third_party"):
        held.replace(text="孕妇张小红被带到后院")
    assert (held.row().edition, (held.content() or {})["text"]) == (1, TEXT)


def test_log_says_who_on_which_day_and_never_what(held: Desk) -> None:
    held.cut(HERS)
    with held.line.db.reading() as session:
        row = session.scalars(select(TipLog)).one()
    assert (row.act, row.day, row.investigator_id, row.entry_id) == ("redacted", DAY, held.opener.id, held.row().id)


def test_edition_that_was_read_must_still_be_the_last(held: Desk) -> None:
    held.cut(HERS, edition=1)
    with pytest.raises(Conflict, match="redacted_meanwhile"):
        held.cut(Cut("text", 0, 2), edition=1)
    assert held.row().edition == 2


@pytest.mark.parametrize(
    "cuts",
    [
        (),
        (Cut("text", 0, 999),),
        (Cut("text", 3, 3),),
        (Cut("text", -1, 2),),
        (Cut("text", 0, 4), Cut("text", 3, 5)),
        (Cut("target.kind", 0, 2),),
        (Cut("opening.salt", 0, 2),),
    ],
)
def test_cut_that_is_nowhere_changes_nothing(held: Desk, cuts: tuple[Cut, ...]) -> None:
    with pytest.raises(Invalid):
        held.cut(*cuts)
    assert (held.row().edition, (held.content() or {})["text"]) == (1, TEXT)


def test_stranger_destroys_nothing(held: Desk) -> None:
    stranger = Opener("f" * 32, "370402", "investigate", held.opener.private, held.opener.until)
    with pytest.raises(NotFound):
        held.line.db.transact(redaction.destroy, opener=stranger, at=held.at(), day=DAY)
    with pytest.raises(Invalid, match="report_stays"):
        held.destroy(entries.REPORT)
    assert held.content() is not None


def add_evidence(held: Desk, content: bytes, name: str) -> None:
    file = MEMORY.file()
    fill(file, [content])
    with Result(file, "image/jpeg", 12, 8, None) as cleaned:
        held.line.db.transact(evidence.add, holder=held.reporter, cleaned=cleaned, name=name, day=DAY)


def read_evidence(held: Desk) -> tuple[str, bytes]:
    entry_id = held.row(entries.EVIDENCE).id
    found = held.line.db.transact(evidence.look, opener=held.opener, tip_id=held.tip_id, entry_id=entry_id, day=DAY)
    return found.name, b"".join(evidence.content(held.line.db.reading, found))


def test_evidence_is_destroyed_with_all_its_pieces(held: Desk) -> None:
    add_evidence(held, os.urandom(sealing.PIECE + 100), "收费单")
    with held.line.db.reading() as session:
        pieces = [chunk.content for chunk in session.scalars(select(TipChunk))]
    held.destroy(entries.EVIDENCE)
    left = held.everything()
    assert held.content(entries.EVIDENCE) is None
    assert not any(piece[:64] in left for piece in pieces)
    with pytest.raises(NotFound, match="evidence_destroyed"):
        read_evidence(held)
    with pytest.raises(Conflict, match="already_destroyed"):
        held.destroy(entries.EVIDENCE)


def test_label_of_evidence_is_cut_and_the_evidence_sealed_anew(held: Desk) -> None:
    content = os.urandom(2 * sealing.PIECE + 100)
    add_evidence(held, content, "张小红的单子")
    before = held.row(entries.EVIDENCE)
    with held.line.db.reading() as session:
        pieces = [chunk.content for chunk in session.scalars(select(TipChunk).order_by(TipChunk.number))]
    held.cut(Cut("name", 0, 3), kind=entries.EVIDENCE)
    assert read_evidence(held) == (f"{GONE}的单子", content)
    assert before.key not in [held.row(entries.EVIDENCE).key]
    for key in held.every_key():
        with pytest.raises(Unreadable):
            b"".join(sealing.open_stream(key, pieces))
