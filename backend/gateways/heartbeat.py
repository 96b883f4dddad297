"""Can people read the public notices? A look at the page from outside, at the address that people use.

The page counts as readable when it answers 200 in time and carries its own mark: an error page, a proxy's excuse or a
sign-in page that answers 200 is none.
"""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Protocol
from urllib.parse import urlsplit

PATH = "/notices"
#: The page says this of itself.
MARK = b'id="public-notices"'
#: Longer than this nobody waits, and the relay has other work.
SECONDS = 3.0
LARGEST = 512 * 1024


class Heartbeat(Protocol):
    """One look; never raises."""

    def readable(self) -> bool: ...


class HttpHeartbeat:
    """A plain GET of the page under ``base_url``."""

    def __init__(self, base_url: str, *, seconds: float = SECONDS) -> None:
        parts = urlsplit(base_url)
        self._connection = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host = parts.netloc
        self._path = parts.path.rstrip("/") + PATH
        self._seconds = seconds

    def readable(self) -> bool:
        try:
            return self._look()
        except (OSError, HTTPException):
            return False

    def _look(self) -> bool:
        connection = self._connection(self._host, timeout=self._seconds)
        try:
            connection.request("GET", self._path, headers={"User-Agent": "yangguang-heartbeat"})
            answer = connection.getresponse()
            return answer.status == 200 and MARK in answer.read(LARGEST)
        finally:
            connection.close()


class FakeHeartbeat:
    """Says what it was told to say."""

    def __init__(self, *, there: bool = True) -> None:
        self.there = there

    def readable(self) -> bool:
        return self.there
