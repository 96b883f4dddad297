"""The tip line against what it cannot do without: Argon2, libsodium's boxes, and the same SQL by the bare driver.

All in one thread on a durable MariaDB. Sealing of files is measured in ``seal``.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from nacl.public import PrivateKey, PublicKey, SealedBox
from pymysql.connections import Connection
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.kernel import sealing
from backend.models.tip import Tip, TipEntry, TipKey
from backend.tips import codes, entries, filing, lines, proofs, spending
from backend.tips.codes import Code
from backend.tips.filing import Report, Target
from backend.tips.unlocking import Opener
from backend.tips.work import Spent
from backend.tips_app import create_tips_app
from backend.tips_runtime import TipsRuntime, build_tips_runtime
from backend.web import tips
from bench.context import Context
from bench.harness import Figure, compare
from bench.statements import Statement, connect, recording, rehearse, replay
from tests import investigating, tipping

ROUNDS, REPORTS, OPENINGS, LISTS, LISTED = 5, 12, 12, 4, 200
REPORT = Report(
    Target("institution", "光明门诊", "370402001000", "建设路 1 号", ("13800000000",)),
    "sex_determination",
    20 * tipping.TEXT,
)
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Bench:
    at: TipsRuntime
    connection: Connection
    opener: Opener
    code: Code


def run(context: Context) -> list[Figure]:
    """Reports, opened mailboxes and unlocked lists of 200 tips a second."""
    address = context.mariadb.url("bench_tips_line")
    settings, _ = context.installation("bench_tips", TIPS_DATABASE_URL=address)
    at = build_tips_runtime(settings.tips)
    with closing(connect(address)) as connection, create_tips_app(at).app_context():
        opener, _ = investigating.two(at)
        code = tips.file(REPORT, passphrase="", spent=_spent(at)).code
        bench = Bench(at, connection, opener, code)
        figures = [_submit(bench), _inbox(bench), _list(bench)]
    at.db.dispose()
    return figures


def _submit(bench: Bench) -> Figure:
    return compare(
        "tip_submit",
        floor=lambda: _bare_reports(bench),
        ours=lambda: _rate(REPORTS, lambda: tips.file(REPORT, passphrase="", spent=_spent(bench.at))),
        goal="≥ 0.8",
        unit="reports/s",
        rounds=ROUNDS,
    )


def _inbox(bench: Bench) -> Figure:
    with bench.at.db.reading() as session, recording(session.get_bind().engine) as script:
        seen = _open(bench)
    if len(seen["messages"]) != 1:
        raise SystemExit("the mailbox does not show the report")
    return compare(
        "tip_inbox",
        floor=partial(_bare_openings, bench, script),
        ours=lambda: _rate(
            OPENINGS, lambda: tips.inbox(tips.open_mailbox(bench.code.digits, ""), now=bench.at.clock())
        ),
        goal="≥ 0.8",
        unit="openings/s",
        rounds=ROUNDS,
    )


def _open(bench: Bench) -> dict[str, Any]:
    return tips.inbox(tips.open_mailbox(bench.code.digits, ""), now=bench.at.clock())


def _list(bench: Bench) -> Figure:
    """The list as it is the moment its holder gave the passphrase: each line's key and report opened."""
    at = bench.at
    while at.db.transact(_count) < LISTED:
        tips.file(REPORT, passphrase="", spent=_spent(at))
    at.db.transact(_release, at)
    if len(_listing(bench)) != LISTED:
        raise SystemExit("the list is not as long as it should be")
    with at.db.reading() as session, recording(session.get_bind().engine) as script:
        _listing(bench)
    return compare(
        "tip_list",
        floor=partial(_bare_lists, bench, script),
        ours=lambda: _rate(LISTS, lambda: _listing(bench)),
        goal="≥ 0.5",
        unit="lists of 200/s",
        rounds=ROUNDS,
    )


def _rate(times: int, act: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(times):
        act()
    return times / (time.perf_counter() - started)


def _spent(at: TipsRuntime) -> Spent:
    return Spent(at.today, f"{next(_numbers):064x}")


def _listing(bench: Bench) -> list[lines.TipLine]:
    with bench.at.db.reading() as session:
        return lines.listing(
            session, investigator_id=bench.opener.id, private=bench.opener.private, day=bench.at.today, limit=LISTED
        )[:LISTED]


def _count(session: Session) -> int:
    return len(session.scalars(select(Tip.id)).all())


def _release(session: Session, at: TipsRuntime) -> None:
    session.execute(update(Tip).values(released_on=at.today))


def _bare_reports(bench: Bench) -> float:
    """Rehearsed (and rolled back) before the clock starts: the same statements with the same values."""
    at, scripts = bench.at, []
    for _ in range(REPORTS):
        made = proofs.make(at.keys, content=REPORT.content(), day=at.today, county=at.line.county)
        command = partial(
            filing.file,
            keys=at.keys,
            offline=at.offline,
            county=at.line.county,
            report=REPORT,
            opening=made.opening,
            mailbox=codes.new_mailbox(codes.new_code(), "", at.keys),
            consume=partial(spending.spend, spent=_spent(at)),
            day=at.today,
        )
        scripts.append(rehearse(at.db, command))
    waiting = iter(scripts)
    return _rate(REPORTS, lambda: _bare_report(bench, next(waiting)))


def _bare_report(bench: Bench, script: list[Statement]) -> None:
    public = PublicKey(bytes(PrivateKey(_argon()).public_key))
    key, content = sealing.new_key(), orjson.dumps(REPORT.content())
    bench.at.keys.signing.sign(content)
    for _ in range(5):  # two investigators, oversight, recovery, reporter
        SealedBox(public).encrypt(key)
    sealing.seal(key, key, "")
    sealing.seal_padded(key, content, "")
    replay(bench.connection, script)
    bench.connection.commit()


def _bare_openings(bench: Bench, script: list[Statement]) -> float:
    with bench.at.db.reading() as session:
        report = session.scalars(select(TipEntry).where(TipEntry.kind == entries.REPORT).limit(1)).one()
    boxes = iter([_box() for _ in range(OPENINGS)])

    def one() -> None:
        private, sealed, key = next(boxes)
        _argon()
        replay(bench.connection, script)
        SealedBox(PrivateKey(private)).decrypt(sealed)
        again = sealing.seal_padded(key, b"x" * len(report.content or b""), "")
        orjson.loads(orjson.dumps(sealing.unseal_padded(key, again, "").decode()))

    return _rate(OPENINGS, one)


def _bare_lists(bench: Bench, script: list[Statement]) -> float:
    """The boxes and contents are those of the list itself, opened without anything around."""
    with bench.at.db.reading() as session:
        query = select(TipEntry, TipKey.sealed).join(TipKey, TipKey.tip_id == TipEntry.tip_id)
        mine = query.where(TipKey.holder == bench.opener.id, TipEntry.kind == entries.REPORT)
        found = [(row.TipEntry, row.sealed) for row in session.execute(mine)][:LISTED]

    def one() -> None:
        replay(bench.connection, script)
        box = SealedBox(PrivateKey(bench.opener.private))
        for row, sealed in found:
            at = f"tip|{row.tip_id}|{row.id}"
            key = sealing.unseal(box.decrypt(sealed), row.key, at)
            orjson.loads(sealing.unseal_padded(key, row.content, at))

    return _rate(LISTS, one)


def _argon() -> bytes:
    return sealing.from_words("12345678901234567890|", bytes(sealing.SALT))


def _box() -> tuple[bytes, bytes, bytes]:
    pair, key = sealing.new_pair(), sealing.new_key()
    return pair.private, sealing.seal_to(pair.public, key), key
