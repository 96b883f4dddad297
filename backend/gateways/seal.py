"""The office's electronic seal 电子印章 (GB/T 38540) behind one address of the county's seal service.

Protocol of ``SEAL_URL``: ``POST`` with the PDF as the body (``application/pdf``) answers 200 with the
sealed PDF as the body. Anything else (another status, another type, a time-out, a body that is no PDF)
means "not sealed", and the caller tries again later: a document is never passed off as sealed.
"""

from __future__ import annotations

from typing import Protocol

import urllib3

#: A seal server signs with a hardware token; connecting must be quick, signing may take its time.
TIMEOUT = urllib3.Timeout(connect=2.0, read=20.0)
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

    def seal(self, pdf: bytes) -> bytes | None:  # noqa: ARG002 - the Protocol's shape
        return None


class HttpSeal:
    """The seal service at ``url``. Never retries by itself: the work row does."""

    seals = True

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = urllib3.PoolManager(maxsize=2, timeout=TIMEOUT, retries=False)

    def seal(self, pdf: bytes) -> bytes | None:
        try:
            answer = self._http.request(
                "POST", self._url, body=pdf, headers={"Content-Type": "application/pdf"}, preload_content=False
            )
            try:
                body: bytes = answer.read(LARGEST + 1)
            finally:
                answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise SealUnavailable(type(error).__name__) from error
        if answer.status != 200 or len(body) > LARGEST or not body.startswith(b"%PDF-"):
            raise SealUnavailable(f"status {answer.status}")
        return body
