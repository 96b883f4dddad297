"""Everything a command may refuse, in the words of the person who asked.

A command raises one of these; the edges turn it into RFC 9457 problem details (API) or into
a page (H5). ``code`` is stable English, ``title`` a Chinese sentence that says what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from backend.kernel.i18n import N_, Text

Errors = Mapping[str, Sequence[Text]]


class Problem(Exception):
    """A refusal with a stable code; ``errors`` maps a field to what is wrong with it."""

    status: ClassVar[int] = 500

    def __init__(
        self,
        code: str,
        title: Text,
        *,
        detail: Text | None = None,
        errors: Errors | None = None,
        retry_after: int | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = errors or {}
        self.retry_after = retry_after
        self.extra = extra or {}


class Malformed(Problem):
    status = 400


class Unauthenticated(Problem):
    status = 401


class Forbidden(Problem):
    status = 403


class NotFound(Problem):
    """Also for what exists but is not yours: the two must look alike."""

    status = 404


class Conflict(Problem):
    """The request is fine, the state of the thing does not allow it."""

    status = 409


class Gone(Problem):
    """It was there, everybody may know that, and it is over."""

    status = 410


class Stale(Problem):
    """``If-Match`` names an older version."""

    status = 412


class TooLarge(Problem):
    status = 413


class Unsupported(Problem):
    status = 415


class Invalid(Problem):
    status = 422


class Locked(Problem):
    status = 423


class TooMany(Problem):
    status = 429


class Unavailable(Problem):
    status = 503


class KeyReused(Invalid):
    """The same ``Idempotency-Key`` with another body."""

    def __init__(self) -> None:
        super().__init__("idempotency_mismatch", N_("这个 Idempotency-Key 已经用于别的内容，请换一个"))


class Collision(Exception):
    """A random number was taken already: ``transact`` runs the command again."""


class Wrong(ValueError):
    """One value is wrong; the sentence says which part and what to do. Never carries the value."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text
