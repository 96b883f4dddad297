"""Text as the eye takes it, whatever it was typed with, and where each sign of it stands in what was typed.

Folded away: width, circles and keycaps around digits, zero-width and combining signs, traditional forms of the few
characters that matter here. What a person could read as a digit (三, 〇, 幺, an O between digits) is one in ``digits``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: Digits as people write and say them; places of 十 are not read as numbers.
_SAID = ("零〇○◯洞", "一壹幺", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒拐", "八捌", "九玖勾")
_NUMERALS = {ord(sign): str(digit) for digit, signs in enumerate(_SAID) for sign in signs}
_LETTERS = str.maketrans("OoIl", "0011")
#: After a digit; or at the head of what is as long as a number of a person and holds digits.
_LIKE_DIGITS = re.compile(
    r"(?<=[0-9])[OoIl]+(?![A-Za-z])|(?<![A-Za-z0-9])(?=[OoIl]*[0-9])[0-9OoIl]{11,}(?![A-Za-z0-9])"
)
_TRADITIONAL = str.maketrans(
    "婦產證號碼懷媽陳張劉黃楊趙吳鄭馮鄧許韓呂盧蔣葉鍾蘇羅賈閻譚鄒龍賀龔萬錢湯莊聶歐蕭謝孫馬顧紅麗蘭鳳艷豔雲華瑩蓮鳴樓單檔歷歲診個戶員醫這該",
    "妇产证号码怀妈陈张刘黄杨赵吴郑冯邓许韩吕卢蒋叶钟苏罗贾阎谭邹龙贺龚万钱汤庄聂欧萧谢孙马顾红丽兰凤艳艳云华莹莲鸣楼单档历岁诊个户员医这该",
)
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_UNSEEN = frozenset({"Cf", "Cc", "Mn", "Me", "Cs", "Co", "Cn"})
_HAN = "[\u3400-\u9fff]"
#: What is put between the signs of a name to hide it; a line end where only a name can follow.
NOISE = "~_+^#&=|/\\.-—–·•"
_NOISE = re.compile(rf"(?<={_HAN})(?!\.\.)(?:[{re.escape(NOISE)}]{{1,3}}(?={_HAN})|\n(?={_HAN}{{2,4}}(?:[\n,。;)]|$)))")
#: One sign becomes at most so many; a few ligatures become a sentence.
_LONGEST = 3


@dataclass(frozen=True, slots=True)
class Folded:
    """``at[i]`` is the place of ``text[i]`` in what was typed, ``typed`` its length; ``digits`` has the same places."""

    text: str
    digits: str
    at: tuple[int, ...]
    typed: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """From and to in what was typed, with the unseen signs that hang on the last one."""
        after = self.at[end] if end < len(self.at) else self.typed
        return self.at[start], max(after, self.at[end - 1] + 1)


def fold(text: str, *, spaces: bool = True) -> Folded:
    """The text folded; without ``spaces`` blanks are dropped too (names are written apart to hide them)."""
    signs: list[str] = []
    at: list[int] = []
    for place, sign in enumerate(text):
        folded = sign if "\u4e00" <= sign <= "\u9fff" or "!" <= sign <= "~" else _fold(sign, spaces)
        for part in folded:
            signs.append(part)
            at.append(place)
    plain = "".join(signs).translate(_TRADITIONAL)
    digits = _LIKE_DIGITS.sub(lambda found: found.group().translate(_LETTERS), plain.translate(_NUMERALS))
    return Folded(plain, digits, tuple(at), len(text))


def squeezed(view: Folded) -> Folded:
    """The same without the noise between letters: 李~秀~兰 is 李秀兰."""
    noise = {place for found in _NOISE.finditer(view.text) for place in range(*found.span())}
    kept = [place for place in range(len(view.text)) if place not in noise]
    text, digits = ("".join(signs[place] for place in kept) for signs in (view.text, view.digits))
    return Folded(text, digits, tuple(view.at[place] for place in kept), view.typed)


def _fold(sign: str, spaces: bool) -> str:
    if sign in "\n\r\u2028\u2029\x85":
        return "\n"
    if sign.isspace():
        return " " if spaces else ""
    if sign in _FILLERS or unicodedata.category(sign) in _UNSEEN:
        return ""
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    narrow = unicodedata.normalize("NFKC", sign)
    inner = narrow.strip("().,")
    if inner.isascii() and inner.isdigit():
        return inner
    return narrow.replace(" ", "") if len(narrow) <= _LONGEST else sign
