"""After a whole journey of a tip nothing in the house tells who it was, or when: every byte of every place is read."""

from __future__ import annotations

import contextlib
import re
import signal
import sqlite3
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import pytest
from redis import Redis

from tests import traces
from tests.journeys.product import Product
from tests.reporter import Reporter
from tests.servers import Broker, MariaDb, find
from tests.tip_journey import Office, gone, looked_into, reported

#: Midnight in China, in seconds of a day of UTC.
MIDNIGHT = 16 * 3600
#: Of the investigator, who is no secret: must be found, or nothing was read.
KNOWN = "举报核查岗"
#: Types of events in MariaDB's binary log that matter here.
QUERY, TABLE, COMMIT, GTID = 2, 19, 16, 162
_HEAD = struct.Struct("<IBIIIH")


class Logged(MariaDb):
    """A server of its own for tips, with a binary log."""

    def command(self) -> list[str]:
        kept = [part for part in super().command() if part != "--skip-log-bin"]
        return [*kept, f"--log-bin={self.directory}/log-bin", "--server-id=7", "--log-bin-compress=OFF"]

    def run(self, *statements: str) -> list[Any]:
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())

    def dump(self) -> bytes:
        """All of it, as a backup has it."""
        program = find(("mariadb-dump", "/usr/bin/mariadb-dump"), "mariadb-client")
        command = [program, "--no-defaults", "-h127.0.0.1", f"-P{self.port}", "-uroot", "--all-databases", "--skip-ssl"]
        return subprocess.run([*command, "--hex-blob"], capture_output=True, check=True).stdout

    def halt(self) -> Self:
        """A clean end: every page goes to the disk, and the files stay."""
        self._end(signal.SIGTERM)
        return self


@dataclass(frozen=True, slots=True)
class Group:
    """The events of one transaction in a binary log."""

    tables: frozenset[tuple[str, str]]
    moments: tuple[int, ...]


def groups(content: bytes) -> Iterator[Group]:
    """Transactions with rows in one binary log (MariaDB, format version 4)."""
    at, tables, moments = 4, set[tuple[str, str]](), list[int]()
    while at + _HEAD.size <= len(content):
        moment, kind, _, length, _, _ = _HEAD.unpack_from(content, at)
        body = content[at + _HEAD.size : at + length]
        if kind == GTID:
            tables, moments = set(), []
        moments.append(moment)
        if kind == TABLE:
            tables.add(_names(body))
        if kind == COMMIT or (kind == QUERY and b"COMMIT" in body):
            yield Group(frozenset(tables), tuple(moments))
        at += length


def _names(body: bytes) -> tuple[str, str]:
    """Database and table of a table map: id (6), flags (2), then both with their lengths."""
    first = body[8]
    second = body[10 + first]
    return body[9 : 9 + first].decode(), body[11 + first : 11 + first + second].decode()


@pytest.fixture
def logged() -> Iterator[Logged]:
    with Logged() as server:
        yield server


def alone(server: Logged, database: str) -> str:
    """The address of a database under an account that may do nothing else."""
    server.url(database)
    server.run("CREATE USER tips@'127.0.0.1' IDENTIFIED BY 'secret'", f"GRANT ALL ON {database}.* TO tips@'127.0.0.1'")
    return f"mysql+pymysql://tips:secret@127.0.0.1:{server.port}/{database}"


def no_more_than_rows(server: Logged, database: str) -> None:
    """After the tables are made the account may read and write rows, and nothing else."""
    server.run(
        f"REVOKE ALL ON {database}.* FROM tips@'127.0.0.1'",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {database}.* TO tips@'127.0.0.1'",
    )


def stopped(product: Product) -> None:
    """The whole product ended in order; its files stay until the fixture goes."""
    assert product.process is not None
    product.process.send_signal(signal.SIGTERM)
    product.process.wait(30)


def quiet_lines(product: Product) -> None:
    """What the log says of the exceptions: their kinds and places, and no time.

    A sweep that meets the broken database says when: it comes by the clock, not because of anybody.
    """
    said = [line for line in product.output().splitlines() if " workers.schedule " not in line]
    lines = [line for line in said if re.search(r"\w*Error at ", line)]
    assert lines
    assert [line for line in lines if not re.fullmatch(r"\w+ at [\w<>. :]+", line)] == []


@pytest.mark.slow
def test_nothing_is_left_of_a_reporter_on_mariadb(mariadb: MariaDb, logged: Logged, tmp_path: Path) -> None:
    main = mariadb.url("tip_traces")
    with Broker() as broker:
        values = {"DATABASE_URL": main, "TIPS_DATABASE_URL": alone(logged, "tips"), "REDIS_URL": broker.url()}
        with Product(values | {"TMPDIR": str(tmp_path)}) as product:
            no_more_than_rows(logged, "tips")

            @contextlib.contextmanager
            def broken(table: str) -> Iterator[None]:
                logged.run(f"RENAME TABLE tips.{table} TO tips.away")
                try:
                    yield
                finally:
                    logged.run(f"RENAME TABLE tips.away TO tips.{table}")

            office, reporter = Office(product.port), Reporter(product.port)
            reported(reporter, broken)
            reporter.told |= looked_into(office, broken)
            gone(reporter)
            office.at(None)
            with Redis.from_url(broker.url()) as client:
                client.save()
            wanted, known = reporter.needles(), traces.needles({"known": KNOWN})
            (tmp_path / "tips.sql").write_bytes(logged.dump())
            (tmp_path / "main.sql").write_bytes(dumped(mariadb, "tip_traces"))
            kept = logged.run(
                "SELECT table_name, last_update FROM mysql.innodb_table_stats WHERE database_name = 'tips'"
            )
            stopped(product)
            logged.halt()
            places = [product.data, logged.directory, broker.directory, tmp_path]
            assert traces.search(places, wanted) == {}
            found = {Path(path).suffix for path in traces.search(places, known)}
            assert found >= {".sql", ".ibd"}
            assert traces.search([logged.directory], traces.needles({"table": "tip_entry"}))
            assert [name for name, _ in kept if name != "alembic_version"] == []
            quiet_lines(product)
            logs = sorted(logged.directory.glob("log-bin.0*"))
            written = [group for path in logs for group in groups(path.read_bytes())]
            ours = [g for g in written if any(t[0] == "tips" and t[1] != "alembic_version" for t in g.tables)]
            assert len(ours) > 10
            assert {table for group in ours for _, table in group.tables} >= {
                "tip",
                "tip_entry",
                "tip_chunk",
                "mailbox",
            }
            assert {moment % 86400 for group in ours for moment in group.moments} == {MIDNIGHT}
    mariadb.drop("tip_traces")


def dumped(server: MariaDb, database: str) -> bytes:
    program = find(("mariadb-dump", "/usr/bin/mariadb-dump"), "mariadb-client")
    command = [program, "--no-defaults", "-h127.0.0.1", f"-P{server.port}", "-uroot", "--skip-ssl", database]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.slow
def test_nothing_is_left_of_a_reporter_on_the_embedded_default(embedded: Product) -> None:
    file = embedded.data / "tips.db"

    @contextlib.contextmanager
    def broken(table: str) -> Iterator[None]:
        with contextlib.closing(sqlite3.connect(file, timeout=20, isolation_level=None)) as link:
            link.execute(f"ALTER TABLE {table} RENAME TO away")
        try:
            yield
        finally:
            with contextlib.closing(sqlite3.connect(file, timeout=20, isolation_level=None)) as link:
                link.execute(f"ALTER TABLE away RENAME TO {table}")

    office, reporter = Office(embedded.port), Reporter(embedded.port)
    began = datetime.now(UTC)
    try:
        reported(reporter, broken)
        reporter.told |= looked_into(office, broken)
        gone(reporter)
    finally:
        office.at(None)
    with Redis(unix_socket_path=str(embedded.data / "broker.sock")) as client:
        client.save()
    assert traces.search([embedded.data], reporter.needles()) == {}
    assert traces.search([embedded.data], traces.needles({"known": KNOWN}))
    quiet_lines(embedded)
    ended = datetime.now(UTC)
    moments = {f"{n}": str(n).encode() for n in range(int(began.timestamp()), int(ended.timestamp()) + 1)}
    assert traces.hits(file.read_bytes() + file.with_name("tips.db-wal").read_bytes(), moments) == []
