"""The name a file had on somebody's phone: kept for people to recognise it, never used as a path."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST = 120
_LONGEST_ENDING = 12


#: What we make of uploads, and the endings such files may have.
_ENDINGS: Final = {"image/jpeg": ("jpg", "jpeg"), "application/pdf": ("pdf",), "audio/mpeg": ("mp3",)}


def download_name(name: str | None, mime: str, otherwise: str) -> str:
    """The name to offer for a download, ending as its content does: a photo named ``a.exe`` leaves as ``a.jpg``."""
    endings = _ENDINGS[mime]
    stem, dot, ending = (name or otherwise).rpartition(".")
    if dot and ending.lower() in endings:
        return f"{stem}.{ending}"
    is_ending = dot and stem and len(ending) <= _LONGEST_ENDING and ending.isascii() and ending.isalnum()
    return f"{stem if is_ending else name or otherwise}.{endings[0]}"


def clean_name(raw: str | None) -> str | None:
    """The last part of the name without control, hidden and direction characters, at most 120 characters.

    A long name keeps its ending. None when nothing readable is left. Whoever shows it escapes it.
    """
    last = (raw or "").replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    name = name.strip(" .\u3000\u00a0")
    if len(name) <= LONGEST:
        return name or None
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > _LONGEST_ENDING:
        return name[:LONGEST]
    return f"{stem[: LONGEST - len(ending) - 2]}….{ending}"
