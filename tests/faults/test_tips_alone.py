"""The tip line alone: its own process, account and variables; what goes over the wire; killed in the middle of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pymysql
import pytest
from sqlalchemy import text

from backend.db import Database
from ops.leash import leash
from ops.migrate import TIPS
from ops.supervision import web_command
from tests import evidence_files, traces
from tests.reporter import WORDS, Reporter
from tests.schema import empty
from tests.servers import MariaDb, free_port

ROOT = Path(__file__).resolve().parents[2]
STEP = 8192
INBOX = "/api/v1/tips/inbox"


class Alone:
    """granian with ``tips_wsgi`` and no variable but its own."""

    def __init__(self, url: str, data: Path) -> None:
        self.data, self.port, self._url = data, free_port(), url
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        (self.data / "home").mkdir(exist_ok=True)
        home = str(self.data / "home")
        environment = {"PATH": os.environ["PATH"], "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8"}
        environment |= {"PROFILE": "test", "DATA_DIR": str(self.data / "data"), "TIPS_DATABASE_URL": self._url}
        command = leash(web_command("127.0.0.1", self.port, target="tips_wsgi:app"))
        with (self.data / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        end = time.monotonic() + 60
        while not self.answers():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < end, self.log()
            time.sleep(0.05)
        return self

    def answers(self) -> bool:
        try:
            return Reporter(self.port).call("GET", "/tips/keys").status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """The master with its worker, as a power cut ends them."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        pids = [int(pid) for pid in children.read_text().split()] if children.exists() else []
        for pid in (self.process.pid, *pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def log(self) -> str:
        return (self.data / "log").read_text(errors="replace")


@pytest.fixture(scope="module")
def url(mariadb: MariaDb, tips_engine: Database, tips_url: str) -> str:
    """The database under an account that may read and write rows of it, and nothing else."""
    name = tips_url.rpartition("/")[2]
    with contextlib.closing(mariadb.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE USER IF NOT EXISTS tips_alone@'127.0.0.1' IDENTIFIED BY 'secret'")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{name}`.* TO tips_alone@'127.0.0.1'")
    empty(tips_engine.engine, TIPS)
    return f"mysql+pymysql://tips_alone:secret@127.0.0.1:{mariadb.port}/{name}"


@pytest.fixture(scope="module")
def alone(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    server = Alone(url, tmp_path_factory.mktemp("alone")).start()
    yield server
    server.kill()


@pytest.fixture
def reporter(alone: Alone) -> Reporter:
    return Reporter(alone.port)


def wire(port: int, path: str, body: Any, token: str = "") -> bytes:
    """Every byte of an answer but the second in ``Date``."""
    raw = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/json", "Connection: close"]
    lines += [f"Content-Length: {len(raw)}", *([f"Tip-Token: {token}"] if token else []), "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        link.sendall("\r\n".join(lines).encode() + raw)
        answer = b"".join(iter(lambda: link.recv(65536), b""))
    return re.sub(rb"(?i)date: [^\r]{29}\r", b"date: \r", answer)


def test_account_of_the_tip_line_reads_nothing_of_the_residents(
    mariadb: MariaDb, mariadb_url: str, tips_url: str, url: str
) -> None:
    """And the other way round."""
    main, tips = (address.rpartition("/")[2] for address in (mariadb_url, tips_url))
    with contextlib.closing(mariadb.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE USER IF NOT EXISTS main_alone@'127.0.0.1' IDENTIFIED BY 'secret'")
        cursor.execute(f"GRANT ALL ON `{main}`.* TO main_alone@'127.0.0.1'")
    for user, own, other in (
        ("tips_alone", f"{tips}.mailbox", f"{main}.resident"),
        ("main_alone", f"{main}.resident", f"{tips}.mailbox"),
    ):
        link = pymysql.connect(host="127.0.0.1", port=mariadb.port, user=user, password="secret", ssl_disabled=True)
        with contextlib.closing(link), link.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM {own}")
            with pytest.raises(pymysql.err.OperationalError, match="1142"):
                cursor.execute(f"SELECT COUNT(*) FROM {other}")
            with pytest.raises(pymysql.err.OperationalError, match=r"1142|1044"):
                cursor.execute(f"SELECT * FROM {own} JOIN {other}")


@pytest.mark.slow
def test_tip_line_alone_serves_a_whole_journey(alone: Alone, reporter: Reporter) -> None:
    assert reporter.file().status == 201
    token = reporter.open()
    assert reporter.hand_in(token, evidence_files.jpeg()).status == 201
    assert reporter.call("POST", "/tips/messages", {"text": WORDS["message"]}, Tip_Token=token).status == 201
    assert reporter.call("POST", "/proofs", {"proof": reporter.told["proof"]}).json["status"] == "valid"
    renewed = reporter.call("POST", "/tips/receipt-renewal", {}, Tip_Token=token)
    assert renewed.status == 201
    reporter.keep("new", renewed.json["receipt_code"])
    assert reporter.call("POST", "/tips/withdrawal", Tip_Token=reporter.open("new", "")).json == {"destroyed": True}
    assert traces.search([alone.data], reporter.needles()) == {}
    assert {path.name for path in (alone.data / "data").rglob("*")} <= {"secrets.json", "secrets.lock"}
    assert alone.log().count("\n") <= 5


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    ["/login", "/staff", "/api/v1/me", "/healthz", "/readyz", "/metrics", "/dev/messages", "/static/app.css"],
)
def test_tip_line_alone_has_nothing_of_the_house(reporter: Reporter, path: str) -> None:
    assert reporter.send("GET", path).status == 404


@pytest.mark.slow
def test_every_wrong_code_is_the_same_on_the_wire(alone: Alone, reporter: Reporter) -> None:
    """Status line, names, order and values of the fields, body and length; a fresh mailbox is as long as none."""
    assert reporter.file().status == 201
    assert reporter.call("POST", "/tips/withdrawal", Tip_Token=reporter.open()).status == 200
    gone = reporter.told["code"]
    assert reporter.file().status == 201
    code = reporter.told["code"]
    last = str((int(code[-1]) + 1) % 10)
    right = {"receipt_code": code, "passphrase": WORDS["passphrase"]}
    wrong = [
        *({"receipt_code": "0" * 28}, {"receipt_code": "x"}, {"receipt_code": code}),
        *(right | {"receipt_code": gone}, right | {"receipt_code": code[:-1] + last}, right | {"passphrase": "x"}),
    ]
    answers = {wire(alone.port, INBOX, body) for body in wrong}
    assert len(answers) == 1
    refused, opened = answers.pop(), wire(alone.port, INBOX, right)
    assert refused.startswith(b"HTTP/1.1 404")
    assert opened.startswith(b"HTTP/1.1 200")
    # The words of the status line alone differ: "OK" and "Not Found".
    assert {len(refused.partition(b"\r\n")[2]) - len(opened.partition(b"\r\n")[2])} <= {-7, 0, 7}


@pytest.mark.slow
def test_killed_in_mid_submit_loses_nothing_acknowledged_and_keeps_nothing_half(
    alone: Alone, tips_engine: Database
) -> None:
    acknowledged: list[str] = []
    ended = threading.Event()

    def go_on() -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError, Exception):
                reporter = Reporter(alone.port)
                if reporter.file(passphrase="").status == 201:
                    acknowledged.append(reporter.told["code"])

    threads = [threading.Thread(target=go_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        known = len(acknowledged)
        end = time.monotonic() + 20
        while len(acknowledged) < known + 4 and time.monotonic() < end:
            time.sleep(0.02)
        alone.kill()
        alone.start()
    ended.set()
    for thread in threads:
        thread.join()
    assert len(acknowledged) >= 8
    for code in acknowledged:
        body = {"receipt_code": code}
        assert Reporter(alone.port).call("POST", "/tips/inbox", body).json["messages"][0]["text"] == WORDS["text"]
    assert whole(tips_engine) == []


def whole(database: Database) -> list[Any]:
    """Tips without one of their parts, and parts without a tip."""
    lacking = (
        "SELECT id FROM tip WHERE closed_on IS NULL AND (id NOT IN (SELECT tip_id FROM tip_entry) OR entries = 0 "
        "OR (SELECT COUNT(*) FROM tip_key WHERE tip_id = tip.id) < 3 OR id NOT IN (SELECT tip_id FROM mailbox))"
    )
    orphans = "SELECT tip_id FROM {} WHERE tip_id NOT IN (SELECT id FROM tip)"
    with database.reading() as session:
        found = list(session.execute(text(lacking)))
        for table in ("tip_entry", "tip_key", "mailbox"):
            found += list(session.execute(text(orphans.format(table))))
    return found
