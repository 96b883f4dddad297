"""The purposes people are asked to agree to (consents.toml)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from backend.accounts.consents import Purpose

FILE = Path(__file__).resolve().parent / "consents.toml"
LANGUAGES = ("zh", "en")
_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}", re.ASCII)


def load_consents(file: Path = FILE) -> dict[str, Purpose]:
    """code → purpose in the order of the file; ``ValueError`` names the purpose that is not complete."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return {code: _purpose(code, entry) for code, entry in table.items()}


def _purpose(code: str, entry: object) -> Purpose:
    wanted = {"version", *LANGUAGES}
    if not _CODE.fullmatch(code) or not isinstance(entry, dict) or set(entry) != wanted:
        raise ValueError(f"{FILE.name}: [{code}] needs exactly {', '.join(sorted(wanted))}")
    if not all(isinstance(value, str) and value.strip() for value in entry.values()):
        raise ValueError(f"{FILE.name}: [{code}] has an empty value")
    return Purpose(code, entry["version"], {language: entry[language] for language in LANGUAGES})
