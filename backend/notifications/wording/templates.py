"""Message templates: ``config/messages/<name>/<version>.toml``, checked when loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from backend.notifications.kinds import SMS, WECHAT
from backend.notifications.wording import checks
from backend.notifications.wording.template import SMS_PARTS, Template, WrongTemplate

FOLDER = Path(__file__).resolve().parents[3] / "config" / "messages"


@cache
def templates(folder: Path = FOLDER) -> Mapping[str, Template]:
    """The newest version of every template by name; reads the files once per process."""
    return {path.name: versions(path)[-1] for path in sorted(folder.iterdir()) if path.is_dir()}


def versions(folder: Path) -> list[Template]:
    """Every version of one template, oldest first: 1, 2, 3… without a gap, because inboxes name them for ever."""
    found = sorted((load(path) for path in folder.glob("*.toml")), key=lambda one: one.version)
    if not found or [one.version for one in found] != list(range(1, len(found) + 1)):
        raise WrongTemplate(f"{folder.name}: the versions must be 1, 2, 3… without a gap")
    return found


def load(path: Path) -> Template:
    """One checked template."""
    from_file = f"{path.parent.name}/{path.name}"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WrongTemplate(f"{from_file}: {error}") from error
    if not path.stem.isdecimal():
        raise WrongTemplate(f"{path}: the name of the file is the version, a number")
    template = _read(path.parent.name, int(path.stem), raw)
    for problem in checks.problems(template):
        raise WrongTemplate(f"{from_file}: {problem}")
    return template


def _read(name: str, version: int, raw: dict[str, Any]) -> Template:
    """What is left over when the settings are taken out are the channels."""
    kind, params, optional = raw.pop("kind", ""), raw.pop("params", {}), raw.pop("optional", {})
    wechat = raw.get(WECHAT, {}).pop("template", "")
    sms_parts = raw.get(SMS, {}).pop("parts", SMS_PARTS)
    return Template(name, version, kind, params, raw, optional, wechat, sms_parts)
