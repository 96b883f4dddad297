"""Where a pregnant woman lives, written beside her: a village, an estate or a door by number, no inn and no clinic."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.tips.third_parties.folding import Folded
from backend.tips.third_parties.words import WOMAN

Found = tuple[int, int]

_DOOR = r"[0-9一二三四五六七八九十百]{1,5}(?:号楼|号院|栋|幢|单元|室|户|弄|巷|胡同|排|组|号)"
_PLACE = r"(?:小区|社区|花园|家园|公寓|新村|苑|村|庄|屯|寨|胡同)"
_HERS = r"(?:她|该女子|该女|那女的|这名女子|那名女子)"
_LIVES = (
    r"(?:的?(?:家庭)?(?:住址|地址|住处|户籍)(?:在|是|为)?|(?:现在?|就|目前)?(?:家)?住(?:在|址)?"
    r"|的?家(?:就)?(?:住)?在)[:,]?"
)
#: Between her and where she lives: a name, an age.
_SHE_IS = r"[:(]?[\u4e00-\u9fff]{0,4}(?:[,(]?[0-9]{1,2}岁)?[,)、]{0,2}"
_AFTER = re.compile(rf"(?:{WOMAN}|{_HERS}){_SHE_IS}{_LIVES}(?P<where>[^。!?;\n]{{2,40}})")
_BEFORE = re.compile(rf"(?:家住|住在|住)(?P<where>[^。!?;,\n]{{2,30}}?)的(?:那[个名位]|一[个名位])?(?:{WOMAN})")
_EXACT = re.compile(rf"{_DOOR}|{_PLACE}")
_INSTITUTION = re.compile(r"诊所|医院|门诊|病房|宾馆|旅馆|酒店|招待所|民宿|卫生|药店|会所|月子|公司|病床|床位")
_VAGUE = re.compile(r"(?:附近|周边|外地|邻|本|同|这个|那个|一个|哪个|某|几个|哪|什么|[的在去])(?:小区|社区|新村|村|庄)")


def addresses(view: Folded) -> Iterator[Found]:
    """Where her address stands in the text folded without blanks."""
    for pattern in (_AFTER, _BEFORE):
        for found in pattern.finditer(view.text):
            where = _VAGUE.sub(lambda vague: "_" * len(vague.group()), found["where"])
            exact = list(_EXACT.finditer(where))
            if exact and not _INSTITUTION.search(where):
                start = found.start("where")
                yield start, start + exact[-1].end()
