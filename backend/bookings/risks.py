"""The risk classes of a result: words as data (``config/results.toml``), checked when they are loaded."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "config" / "results.toml"
_CODE = re.compile(r"[a-z][a-z0-9_]{1,31}", re.ASCII)
_WORDS = ("label", "label_en", "advice", "advice_en")


@dataclass(frozen=True, slots=True)
class Risk:
    """One class: what it is called and what to do next, in Chinese and English."""

    code: str
    label: str
    label_en: str
    advice: str
    advice_en: str


def load(file: Path = FILE) -> Mapping[str, Risk]:
    """code → class in the order of the file; ``ValueError`` names the class that is not complete."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return {code: _risk(file, code, entry) for code, entry in table.items()}


@cache
def risks() -> Mapping[str, Risk]:
    """Ours; the file is read once per process."""
    return load()


def known(code: str) -> Risk:
    """The class of a code; one that was taken out of the file since then sends people to the letter and the phone."""
    return risks().get(code, _GONE)


def _risk(file: Path, code: str, entry: object) -> Risk:
    if not _CODE.fullmatch(code) or not isinstance(entry, dict) or set(entry) != set(_WORDS):
        raise ValueError(f"{file.name}: [{code}] needs exactly {', '.join(_WORDS)}")
    if not all(isinstance(words, str) and words.strip() for words in entry.values()):
        raise ValueError(f"{file.name}: [{code}] has empty words")
    return Risk(code, *(entry[name] for name in _WORDS))


_GONE = Risk(
    "",
    "请看建议书",
    "Please read the letter",
    "请看服务站的建议书，不清楚就打服务站的电话。",
    "Please read the station's letter, or call the station.",
)
