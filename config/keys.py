"""The secrets of one installation: from the environment, or made once for a demo."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.env import Environment, WrongSetting, secret_bytes

NAMES = ("SECRET_DATA_KEYS", "SECRET_INDEX_KEY", "SECRET_SESSION_KEY", "SECRET_REMINDER_KEY")


@dataclass(frozen=True, slots=True)
class Secrets:
    """``data_keys``: kid → master key, the first is in use; the others each have one purpose."""

    data_keys: Mapping[str, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)
    session_key: bytes = field(repr=False)
    #: Of the reminders alone: whoever destroys it destroys them all, and nothing else.
    reminder_key: bytes = field(repr=False)

    @property
    def current_kid(self) -> str:
        return next(iter(self.data_keys))


def read_secrets(env: Environment, data_dir: Path, demo: bool) -> Secrets:
    """From ``SECRET_DATA_KEYS`` (``kid:base64,kid:base64``), ``SECRET_INDEX_KEY``, ``SECRET_SESSION_KEY``,
    ``SECRET_REMINDER_KEY``."""
    given = {name: env.raw(name) for name in NAMES}
    missing = [name for name, value in given.items() if value is None]
    if missing and not demo:
        raise WrongSetting(missing[0], "must be set in production")
    kept = _demo_secrets(data_dir) if missing else {}
    values = {name: value or kept[name] for name, value in given.items()}
    return Secrets(
        data_keys=_data_keys(values["SECRET_DATA_KEYS"]),
        index_key=_one("SECRET_INDEX_KEY", values["SECRET_INDEX_KEY"]),
        session_key=_one("SECRET_SESSION_KEY", values["SECRET_SESSION_KEY"]),
        reminder_key=_one("SECRET_REMINDER_KEY", values["SECRET_REMINDER_KEY"]),
    )


def _one(name: str, value: str) -> bytes:
    try:
        return secret_bytes(value)
    except ValueError as error:
        raise WrongSetting(name, str(error)) from error


def _data_keys(value: str) -> dict[str, bytes]:
    keys = {}
    for part in value.split(","):
        kid, _, secret = part.partition(":")
        if not kid.isalnum() or not kid.isascii() or len(kid) > 8:
            raise WrongSetting("SECRET_DATA_KEYS", "must be kid:base64[,kid:base64…], kid of 1 to 8 letters or digits")
        keys[kid] = _one("SECRET_DATA_KEYS", secret)
    return keys


def kept_secret(data_dir: Path, name: str) -> str:
    """One more secret of a demo (base64, 32 bytes), made at first need."""
    return _demo_secrets(data_dir, (name,))[name]


def _demo_secrets(data_dir: Path, names: tuple[str, ...] = NAMES) -> dict[str, str]:
    """Secrets of a demo or test installation: made once, kept beside its data, readable by its owner only.

    An installation of an older version gets what it lacks; of several processes that start at once, one makes them.
    """
    path = data_dir / "secrets.json"
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        missing = [name for name in names if name not in kept]
        if missing:
            kept |= {name: ("k1:" if name == NAMES[0] else "") + _random() for name in missing}
            _write(path, kept)
    return kept


def _write(path: Path, values: dict[str, str]) -> None:
    """All or nothing, whatever happens meanwhile."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(values, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _random() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
