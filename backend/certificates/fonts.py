"""The Chinese font of our documents: one static weight of the variable Noto Sans SC, made once and kept.

``python -m backend.certificates.fonts`` makes it (set-up calls this); whoever needs it first otherwise does.
reportlab embeds only static TrueType, and Debian's Noto CJK is neither. ``FONT_DIR`` moves the folder.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError
from fontTools.varLib.instancer import instantiateVariableFont

NAME = "NotoSansSC-400.ttf"
_SOURCE = "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"
#: Nothing that a PDF uses: without them the font is made in half the time.
_DROPPED = ("GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "HVAR", "STAT", "prep", "gasp")
#: Fonts that may know what ours does not (𠮷 is in Ext B): TrueType or OpenType, tried in this order.
FALLBACKS = (
    "/usr/share/fonts/truetype/hanazono/HanaMinA.ttf",
    "/usr/share/fonts/truetype/hanazono/HanaMinB.ttf",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
)


def folder() -> Path:
    """Where made fonts are kept: ``FONT_DIR``, or ``build/fonts`` beside the code."""
    given = os.environ.get("FONT_DIR")
    return Path(given) if given else Path(__file__).resolve().parents[2] / "build" / "fonts"


def font_path() -> Path:
    """The static font; the first call on a machine takes about 15 s, of several processes one makes it."""
    path = folder() / NAME
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path.parent / f"{NAME}.lock"):
            if not path.exists():
                _make(path)
    return path


@cache
def fallbacks() -> tuple[TTFont, ...]:
    """The installed fallback fonts, opened when a character first needs one."""
    found = []
    for path in FALLBACKS:
        try:
            found.append(TTFont(path, fontNumber=0, lazy=True))
        except (OSError, TTLibError):
            continue
    return tuple(found)


def _make(path: Path) -> None:
    draft = path.with_suffix(f".{os.getpid()}")
    font = TTFont(str(files("justmytype_intl_cjk") / _SOURCE), lazy=True, recalcBBoxes=False)
    for tag in _DROPPED:
        if tag in font:
            del font[tag]
    try:
        instantiateVariableFont(font, {"wght": 400}, inplace=True, optimize=False).save(draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.stdout.write(f"{font_path()}\n")
