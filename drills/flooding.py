"""What the drills of the tip line share: the real server, people who report honestly, and a crowd that does not."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.settings import ROOT
from config.tip_line import TipLine, load_tip_line
from ops.leash import leash
from ops.migrate import TIPS
from ops.supervision import tips_command
from tests import tipping
from tests.schema import build
from tests.servers import MariaDb, free_port

API = "/api/v1/tips"
PATIENCE = 30.0
#: Bytes of a huge body, connections that drip, threads that send rubbish.
HUGE, DRIPPING, THREADS = 21 * 2**20, 300, 16
Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Stage:
    line: TipLine
    mariadb: MariaDb
    port: int


@contextmanager
def stage() -> Iterator[Stage]:
    """The tip line alone, as in production: its own process behind its front, on a durable MariaDB."""
    with ExitStack() as stack:
        mariadb = stack.enter_context(MariaDb(durable=True))
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yg-")))
        port = free_port()
        more = {"PROFILE": "test", "DATA_DIR": str(directory), "PORT": str(port)}
        more["TIPS_DATABASE_URL"] = mariadb.url("tips")
        build(more["TIPS_DATABASE_URL"], TIPS)
        command = leash(tips_command("127.0.0.1", port))
        with (directory / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=os.environ | more, stdout=log, stderr=log)
        stack.callback(_end, process)
        found = Stage(load_tip_line(more), mariadb, port)
        Caller(port).until_up()
        yield found


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
        return
    process.kill()
    process.wait()


class Caller:
    """One connection that is made again when it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, body: Any = None, *, token: str = "") -> Answer:
        """Status and JSON; 0 when the line broke or nothing came in time."""
        headers = {"Content-Type": "application/json"} | ({"Tip-Token": token} if token else {})
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        try:
            self._connection = self._connection or http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
            self._connection.request(method, f"{API}{path}", raw, headers)
            answer = self._connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text.startswith(b"{") else {}
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return 0, {}

    def close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def until_up(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.call("GET", "/challenge")[0] != 200:
            if time.monotonic() > deadline:
                raise SystemExit("the tip line did not come up")
            time.sleep(0.05)

    def challenge(self) -> dict[str, Any]:
        """A sum, asked for until one comes."""
        while True:
            status, found = self.call("GET", "/challenge")
            if status == 200:
                return found
            time.sleep(0.1)

    def act(self, code: str, path: str) -> None:
        """Open a mailbox and do something in it."""
        status, _ = self.call("POST", path, {}, token=self.inbox(code)[1]["token"])
        if status >= 300:
            raise SystemExit(f"{path} answered {status}")

    def inbox(self, code: str) -> Answer:
        """Open a mailbox, and work for it where that is asked."""
        body: dict[str, Any] = {"receipt_code": code}
        for _ in range(10):
            status, found = self.call("POST", "/inbox", body)
            if status != 429:
                return status, found
            body["altcha"] = tipping.solve(found["challenge"])
        return status, found


@dataclass(slots=True)
class Honest:
    """People who report, one after the other. ``doubtful``: the answer got lost, the second try says "used"."""

    port: int
    codes: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    doubtful: int = 0
    refused: Counter[int] = field(default_factory=Counter)

    def work(self, until: float, pause: float) -> None:
        caller = Caller(self.port)
        while time.monotonic() < until:
            altcha = tipping.solve(caller.challenge())
            self._report(caller, altcha)
            time.sleep(pause)
        caller.close()

    def _report(self, caller: Caller, altcha: str) -> None:
        begun, lost = time.monotonic(), False
        for _ in range(10):
            status, answer = caller.call("POST", "", tipping.report(altcha=altcha))
            if status == 201:
                self.codes.append(answer["receipt_code"])
                self.seconds.append(time.monotonic() - begun)
                return
            if status == 403 and lost:
                self.doubtful += 1
                return
            lost = lost or status in (0, 503)
            self.refused[status] += 1
            time.sleep(0.2)


def crowd(port: int, used: str, seconds: float, seed: int, threads: int, dripping: int) -> dict[str, int]:
    """Rubbish of every kind for so many seconds; how much of it was answered with which status."""
    until, seen = time.monotonic() + seconds, Counter[str]()
    people = [threading.Thread(target=_rubbish, args=(port, used, until, seed + n, seen)) for n in range(threads)]
    people.append(threading.Thread(target=_drip, args=(port, until, dripping)))
    for one in people:
        one.start()
    for one in people:
        one.join()
    return dict(seen)


def _rubbish(port: int, used: str, until: float, seed: int, seen: Counter[str]) -> None:
    chance, caller = random.Random(seed), Caller(port)
    report = tipping.report()
    forged = used[:20] + used[20:60].swapcase() + used[60:]
    kinds: dict[str, tuple[int, Any]] = {
        "forged": (30, lambda: ("POST", "", report | {"altcha": forged})),
        "used": (20, lambda: ("POST", "", report | {"altcha": used})),
        "no work": (20, lambda: ("POST", "", report)),
        "unknown code": (20, lambda: ("POST", "/inbox", {"receipt_code": f"{chance.randrange(10**28):028}"})),
        "no JSON": (5, lambda: ("POST", "", b"{" * 5000)),
        "challenge": (5, lambda: ("GET", "/challenge", None)),
        "huge": (0 if seed % 8 else 1, lambda: ("POST", "", bytes(HUGE))),
    }
    names, weights = list(kinds), [weight for weight, _ in kinds.values()]
    while time.monotonic() < until:
        kind = chance.choices(names, weights)[0]
        seen[f"{kind} {caller.call(*kinds[kind][1]())[0]}"] += 1
    caller.close()


def _drip(port: int, until: float, many: int) -> None:
    """Bodies that come by the byte, and new ones for those that were given up."""
    head = f"POST {API} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50000\r\n\r\n".encode()
    held: list[socket.socket] = []
    while time.monotonic() < until:
        while len(held) < many:
            with contextlib.suppress(OSError):
                held.append(socket.create_connection(("127.0.0.1", port), 1))
                held[-1].sendall(head)
                continue
            break
        for one in list(held):
            try:
                one.sendall(b"{")
            except OSError:
                held.remove(one)
                one.close()
        time.sleep(0.5)
    for one in held:
        one.close()
