"""Strict reading of environment variables: a wrong value names its variable and stops the start."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


class WrongSetting(SystemExit):
    """Start refused; the message names the variable and what it should be."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")


class Environment:
    """A view on the variables that checks every value it hands out."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def raw(self, name: str) -> str | None:
        """The value of ``NAME``, or the content of the file that ``NAME_FILE`` points to."""
        path = self._values.get(f"{name}_FILE")
        if path:
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise WrongSetting(f"{name}_FILE", f"cannot be read ({error.strerror})") from error
        return self._values.get(name) or None

    def read(self, name: str, default: T, parse: Callable[[str], T]) -> T:
        value = self.raw(name)
        if value is None:
            return default
        try:
            return parse(value)
        except ValueError as error:
            raise WrongSetting(name, str(error)) from error

    def text(self, name: str, default: str = "") -> str:
        return self.read(name, default, str)

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        def parse(value: str) -> int:
            if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
                raise ValueError(f"must be a whole number from {low} to {high}")
            return int(value)

        return self.read(name, default, parse)

    def flag(self, name: str, default: bool) -> bool:
        def parse(value: str) -> bool:
            if value not in ("0", "1"):
                raise ValueError("must be 0 or 1")
            return value == "1"

        return self.read(name, default, parse)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        def parse(value: str) -> str:
            if value not in allowed:
                raise ValueError(f"must be one of {', '.join(allowed)}")
            return value

        return self.read(name, default, parse)

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        def parse(value: str) -> str:
            if urlsplit(value).scheme not in schemes:
                raise ValueError(f"must be an address that starts with {' or '.join(s + '://' for s in schemes)}")
            return value.rstrip("/")

        return self.read(name, default, parse)

    def matching(self, name: str, default: str, pattern: str, form: str) -> str:
        """A text of one form, which ``form`` says in words."""

        def parse(value: str) -> str:
            if not re.fullmatch(pattern, value, re.ASCII):
                raise ValueError(f"must be {form}")
            return value

        return self.read(name, default, parse)


def secret_bytes(value: str) -> bytes:
    try:
        raw = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("must be base64") from error
    if len(raw) != 32:
        raise ValueError("must be 32 bytes in base64 (openssl rand -base64 32)")
    return raw
