"""A package of papers: a ZIP whose every file is encrypted (WinZip AE-2, AES-256), made in memory, with a manifest.

The names inside say nothing and the days stand in place of times. The format turns a password into a key with few
rounds (PBKDF2, 1000), so the password is not a person's choice: twenty drawn letters, 99 bits.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED

from pyzipper.zipfile_aes import WZ_AES, AESZipFile

#: Neither 0 and o nor 1 and l: it is read out over the telephone.
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 20
MANIFEST = "manifest.txt"
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "audio/mpeg": "mp3", "application/pdf": "pdf"}
#: ``rw-------``
_MODE = 0o600 << 16


@dataclass(frozen=True, slots=True)
class Paper:
    """One file: a name of ASCII letters, its content in pieces. ``packed``: photos and recordings are so already."""

    name: str
    content: Iterable[bytes]
    packed: bool = False


def password(key: bytes, word: str) -> str:
    """Twenty letters that follow from a key and a word: ``abcde-fghjk-mnpqr-stuvw``."""
    number = int.from_bytes(hmac.digest(key, f"package|{word}".encode(), "sha512"))
    letters = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    return "-".join("".join(letters[at : at + 5]) for at in range(0, LENGTH, 5))


def evidence_name(number: int, mime: str, before: str = "") -> str:
    """What a piece of evidence is called in a package: its own name lies in the page."""
    return f"{before}evidence-{number:02d}.{ENDINGS.get(mime, 'bin')}"


def write(file: IO[bytes], papers: Iterable[Paper], *, password: str, day: date) -> None:
    """The package into a file, piece by piece; the last paper is the list of SHA-256 of all others."""
    lines = []
    with AESZipFile(file, "w", encryption=WZ_AES) as package:
        package.setpassword(password.encode())
        for paper in papers:
            digest, size = _add(package, paper, day)
            lines.append(f"{digest}  {size:>10}  {paper.name}\r\n")
        text = "SHA-256, size in bytes, name\r\n" + "".join(lines)
        _add(package, Paper(MANIFEST, [text.encode()]), day)


def _add(package: Any, paper: Paper, day: date) -> tuple[str, int]:
    info = package.zipinfo_cls(paper.name, (day.year, day.month, day.day, 0, 0, 0))
    info.compress_type = ZIP_STORED if paper.packed else ZIP_DEFLATED
    info.external_attr = _MODE
    digest, size = hashlib.sha256(), 0
    with package.open(info, "w", force_zip64=False) as target:
        for piece in paper.content:
            digest.update(piece)
            size += len(piece)
            target.write(piece)
    return digest.hexdigest(), size
