"""Names written beside a pregnant woman, found by the words around them; a surname alone or with 某 names nobody.

No dictionary knows every name: what is told as a name (叫, 姓名, brackets) needs a surname, what only follows needs an
everyday given name or a place where a name can end. Offices, shops and sentences that begin with a surname pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.tips.third_parties.folding import Folded
from backend.tips.third_parties.words import (
    AFTER,
    ALSO_WORDS,
    CLEAR,
    COMPOUNDS,
    ENDED,
    EVERYDAY,
    GIVEN,
    NEVER,
    OFFENDER,
    PLACES,
    TITLES,
    WOMAN,
)

Found = tuple[int, int]

_HAN = "[\u3400-\u9fff\U00020000-\U0003ffff]"
_TELLS = r"(?:的?(?:真实)?(?:姓名|名字|大名|本名|真名|全名)(?:就?[是叫为])?|名(?=:)|名叫|名为|就?叫做|就?叫)"
_IS = r"(?:就?是|即|名)"
_AGE = r"(?:[,(]?[0-9一二三四五六七八九十]{1,4}岁(?:多)?(?:的)?[,)]?)?"
_KIN = r"(?:的?(?:丈夫|老公|男人|爱人|对象|婆婆|公公|婆家|家属|母亲|妈妈|姐姐|妹妹|儿子|女儿|闺女|孩子))?"
_NEAR = (
    rf"(?:{_HAN}{{0,6}}(?:邻居|同事|同学|亲戚|朋友|表姐|表妹|堂姐|堂妹|嫂子|弟媳|弟妹|儿媳|侄女|外甥女"
    r"|村的|厂的|单位的|家的))?"
)
_OPEN = r"[\"'“‘「『【《(\[]?"
#: What stands between her and her name; ``told`` where the words themselves say that a name follows.
_BESIDE = re.compile(
    rf"(?P<many>每(?:个|名|位|一个|一名|一位)?|所有|很多|许多|不少|大量|多数|各)?{WOMAN}{_AGE}{_KIN}(?:[一二三两]?(?:[个位]|名(?![字叫:])))?"
    rf"(?:(?P<told>[(,:]?{_TELLS}{_NEAR}[:,]?\n?{_OPEN}|:\n?{_OPEN}|[\"'“‘「『【《(\[]|[-—–/=>~|]{{1,4}})|{_IS}{_NEAR}|[,、])?"
)
#: Told later in the sentence; 叫 also calls somebody, so nothing may follow such a name.
_LATER = re.compile(rf"{WOMAN}[^。!?\n]{{0,12}}?(?:[,(](?:名叫|叫)|(?:真名|本名|原名)[是叫为]?:?)")
_SHE = re.compile(
    r"(?:她|该女子|该女|那女的|那名女子|这名女子|这女的|那女子|女方|该妇女)"
    rf"(?:的?(?:姓名|名字)(?:[是叫为])?:?|名叫|名为|叫做|叫){_OPEN}"
)
_CALLED = re.compile(rf"(?:名叫|名为|叫做|叫)(?={_HAN}{{2,4}}的(?:那[名个位])?{WOMAN})")
_FORM = re.compile(r"(?:姓名|患者|受检者|病人):?")
_FORM_AFTER = re.compile(r"[^\n。]{0,30}?(?:性别|女|孕|末次月经|年龄|胎|岁)")
_FULL = re.compile(rf"姓(?P<sur>{_HAN}{{1,2}})[,、]?(?:名字?|单名)(?:叫|是)?(?P<given>{_HAN}{{1,2}})")
_AS_TOLD = re.compile(rf"{_HAN}{{2,12}}[·•‧・.]{_HAN}{{2,12}}|[A-Z][a-z]{{1,6}}[A-Z][a-z]{{1,12}}")
#: A name before her: 张小红(孕妇), 张小红怀孕了, 张三的媳妇怀孕.
_BEFORE = re.compile(
    rf"(?=[(\[【](?:{WOMAN}|(?:已经?|刚|现)?怀(?:了)?孕)|是?(?:一?[名个位])?怀(?:了)?孕|(?:也|就)?是(?:一?[名个位])?{WOMAN}"
    rf"|[这那][名个位]{WOMAN}|[,、](?:一?[名个位])?{WOMAN}(?:[,。;]|$)|的?(?:老婆|媳妇|妻子|爱人|儿媳妇?|女儿|闺女|女朋友|对象)"
    rf"[^。!?\n]{{0,10}}?(?:怀孕|有孕|孕|{ENDED}|鉴定|查胎儿|查性别|B超))"
)
_CHAIN = re.compile(r"[、和与及跟]|以及")
#: A role named so many signs before still counts.
_LONG = 40
_SURNAMES = CLEAR | ALSO_WORDS
_ROLE = re.compile(rf"(?P<offender>{OFFENDER})|{WOMAN}")


def names(view: Folded) -> Iterator[Found]:
    """Where names stand in the text folded without blanks; ``view.text`` is read, never kept."""
    text = view.text
    for found in _BESIDE.finditer(text):
        if not found["many"]:
            yield from _chain(text, found.end(), told=bool(found["told"]))
    for found in _SHE.finditer(text):
        if not _offender_before(text, found.start()):
            yield from _chain(text, found.end(), told=True)
    for found in _LATER.finditer(text):
        end = _name(text, found.end(), told=True)
        if end and (end == len(text) or re.match(_HAN, text[end]) is None):
            yield found.end(), end
    for found in _CALLED.finditer(text):
        yield from _chain(text, found.end(), told=True)
    for found in _FORM.finditer(text):
        end = _name(text, found.end(), told=True)
        if end and _FORM_AFTER.match(text, end) and not _offender_before(text, found.start()):
            yield found.end(), end
    for found in _FULL.finditer(text):
        if found["given"][0] not in NEVER and _near_her(text, *found.span()):
            yield found.span()
    for found in _BEFORE.finditer(text):
        start = _name_ending(text, found.start())
        if start >= 0:
            yield start, found.start()


def _chain(text: str, start: int, *, told: bool) -> Iterator[Found]:
    """One name, and those that follow it: 张小红、李小丽和王芳."""
    while end := _name(text, start, told=told):
        yield start, end
        link = _CHAIN.match(text, end)
        if link is None:
            return
        start, told = link.end(), False


def _name(text: str, start: int, *, told: bool) -> int:
    """Where the name that begins here ends, 0 for none."""
    foreign = _AS_TOLD.match(text, start)
    if foreign and (told or "·" in foreign.group() or foreign.group().isascii()):
        return foreign.end()
    surname = _surname(text, start)
    first = start + surname
    if not surname or first >= len(text) or text.startswith(EVERYDAY, start) or text.startswith(TITLES, first):
        return 0
    end = first + _given(text, first, told=told, careful=surname == 1 and text[start] in ALSO_WORDS)
    if end == first or any(text.startswith(PLACES, place) for place in range(first, end + 1)):
        return 0
    return end


def _surname(text: str, start: int) -> int:
    if text[start : start + 2] in COMPOUNDS:
        return 2
    return 1 if text[start : start + 1] in _SURNAMES else 0


def _given(text: str, first: int, *, told: bool, careful: bool) -> int:
    """How many signs of a given name stand here: 2, 1 or 0."""
    one, two = text[first], text[first + 1 : first + 2]
    if not _may_be(one) or two == "某":
        return 0
    pair = bool(two) and _may_be(two)
    if one in GIVEN:
        if pair and (two in GIVEN or (two not in AFTER and _over(text, first + 2))):
            return 2
        return 1 if told or not careful or _over(text, first + 1) else 0
    if careful and not told:
        return 0
    if pair and two not in AFTER and ((told and not careful) or _over(text, first + 2)):
        return 2
    return 1 if _over(text, first + 1) else 0


def _may_be(sign: str) -> bool:
    return re.match(_HAN, sign) is not None and (sign in GIVEN or sign not in NEVER)


def _over(text: str, place: int) -> bool:
    return place >= len(text) or text[place] in AFTER or re.match(_HAN, text[place]) is None


def _name_ending(text: str, end: int) -> int:
    """Where a name begins that ends here, -1 for none: the longest first."""
    for length in (4, 3, 2):
        start = end - length
        if start >= 0 and _name(text[:end], start, told=False) == end:
            return start
    return -1


def _offender_before(text: str, place: int) -> bool:
    roles = list(_ROLE.finditer(text, max(0, place - _LONG), place))
    return bool(roles) and roles[-1]["offender"] is not None


def _near_her(text: str, start: int, end: int) -> bool:
    around = text[max(0, start - _LONG) : end + _LONG]
    return not _offender_before(text, start) and re.search(rf"{WOMAN}|她|该女", around) is not None
