"""Numbers under which an institution keeps one woman, and what reaches her: found by the word beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.tips.third_parties.folding import Folded
from backend.tips.third_parties.words import WOMAN

Found = tuple[int, int]

_LABEL = re.compile(
    r"(?:病历|病案|住院|门诊|就诊|诊疗|挂号|检查|检验|化验|[Bb]超|彩超|超声|影像|档案|建档|建卡|建册|保健手?册|母子(?:健康)?手册|手册"
    r"|就诊卡|条码|样本|标本|医保卡?|社保卡?|护照)(?:的)?(?:编号|号码|号)"
)
_BED = re.compile(r"(?:病床|床位|床)(?:编号|号码|号)")
_BOOK = re.compile(r"(?:病历|病案|保健手?册|母子(?:健康)?手册|就诊卡|档案)[本卡册]?(?=[ \n]{0,2}[:(#])")
_LINK = re.compile(r"[\s:#为是叫(\"“No.]{0,8}")
_VALUE = re.compile(r"[A-Za-z]{0,6}[-_ ]?[0-9](?:[ \n\-_./]?[0-9A-Za-z])+")
_BED_VALUE = re.compile(r"[A-Za-z]?[0-9十]{1,4}(?![0-9])")
_REVERSED = re.compile(
    r"(?:编号|号码|号)(?:为|是|:)?[ ]?"
    r"(?P<number>[A-Za-z]{0,6}[0-9](?:[ \-_.]{0,2}[0-9A-Za-z]){1,40})(?:号)?的?(?:那[份本个])?"
    r"(?:病历|病案|住院|门诊|档案|检查单|化验单|B超单|报告|保健手?册|母子|手册|建档|产检本)"
)
_NUMBERED = re.compile(r"(?P<number>[0-9]{3,20})号(?:的)?(?:病历|病案|保健手?册|母子(?:健康)?手册)")
_HER_BED = re.compile(rf"(?P<number>[0-9十]{{1,4}})(?:号)?病?床(?:上|位)?的?(?:那个|那名|一个)?{WOMAN}")
_HERS = re.compile(
    rf"{WOMAN}的?(?:本人的?|家里?的?)?(?:微信|手机|电话|座机|[Qq]{{2}}|抖音|快手|联系方式|邮箱)"
    r"(?:账号|号码|号)?[是为:( ]{0,3}"
    r"(?P<number>[A-Za-z0-9](?:[ \-]?[A-Za-z0-9_.@]){4,39})"
)


def record_numbers(view: Folded) -> Iterator[Found]:
    """Numbers of records, beds, handbooks and samples of one person, label included where it stands before."""
    for pattern, value in ((_LABEL, _VALUE), (_BED, _BED_VALUE), (_BOOK, _VALUE)):
        for label in pattern.finditer(view.text):
            link = _LINK.match(view.text, label.end())
            found = value.match(view.digits, link.end() if link else label.end())
            if found and sum("0" <= sign <= "9" for sign in found.group()) >= (1 if value is _BED_VALUE else 2):
                yield label.start(), found.end()
    for reversed_, read in ((_REVERSED, view.text), (_NUMBERED, view.digits), (_HER_BED, view.text)):
        for found in reversed_.finditer(read):
            yield found.span("number")


def contacts(view: Folded) -> Iterator[Found]:
    """How she is reached: account or telephone named as hers."""
    for found in _HERS.finditer(view.text):
        yield found.span("number")
