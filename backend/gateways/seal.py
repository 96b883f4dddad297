"""The office's electronic seal 电子印章 (GB/T 38540) behind one address of the county's seal service.

Protocol of ``SEAL_URL``: ``POST`` with the PDF as the body (``application/pdf``) answers 200 with the
sealed PDF as the body. Anything else (another status, a time-out, a body that is no PDF) means "not
sealed", and the caller tries again later: a document is never passed off as sealed.
"""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Protocol
from urllib.parse import urlsplit

#: A seal server signs with a hardware token; it may take its time, but not for ever.
TIMEOUT_SECONDS = 20
LARGEST = 4 * 1024 * 1024


class SealUnavailable(Exception):
    """The seal service gave no sealed document; nothing was sealed, try again later."""


class SealGateway(Protocol):
    """``seals`` tells the layout whether the document will carry a seal."""

    seals: bool

    def seal(self, pdf: bytes) -> bytes | None:
        """The sealed PDF; ``None`` when no seal is configured; ``SealUnavailable`` to try again later."""


class NoSeal:
    """No seal service: documents say 供核验，不替代盖章件."""

    seals = False

    def seal(self, pdf: bytes) -> bytes | None:
        return None


class HttpSeal:
    """The seal service at ``url``. Never retries by itself: the work row does."""

    seals = True

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host = parts.netloc
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def seal(self, pdf: bytes) -> bytes | None:
        try:
            status, body = self._post(pdf)
        except (OSError, HTTPException) as error:
            raise SealUnavailable(type(error).__name__) from error
        if status != 200 or len(body) > LARGEST or not body.startswith(b"%PDF-"):
            raise SealUnavailable(f"status {status}")
        return body

    def _post(self, pdf: bytes) -> tuple[int, bytes]:
        connection = self._connection(self._host, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", self._path, body=pdf, headers={"Content-Type": "application/pdf"})
            answer = connection.getresponse()
            return answer.status, answer.read(LARGEST + 1)
        finally:
            connection.close()
