"""What people type: refused where it deceives or breaks, otherwise kept byte for byte."""

from __future__ import annotations

import re
import unicodedata

from backend.kernel.errors import Wrong
from backend.kernel.i18n import N_

NAME_LENGTH = 50
NAME_SIGNS = frozenset(" ·.'-")
SPACES = " \u3000\u00a0"
_JOINER = "\u200d"
#: After these a joiner may stand: pictures (So), skin tones (Sk), variation selectors (Mn).
_BEFORE_JOINER = frozenset({"So", "Sk", "Mn"})
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
#: Digits with an area code and an extension: 0632-12345, +86 632 12345, 0632-12345转8.
_PHONE = re.compile(r"\+?[0-9][0-9 -]{3,23}[0-9](?:转[0-9]{1,6})?", re.ASCII)


def clean(value: str, *, max_length: int, multiline: bool = False) -> str:
    """The text without the space around it; its content stays byte-equal (𠮷, emoji).

    ``max_length`` counts code points. ``Wrong`` for control characters, lone surrogates, direction
    overrides, zero-width characters (but inside an emoji), too long, and nothing but space.
    ``multiline`` allows line ends (a form's CRLF becomes LF) and tabs.
    """
    if multiline:
        value = value.replace("\r\n", "\n")
    _refuse_hidden(value, allowed="\n\t" if multiline else "")
    value = value.strip(SPACES + "\n\t" if multiline else SPACES)
    if not value:
        raise Wrong(N_("请填写这一项，不能只有空格"))
    if len(value) > max_length:
        raise Wrong(
            N_(
                "最多写 %(most)d 个字，现在是 %(count)d 个字，请写短一些",
                most=max_length,
                count=len(value),
            )
        )
    return value


def ascii_digits(value: str) -> str:
    """Digits typed in any width (NFKC) as ASCII; ``Wrong`` for anything but digits, line ends included."""
    digits = unicodedata.normalize("NFKC", value).strip(" ")
    if not _DIGITS.fullmatch(digits):
        raise Wrong(N_("这里只能填数字，请再看一遍"))
    return digits


def small_number(value: str, *, digits: int = 9) -> int | None:
    """A number that a page of ours sends back: a fence, a version; ``None`` for anything else."""
    return int(value) if len(value) <= digits and _DIGITS.fullmatch(value) else None


def phone_number(value: str) -> str:
    """A telephone number that people read and dial, as typed (NFKC), at most 32 characters."""
    phone = unicodedata.normalize("NFKC", value).strip()
    if not _PHONE.fullmatch(phone):
        raise Wrong(N_("电话写成 0632-12345 这样，可以加“转”和分机号"))
    return phone


def person_name(value: str) -> str:
    """A person's name: 1–50 letters, marks, spaces and ``·.'-``, at least one letter (CONTRACT §3)."""
    name = clean(value, max_length=NAME_LENGTH)
    if not all(_letter(sign) or _mark(sign) or sign in NAME_SIGNS for sign in name):
        raise Wrong(N_("姓名里只能有文字、空格和 · . ' - ，请和证件上写得一样"))
    if not any(_letter(sign) for sign in name):
        raise Wrong(N_("姓名里要有文字，请和证件上写得一样"))
    return name


def _letter(sign: str) -> bool:
    # Planes 2 and 3 hold rare Chinese characters only, some newer than this Python's tables.
    return unicodedata.category(sign).startswith("L") or 0x20000 <= ord(sign) <= 0x3FFFD


def _mark(sign: str) -> bool:
    return unicodedata.category(sign).startswith("M")


def _refuse_hidden(value: str, *, allowed: str) -> None:
    for position, sign in enumerate(value):
        if sign in allowed or not _hidden(sign):
            continue
        if sign == _JOINER and _inside_emoji(value, position):
            continue
        raise Wrong(
            N_(
                "第 %(position)d 个字是看不见的控制字符，请删掉后重新输入",
                position=position + 1,
            )
        )


def _hidden(sign: str) -> bool:
    """Control, format (zero-width, direction), surrogate, line and paragraph separators, non-characters."""
    if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return True
    return ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF


def _inside_emoji(value: str, position: int) -> bool:
    before = value[position - 1 : position] if position else ""
    after = value[position + 1 : position + 2]
    if not before or not after:
        return False
    return unicodedata.category(before) in _BEFORE_JOINER and unicodedata.category(after) == "So"
