"""The ClamAV client against a stand-in that speaks clamd's INSTREAM over a real socket."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from backend.gateways.scanner import ClamScanner, NoScanner
from backend.kernel.errors import Invalid, Unavailable

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LIMIT = 200_000


class Clamd:
    """Reads ``zINSTREAM``, length-prefixed chunks up to an empty one, and answers as clamd does."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.silent = False
        self.received = b""
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                answer = self._answer(stream)
                if not self.silent:
                    connection.sendall(answer)
                else:
                    time.sleep(1)

    def _answer(self, stream: BinaryIO) -> bytes:
        assert stream.read(10) == b"zINSTREAM\0"
        self.received = b""
        while length := int.from_bytes(stream.read(4), "big"):
            self.received += stream.read(length)
            if len(self.received) > LIMIT:
                return b"INSTREAM size limit exceeded. ERROR\0"
        found = EICAR in self.received
        return b"stream: Eicar-Test-Signature FOUND\0" if found else b"stream: OK\0"


@pytest.fixture(params=["unix", "tcp"])
def clamd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Clamd, str]]:
    if request.param == "unix":
        listener = socket.socket(socket.AF_UNIX)
        address = str(tmp_path / "clamd.ctl")
        listener.bind(address)
    else:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    listener.listen()
    yield Clamd(listener), address
    listener.close()


def test_scanner_lets_a_clean_file_pass_byte_for_byte(clamd: tuple[Clamd, str]) -> None:
    server, address = clamd
    ClamScanner(address).scan([b"a" * 70_000, b"", b"b" * 10])
    assert server.received == b"a" * 70_000 + b"b" * 10


def test_scanner_refuses_a_virus(clamd: tuple[Clamd, str]) -> None:
    with pytest.raises(Invalid) as refused:
        ClamScanner(clamd[1]).scan([b"x", EICAR])
    assert refused.value.code == "file_rejected"


def test_scanner_that_gives_up_on_a_file_is_not_a_yes(clamd: tuple[Clamd, str]) -> None:
    with pytest.raises(Unavailable):
        ClamScanner(clamd[1]).scan(bytes(64_000) for _ in range(40))


def test_scanner_that_does_not_answer_is_away(clamd: tuple[Clamd, str]) -> None:
    server, address = clamd
    server.silent = True
    with pytest.raises(Unavailable) as refused:
        ClamScanner(address, seconds=0.2).scan([b"x"])
    assert refused.value.code == "scanner_unavailable"


@pytest.mark.parametrize("address", ["/nowhere/clamd.ctl", "127.0.0.1:1"])
def test_scanner_that_is_not_there_is_away(address: str) -> None:
    with pytest.raises(Unavailable) as refused:
        ClamScanner(address).scan([b"x"])
    assert refused.value.retry_after == 60


def test_no_scanner_says_nothing() -> None:
    NoScanner().scan([EICAR])
