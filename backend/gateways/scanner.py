"""The virus scanner: ClamAV over its socket where one is configured (``INSTREAM``, clamd's manual)."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable
from typing import Protocol

from backend.kernel.errors import Invalid, Unavailable
from backend.kernel.i18n import N_

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 30.0
_LONGEST_ANSWER = 4096


class Scanner(Protocol):
    """Looks into a file before anything else does."""

    def scan(self, chunks: Iterable[bytes]) -> None:
        """Return when clean; ``Invalid`` for a virus, ``Unavailable`` when the scanner cannot say."""


class NoScanner:
    """No scanner is configured: re-encoding alone protects."""

    def scan(self, chunks: Iterable[bytes]) -> None:
        return None


class ClamScanner:
    """clamd at a unix socket (``/run/clamav/clamd.ctl``) or at ``host:port``."""

    def __init__(self, address: str, *, seconds: float = ANSWER_SECONDS) -> None:
        self.address = address
        self.seconds = seconds

    def scan(self, chunks: Iterable[bytes]) -> None:
        try:
            answer = self._ask(chunks)
        except OSError as error:
            raise _away() from error
        if answer.endswith(" FOUND"):
            raise Invalid("file_rejected", N_("这个文件带有病毒，没有收下，请换一个文件"))
        if not answer.endswith("OK"):
            raise _away()

    def _ask(self, chunks: Iterable[bytes]) -> str:
        with _connect(self.address) as connection:
            connection.settimeout(self.seconds)
            # clamd stops reading when it knows enough; its answer says why
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                _send(connection, chunks)
            return _answer(connection)


def _connect(address: str) -> socket.socket:
    host, colon, port = address.rpartition(":")
    if colon and port.isdecimal():
        return socket.create_connection((host, int(port)), CONNECT_SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(CONNECT_SECONDS)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, chunks: Iterable[bytes]) -> None:
    connection.sendall(b"zINSTREAM\0")
    for chunk in chunks:
        if chunk:
            connection.sendall(len(chunk).to_bytes(4, "big") + chunk)
    connection.sendall(bytes(4))


def _answer(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
        piece = connection.recv(_LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _away() -> Unavailable:
    return Unavailable(
        "scanner_unavailable", N_("现在不能检查文件是否安全，请过几分钟再传，已填的内容都在"), retry_after=60
    )
