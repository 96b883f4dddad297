"""Short messages: what a provider must do, the demo's file, a developer's console, and an installation without one.

Providers do not dedupe, so workers write ``sending`` before the call. An error with
``permanent = True`` must not be tried again (wrong number, no contract); all others may be,
and ``SmsInDoubt`` only after the provider was asked for the message's fate.

A Chinese text message begins with its sender's sign 签名, 【阳光办】. Gateways put it there, not the templates:
providers of a real network add it by themselves.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from backend.kernel.sms_parts import signed

_BLOCK = 64 * 1024
#: What the demo shows of a message.
SHOWN = ("channel", "to", "template", "text", "sent_at")


@dataclass(frozen=True, slots=True)
class Short:
    """One short message. ``to`` is a mobile number, ``key`` the same for every try of one message.

    ``params``: the values of the template's placeholders in the order of its text, for providers that keep the texts
    (one for each ``language``).
    """

    to: str = field(repr=False)
    template: str
    text: str = field(repr=False)
    key: str
    sent_at: datetime
    params: tuple[str, ...] = field(default=(), repr=False)
    language: str = "zh"


class Fate(StrEnum):
    """What a provider knows of a message whose sending was cut short."""

    TAKEN = "taken"
    NEVER_CAME = "never_came"
    UNKNOWN = "unknown"


class SmsRefused(Exception):
    """The provider will never take this message; says its code, nothing personal."""

    permanent = True


class SmsUnavailable(Exception):
    """The provider has not taken it and may later; says its code, nothing personal."""

    permanent = False


class SmsInDoubt(SmsUnavailable):
    """The call was made and no answer understood: it may have been taken. Ask for its fate before another try."""


class Sms(Protocol):
    """``send`` returns the provider's name of the message once it has taken it, or raises one of the errors above."""

    def send(self, message: Short) -> str: ...

    def fate(self, *, to: str, key: str, since: datetime) -> Fate:
        """Whether a message of this key was taken since a moment: asked before one in doubt is sent again.

        ``SmsUnavailable`` while the provider cannot be asked.
        """
        ...

    def sent(self, *, to: str | None, limit: int) -> list[dict[str, str]]:
        """What went out, newest first, as {channel, to, template, text, sent_at}; a real provider tells nothing."""
        ...


class FileSms:
    """The demo's provider: one JSON line per message, appended in one write (safe with many processes)."""

    def __init__(self, path: Path, sign: str = "") -> None:
        self._path = path
        self._sign = sign

    def send(self, message: Short) -> str:
        said = {"channel": "sms", "text": signed(message.text, self._sign), "sent_at": message.sent_at.isoformat()}
        values = asdict(message) | said
        line = json.dumps(values, ensure_ascii=False).encode() + b"\n"
        try:
            self._append(line)
        except OSError as error:
            raise SmsUnavailable(error.strerror or "write failed") from error
        return message.key

    def fate(self, *, to: str, key: str, since: datetime) -> Fate:
        known = any(values and values.get("key") == key for values in map(_parsed, _backwards(self._path)))
        return Fate.TAKEN if known else Fate.NEVER_CAME

    def _append(self, line: bytes) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.write(descriptor, line) != len(line):
                raise SmsUnavailable("short write")
        finally:
            os.close(descriptor)

    def sent(self, *, to: str | None, limit: int) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        for line in _backwards(self._path):
            values = _parsed(line)
            if values and to in (None, values["to"]):
                found.append({name: values[name] for name in SHOWN})
                if len(found) == limit:
                    break
        return found


class ConsoleSms:
    """A developer's provider: the words appear on stderr, without the number they are for."""

    def __init__(self, sign: str = "") -> None:
        self._sign = sign

    def send(self, message: Short) -> str:
        sys.stderr.write(f"sms {message.template}: {signed(message.text, self._sign)}\n")
        return message.key

    def fate(self, *, to: str, key: str, since: datetime) -> Fate:
        return Fate.UNKNOWN

    def sent(self, *, to: str | None, limit: int) -> list[dict[str, str]]:
        return []


class NoSms:
    """No provider is configured: every message is refused, and visible as dead work; nothing personal is logged."""

    def send(self, message: Short) -> str:
        raise SmsRefused("no SMS provider is configured")

    def fate(self, *, to: str, key: str, since: datetime) -> Fate:
        return Fate.NEVER_CAME

    def sent(self, *, to: str | None, limit: int) -> list[dict[str, str]]:
        return []


def _parsed(line: bytes) -> dict[str, str] | None:
    """A line cut short by a full disk is not a message."""
    try:
        values: dict[str, str] = json.loads(line)
    except ValueError:
        return None
    return values


def _backwards(path: Path) -> Iterator[bytes]:
    """The lines of a file from the last to the first, without reading more than is asked for."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        position, rest = file.seek(0, os.SEEK_END), b""
        while position:
            size = min(_BLOCK, position)
            position -= size
            file.seek(position)
            rest, *lines = (file.read(size) + rest).split(b"\n")
            yield from (line for line in reversed(lines) if line)
        if rest:
            yield rest
