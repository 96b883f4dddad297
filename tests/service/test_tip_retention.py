"""Retention: what was closed half a year ago or taken back is gone, keys first, and only a number is left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kernel import sealing
from backend.kernel.errors import NotFound
from backend.models.tip import Mailbox, Tip, TipChunk, TipCount, TipEntry, TipKey, TipLog
from backend.runtime import Runtime, build_runtime
from backend.tips import counting, desk, entries, leaving, mailboxes, moving, shredding
from backend.tips.moving import Words
from backend.tips.tokens import Holder
from backend.tips_runtime import TipsRuntime
from config.settings import Settings
from tests.clock import MONDAY
from tests.tip_rewards import DAY, Member, file, found_true, member, move
from workers import tips

TABLES = (Tip, TipKey, TipEntry, TipChunk, TipLog, Mailbox)
HALF_A_YEAR = timedelta(days=180)


@pytest.fixture(params=["settings", "sqlite_settings"])
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    settings: Settings = request.getfixturevalue(request.param)
    found = build_runtime(settings)
    yield found
    for one in (found.db, found.tips.db):
        one.dispose()


@pytest.fixture
def at(runtime: Runtime) -> TipsRuntime:
    return runtime.tips


@pytest.fixture
def hecha(at: TipsRuntime) -> Member:
    return member(at, 1)


def evidence(at: TipsRuntime, reporter: Holder, content: bytes) -> list[bytes]:
    """Put a sealed file into the tip as the mailbox does; its pieces."""
    key, entry_id = sealing.new_key(), entries.new_id()
    pieces = list(sealing.seal_stream(key, [content]))

    def write(session: Session) -> None:
        tip_key = mailboxes.tip_key(session, holder=reporter)
        facts = {"name": "照片", "mime": "image/jpeg", "size": len(content)}
        kind, author = entries.EVIDENCE, entries.REPORTER
        entries.write(
            session,
            tip_key,
            tip_id=reporter.tip_id,
            kind=kind,
            author=author,
            content=facts,
            day=DAY,
            entry_id=entry_id,
            key=key,
        )
        for number, piece in enumerate(pieces):
            session.add(TipChunk(entry_id=entry_id, number=number, content=piece))

    at.db.transact(write)
    return pieces


def close(at: TipsRuntime, reporter: Holder, day: date) -> None:
    move(at, reporter, "closed", outcome="substantiated", closed_on=day, moved_on=day)


def left(at: TipsRuntime) -> dict[str, int]:
    """How many rows each table has."""
    with at.db.reading() as session:
        return {table.__tablename__: len(list(session.scalars(select(table)))) for table in TABLES}


def sweep(runtime: Runtime, day: date) -> None:
    """What the relay runs, on that day."""
    later = MONDAY + (day - DAY)
    object.__setattr__(runtime.tips, "clock", lambda: later)
    tips.shred(runtime)


def test_closed_tip_is_gone_after_half_a_year_and_not_before(runtime: Runtime, at: TipsRuntime, hecha: Member) -> None:
    reporter = found_true(at)
    evidence(at, reporter, b"x" * 5000)
    with at.db.reading() as session:
        assert desk.load(session, opener=hecha.opener, tip_id=reporter.tip_id)
    close(at, reporter, DAY)
    before = left(at)
    sweep(runtime, DAY + HALF_A_YEAR - timedelta(days=1))
    assert left(at) == before
    sweep(runtime, DAY + HALF_A_YEAR)
    assert set(left(at).values()) == {0}
    with pytest.raises(NotFound), at.db.reading() as session:
        mailboxes.show(session, holder=reporter)


def test_keys_go_first_and_a_killed_run_goes_on(runtime: Runtime, at: TipsRuntime) -> None:
    reporter, other = found_true(at), file(at)
    close(at, reporter, DAY)
    at.db.transact(shredding.destroy_due, limit=50, day=DAY + HALF_A_YEAR)
    with at.db.reading() as session:
        kept = list(session.scalars(select(TipEntry).where(TipEntry.tip_id == reporter.tip_id)))
        keys = set(session.scalars(select(TipKey.tip_id)))
    assert [row.key for row in kept] == [None]
    assert keys == {other.tip_id}
    sweep(runtime, DAY + HALF_A_YEAR)
    assert left(at)["tip"] == left(at)["tip_entry"] == left(at)["mailbox"] == 1


def test_report_that_was_taken_back_is_gone_at_once(runtime: Runtime, at: TipsRuntime) -> None:
    reporter = file(at)
    evidence(at, reporter, b"x")
    assert at.db.transact(leaving.withdraw, holder=reporter, day=DAY)
    sweep(runtime, DAY)
    assert set(left(at).values()) == {0}


def test_report_that_was_handed_over_stays_with_the_office(runtime: Runtime, at: TipsRuntime) -> None:
    reporter = file(at)
    move(at, reporter, "transferred")
    assert not at.db.transact(leaving.withdraw, holder=reporter, day=DAY)
    sweep(runtime, DAY + HALF_A_YEAR)
    assert left(at)["tip"] == 1


def test_words_that_came_while_it_was_destroyed_are_cleared_away(runtime: Runtime, at: TipsRuntime) -> None:
    reporter = file(at)
    with at.db.reading() as session:
        tip_key = mailboxes.tip_key(session, holder=reporter)
    at.db.transact(leaving.withdraw, holder=reporter, day=DAY)
    sweep(runtime, DAY)
    words = partial(entries.write, tip_key=tip_key, tip_id=reporter.tip_id, kind=entries.MESSAGE, day=DAY)
    at.db.transact(words, author=entries.REPORTER, content={"text": "还有"})
    sweep(runtime, DAY)
    assert left(at)["tip_entry"] == 0


def test_what_nobody_closed_is_closed_and_goes_later(runtime: Runtime, at: TipsRuntime) -> None:
    move(at, file(at), "unsubstantiated", moved_on=DAY)
    sweep(runtime, DAY + HALF_A_YEAR)
    with at.db.reading() as session:
        assert [(row.status, row.closed_on) for row in session.scalars(select(Tip))] == [("closed", DAY + HALF_A_YEAR)]
    sweep(runtime, DAY + 2 * HALF_A_YEAR)
    assert left(at)["tip"] == 0


def test_closing_keeps_what_it_came_to_and_reopening_forgets_it(at: TipsRuntime, hecha: Member) -> None:
    reporter, found = file(at), []
    for name in ("verify", "substantiate", "close", "reopen"):
        at.db.transact(
            moving.move,
            opener=hecha.opener,
            tip_id=reporter.tip_id,
            name=name,
            words=Words(),
            version=None,
            day=DAY,
            log_id=entries.new_id(),
        )
        with at.db.reading() as session:
            found.append(session.get_one(Tip, reporter.tip_id).outcome)
    assert found == [None, "substantiated", "substantiated", None]


def test_counts_survive_and_are_shown_from_five_when_the_year_is_over(runtime: Runtime, at: TipsRuntime) -> None:
    close(at, file(at), DAY)
    for outcome in ["substantiated", "unsubstantiated"] * 4:
        at.db.transact(counting.add, county="370402", year=2027, outcome=outcome)
    sweep(runtime, DAY + HALF_A_YEAR)
    with at.db.reading() as session:
        assert {row.outcome: row.number for row in session.scalars(select(TipCount))} == {
            "substantiated": 5,
            "unsubstantiated": 4,
        }
        assert counting.shown(session, county="370402", today=date(2027, 12, 31)) == []
        shown = counting.shown(session, county="370402", today=date(2028, 1, 1))
    assert shown == [counting.Cell(2027, "substantiated", 5)]


def test_sqlite_file_holds_no_byte_of_what_was_shredded(sqlite_settings: Settings) -> None:
    runtime = build_runtime(sqlite_settings)
    at = runtime.tips
    reporter = found_true(at)
    pieces = evidence(at, reporter, b"x" * 300_000)
    with at.db.reading() as session:
        boxes = list(session.scalars(select(TipKey.sealed)))
        sealed = [row.content or b"" for row in session.scalars(select(TipEntry))]
    close(at, reporter, DAY)
    secrets = [part[:64] for part in (*boxes, *sealed, *pieces)]
    assert all(_anywhere(at, part) for part in secrets)
    sweep(runtime, DAY + HALF_A_YEAR)
    assert not any(_anywhere(at, part) for part in secrets)
    at.db.dispose()


def _anywhere(at: TipsRuntime, part: bytes) -> bool:
    path = Path(at.line.data_dir)
    return any(part in one.read_bytes() for one in path.glob("tips.db*"))
