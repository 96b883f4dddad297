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
_IS = r"(?:就?是|即|名|系|为)"
_AGE = r"(?:[,(]?[0-9一二三四五六七八九十]{1,4}岁(?:多)?(?:的)?[,)]?)?"
_KIN = r"(?:的?(?:丈夫|老公|男人|爱人|对象|婆婆|公公|婆家|家属|母亲|妈妈|姐姐|妹妹|儿子|女儿|闺女|孩子))?"
_NEAR = (
    rf"(?:{_HAN}{{0,6}}(?:邻居|同事|同学|亲戚|朋友|表姐|表妹|堂姐|堂妹|嫂子|弟媳|弟妹|儿媳|侄女|外甥女"
    r"|村的|厂的|单位的|家的))?"
)
_OPEN = r"[\"'“‘「『【《〈〔(\[{]?"
_BRACKET = _OPEN.removesuffix("?")
_FROM = rf"(?:[,(](?:来自|家在){_HAN}{{2,6}}[的人][,)]?|\({_HAN}{{2,5}}人\))"
_WHICH = r"(?:们|名单|[(]?(?:[0-9]{1,2}|[A-Za-z]|[甲乙丙丁])(?![0-9A-Za-z岁个周月天名位])[)]?)?"
#: What stands between her and her name; ``told`` where the words themselves say that a name follows.
_BESIDE = re.compile(
    rf"(?P<many>每(?:个|名|位|一个|一名|一位)?|所有|很多|许多|不少|大量|多数|各)?{WOMAN}{_WHICH}(?:本人)?{_AGE}{_KIN}"
    r"(?:[一二三两]?(?:[个位]|名(?![字叫:单])))?"
    rf"(?:{_FROM}|(?P<told>[(,:]?{_TELLS}{_NEAR}[:,]?\n?{_OPEN}|:\n?{_OPEN}|{_BRACKET}|[-—–/=>~|]{{1,4}})"
    rf"|{_IS}{_NEAR}|[,、]|[^\w\s。!?;,、.:]{{1,3}})?"
)
#: Who they are, several of them or by guess; told later in the sentence. 叫 also calls somebody, and whoever 有 may be
#: the driver: nothing may follow such a name.
_LATER = re.compile(
    rf"{WOMAN}(?P<some>(?:当中|之中|中|里)?(?:有|包括)|分别[是为叫])"
    rf"|{WOMAN}[^。!?\n]{{0,12}}?(?:[,(](?:名叫|叫|名(?!字))|(?:好像|据说|听说|大概|应该|可能|似乎)(?:就?是)?(?:名叫|叫做?|是)"
    r"|(?:真名|本名|原名|小名|名字|姓名)[是叫为]{0,2}:?)"
)
_SHE = re.compile(
    r"(?:她|该女子|该女|那女的|那名女子|这名女子|这女的|那女子|女方|该妇女)"
    rf"(?:的?(?:姓名|名字)(?:[是叫为])?:?|名叫|名为|叫做|叫){_OPEN}"
)
_CALLED = re.compile(rf"(?:名叫|名为|叫做|叫)(?={_HAN}{{2,4}}的(?:那[名个位])?{WOMAN})")
_FORM = re.compile(r"(?:姓名|患者|受检者|病人):?")
_FORM_AFTER = re.compile(r"[^\n。]{0,30}?(?:性别|女|孕|末次月经|年龄|胎|岁)")
_FULL = re.compile(
    rf"姓(?P<sur>{_HAN}{{1,2}})[,、]?(?:(?:名字?|单名)(?:叫|是)?|(?P<called>叫))(?P<given>{_HAN}{{1,2}})"
)
_AS_TOLD = re.compile(rf"{_HAN}{{2,12}}[·•‧・.]{_HAN}{{2,12}}|[A-Z][a-z]{{1,6}}[A-Z][a-z]{{1,12}}")
_YEARS = r"[0-9]{1,2}岁"
_ABOUT = rf"(?:女[,、])?(?:{_YEARS}[,、])?"
#: A name before her: 张小红(孕妇), 张小红怀孕了, 张三的媳妇怀孕.
_BEFORE = re.compile(
    rf"(?=[(\[【]{_ABOUT}(?:{WOMAN}|(?:已经?|刚|现)?怀(?:了)?孕|孕(?=[0-9)]))|[,、](?:女[,、]|{_YEARS}[,、]){{1,2}}怀孕|是?(?:一?[名个位])?怀(?:了)?孕|(?:也|就)?是(?:一?[名个位])?{WOMAN}"
    rf"|[这那][名个位]{WOMAN}|[,、]{_ABOUT}(?:一?[名个位])?{WOMAN}(?:[,。;]|$)|的?(?:老婆|媳妇|妻子|爱人|儿媳妇?|女儿|闺女|女朋友|对象)"
    rf"[^。!?\n]{{0,10}}?(?:怀孕|有孕|孕|{ENDED}|鉴定|查胎儿|查性别|B超))"
)
_SOME = r"[0-9一二两三四五六七八九十]{1,3}"
_MISS = r"(?:女士|小姐|大姐)"
_PREGNANT = r"怀(?:了|着|上)?(?:孕|身孕|[一二三四两]胎)"
#: The same less surely: nobody's name where an offender is spoken of (老板张三已经怀孕的都收).
_BEFORE_MAYBE = re.compile(
    rf"(?={_MISS}?(?:当时|那时|已经?|早就|现在?|目前|正|刚|又|也|还|意外|未婚)?{_PREGNANT}|{_MISS}[(,]?(?:是|系)?{WOMAN}"
    rf"|(?<![联关])系(?:一?[名个位])?{WOMAN}|[-—–/=|~:]{{1,3}}{WOMAN}(?:[,。;)\n]|$)"
    rf"|等{_SOME}(?:余|多)?[名个位]{WOMAN}|{_SOME}[名位]{WOMAN}|[,、]{_PREGNANT}{_SOME}个?多?[月周](?:[了。;]|$))"
)
#: 李秀兰孕妇在这里: a whole name and nothing before it.
_TOGETHER = re.compile(
    rf"(?:^|(?<=[^\u3400-\u9fff]))(?P<name>{_HAN}{{3,4}}?)(?=孕?产?妇(?:[,。;:!?、)]|$|[在去来到被说做住的已于和]))"
)
_PINYIN_SURNAME = (
    "wang|li|zhang|liu|chen|yang|zhao|huang|zhou|wu|xu|sun|hu|zhu|gao|lin|guo|luo|liang|song|zheng|xie|han|tang|feng"
    "|yu|dong|xiao|cheng|cao|yuan|deng|fu|shen|zeng|peng|lv|lu|su|jiang|cai|jia|ding|wei|xue|yan|pan|du|dai|xia|zhong"
    "|tian|ren|fan|fang|shi|yao|tan|liao|zou|xiong|jin|hao|kong|bai|cui|kang|mao|qiu|qin|gu|hou|shao|meng|long|wan"
)
_SYLLABLE = (
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in"
    "|iu|ou|ua|ue|ui|un|uo|[aeiouv])"
)
#: A name in letters, however they are written: zhangxiaohong.
_IN_LETTERS = re.compile(rf"(?i:(?=[a-z]{{6}})(?!liuchan)(?:{_PINYIN_SURNAME})(?:{_SYLLABLE}){{1,2}})(?![A-Za-z0-9])")
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
        if not _offender_before(text, found.end()):
            yield from _last(_chain(text, found.end(), told=not found["some"]), text)
    for found in _CALLED.finditer(text):
        yield from _chain(text, found.end(), told=True)
    for found in _FORM.finditer(text):
        end = _name(text, found.end(), told=True)
        if end and _FORM_AFTER.match(text, end) and not _offender_before(text, found.start()):
            yield found.end(), end
    for found in _FULL.finditer(text):
        sure = not found["called"] or set(found["given"]) <= GIVEN  # 叫车 calls no name
        if sure and found["given"][0] not in NEVER and _near_her(text, *found.span()):
            yield found.span()
    for found in _BEFORE.finditer(text):
        start = _name_ending(text, found.start())
        if start >= 0:
            yield start, found.start()
    yield from _maybe_before(text)


def _last(chain: Iterator[Found], text: str) -> Iterator[Found]:
    """The names of a chain if nothing follows them."""
    found = list(chain)
    if found and (found[-1][1] == len(text) or re.match(_HAN, text[found[-1][1]]) is None):
        yield from found


def _maybe_before(text: str) -> Iterator[Found]:
    for found in _BEFORE_MAYBE.finditer(text):
        start = _name_ending(text, found.start())
        if start >= 0 and not _offender_before(text, start):
            yield start, found.start()
    for found in _TOGETHER.finditer(text):
        name = found["name"]
        surname = _surname(name, 0)
        plain = name[:surname] in COMPOUNDS or name[0] in CLEAR
        whole = surname and plain and len(name) == surname + 2 and set(name[surname:]) <= GIVEN
        if whole and not name.startswith(EVERYDAY) and not _offender_before(text, found.start()):
            yield found.span("name")


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
    if letters := _IN_LETTERS.match(text, start):
        return letters.end()
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
