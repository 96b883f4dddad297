"""Evidence in the rows of a tip: sealed, counted, all of it or nothing, and read back by whoever may."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, text, update

from backend.documents.sandbox import Result
from backend.documents.spaces import MEMORY, fill
from backend.kernel import sealing
from backend.kernel.crypto import Unreadable
from backend.kernel.errors import Invalid, NotFound
from backend.models.tip import Tip, TipChunk, TipEntry, TipLog
from backend.tips import evidence, filing, investigators, leaving, recipients
from backend.tips.codes import NewMailbox
from backend.tips.filing import Report, Target
from backend.tips.investigators import NewKey, Staff
from backend.tips.tokens import Holder
from backend.tips.unlocking import Opener
from backend.tips_runtime import TipsRuntime, build_tips_runtime
from tests.clock import MovableClock

DAY = date(2026, 11, 23)
NAME = "收费单河边"
TOWN = "370402001000"


@dataclass
class Filed:
    """A released tip with its reporter and one investigator."""

    line: TipsRuntime
    holder: Holder
    opener: Opener

    def add(self, content: bytes, name: str = NAME) -> str:
        with kept(content) as cleaned:
            return self.line.db.transact(evidence.add, holder=self.holder, cleaned=cleaned, name=name, day=DAY)

    def look(self, entry_id: str) -> evidence.Evidence:
        return self.line.db.transact(
            evidence.look, opener=self.opener, tip_id=self.holder.tip_id, entry_id=entry_id, day=DAY
        )

    def read(self, entry_id: str) -> bytes:
        return b"".join(evidence.content(self.line.db.reading, self.look(entry_id)))

    def count(self, model: type) -> int:
        with self.line.db.reading() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0


def kept(content: bytes) -> Result:
    """What cleaning gives."""
    file = MEMORY.file()
    fill(file, [content])
    return Result(file, "image/jpeg", 12, 8, None)


@pytest.fixture(params=["settings", "sqlite_settings"], ids=["mariadb", "sqlite"])
def filed(request: pytest.FixtureRequest, clock: MovableClock) -> Iterator[Filed]:
    line = build_tips_runtime(request.getfixturevalue(request.param).tips, clock=clock)
    mine, theirs = sealing.new_pair(), sealing.new_pair()
    staff = Staff(7, "核查员", "核查", "370402000000")
    enrol = {"staff": staff, "key": NewKey(theirs.public, b"-", b"-"), "duty": recipients.INVESTIGATE, "day": DAY}
    investigator = line.db.transact(investigators.enrol, **enrol)
    line.db.transact(investigators.appoint, investigator_id=investigator, day=DAY)
    tip_id = line.db.transact(
        filing.file,
        keys=line.keys,
        offline=line.offline,
        county="370402",
        report=Report(Target("institution", "河边诊所", TOWN), "sex_determination", "二楼"),
        opening={},
        mailbox=NewMailbox("0" * 64, b"salt", mine.public),
        consume=lambda session: None,
        day=DAY,
    )
    line.db.transact(lambda session: session.execute(update(Tip).values(released_on=DAY)))
    opener = Opener(investigator, "370402", recipients.INVESTIGATE, theirs.private, datetime(2026, 11, 23, tzinfo=UTC))
    yield Filed(line, Holder(tip_id, 1, mine.private), opener)
    line.db.dispose()


def test_evidence_comes_back_as_it_was_kept_and_the_look_is_logged(filed: Filed) -> None:
    content = os.urandom(2 * sealing.PIECE + 1234)
    entry = filed.add(content)
    found = filed.look(entry)
    assert (found.name, found.mime, found.size) == (NAME, "image/jpeg", len(content))
    assert filed.read(entry) == content
    with filed.line.db.reading() as session:
        assert session.scalars(select(TipLog.act)).all() == [evidence.LOOKED] * 2
        assert set(session.scalars(select(TipLog.entry_id))) == {entry}


@pytest.mark.parametrize("size", [100, 4095, 4096, sealing.PIECE - 1, sealing.PIECE, sealing.PIECE + 1])
def test_evidence_in_rows_tells_its_size_in_steps_of_4_kib_only(filed: Filed, size: int) -> None:
    filed.add(content := os.urandom(size))
    with filed.line.db.reading() as session:
        pieces = session.scalars(select(TipChunk.content).order_by(TipChunk.number)).all()
        entry = session.scalars(select(TipEntry.content).where(TipEntry.kind == "evidence")).one()
    assert len(pieces[0]) == 24
    assert (len(pieces[-1]) - 17) % 4096 == 0
    assert sum(map(len, pieces)) > size
    assert (len(entry) - 24 - 16) % 4096 == 0
    assert all(content[:64] not in piece for piece in pieces)


def test_evidence_name_and_type_stand_nowhere_in_the_database(filed: Filed) -> None:
    filed.add(b"x" * 5000)
    tables = ("tip", "tip_key", "tip_entry", "tip_chunk", "tip_log", "mailbox")
    with filed.line.db.reading() as session:
        rows = [repr(row) for table in tables for row in session.execute(text(f"SELECT * FROM {table}"))]
    for trace in (NAME, repr(NAME.encode())[2:-1], "image/jpeg", "xxxx"):
        assert not [row for row in rows if trace in row]


def test_evidence_of_others_is_not_found(filed: Filed) -> None:
    entry = filed.add(b"x")
    stranger = Opener("f" * 32, "370402", "investigate", filed.opener.private, filed.opener.until)
    calls = [
        (stranger, filed.holder.tip_id, entry),
        (filed.opener, "0" * 32, entry),
        (filed.opener, filed.holder.tip_id, "0" * 32),
    ]
    for opener, tip_id, entry_id in calls:
        with pytest.raises(NotFound):
            filed.line.db.transact(evidence.look, opener=opener, tip_id=tip_id, entry_id=entry_id, day=DAY)
    assert filed.count(TipLog) == 0


def test_evidence_whose_key_was_destroyed_says_so(filed: Filed) -> None:
    entry = filed.add(b"x")
    filed.line.db.transact(lambda session: session.execute(update(TipEntry).values(key=None)))
    with pytest.raises(NotFound) as refused:
        filed.look(entry)
    assert refused.value.code == "evidence_destroyed"


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM tip_chunk WHERE number = 2",
        "DELETE FROM tip_chunk WHERE number = 1",
        "UPDATE tip_chunk SET number = 9 WHERE number = 1",
        "UPDATE tip_chunk SET content = (SELECT content FROM (SELECT * FROM tip_chunk) AS c WHERE number = 2)",
    ],
    ids=["end missing", "middle missing", "moved", "copied"],
)
def test_evidence_that_was_changed_in_the_table_is_unreadable(filed: Filed, harm: str) -> None:
    entry = filed.add(os.urandom(sealing.PIECE + 100))
    filed.line.db.transact(lambda session: session.execute(text(harm)))
    with pytest.raises(Unreadable):
        filed.read(entry)


def test_evidence_beyond_20_is_refused_and_leaves_nothing(filed: Filed) -> None:
    for _ in range(evidence.MOST):
        filed.add(b"x")
    with filed.line.db.reading() as session, pytest.raises(Invalid) as early:
        evidence.check_room(session, holder=filed.holder)
    with pytest.raises(Invalid) as late:
        filed.add(b"x")
    assert early.value.code == late.value.code == "too_many_files"
    assert (filed.count(TipEntry), filed.count(TipChunk)) == (1 + evidence.MOST, 2 * evidence.MOST)


def test_evidence_sent_at_once_never_exceeds_20(filed: Filed) -> None:
    for _ in range(evidence.MOST - 1):
        filed.add(b"x")
    ready = threading.Barrier(4)

    def send(_: int) -> bool:
        ready.wait()
        try:
            filed.add(os.urandom(9000))
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [False, False, False, True]
    assert filed.count(TipEntry) == 1 + evidence.MOST


class Broken(io.BytesIO):
    """Memory that fails half-way."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= sealing.PIECE:
            raise OSError("gone")
        return super().read(size)


def test_evidence_that_breaks_off_while_it_is_sealed_leaves_no_row(filed: Filed) -> None:
    cleaned = Result(Broken(bytes(3 * sealing.PIECE)), "image/jpeg", 12, 8, None)
    with pytest.raises(OSError, match="gone"):
        filed.line.db.transact(evidence.add, holder=filed.holder, cleaned=cleaned, name="", day=DAY)
    assert (filed.count(TipEntry), filed.count(TipChunk)) == (1, 0)


def test_evidence_after_withdrawal_finds_no_mailbox(filed: Filed) -> None:
    filed.line.db.transact(leaving.withdraw, holder=filed.holder, day=DAY)
    with pytest.raises(NotFound) as refused:
        filed.add(b"x")
    assert refused.value.code == "tip_not_found"
    assert filed.count(TipChunk) == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("收费单.jpg", "收费单"),
        ("../../etc/二楼门口.PDF", "二楼门口"),
        ("录音\u202e\x00\r\n第二段", "录音第二段"),
        ("字" * 300, "字" * 60),
        ("IMG_20261112_101530.jpg", ""),
        ("mmexport1699762530123", ""),
        ("3.5 元一次", "3.5 元一次"),
        (None, ""),
        ("  ", ""),
    ],
)
def test_evidence_label_is_words_of_a_person(typed: str | None, said: str) -> None:
    assert evidence.label(typed) == said
