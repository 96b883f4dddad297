"""Identity documents and mobile numbers: checked, masked, never echoed.

Rules: GB 11643 (居民身份证, check character ISO 7064 MOD 11-2), the same form for 港澳台居民居住证
(areas 81, 82, 83) and for the 外国人永久居留身份证 of 2023 (first digit 9); the older one has a country of
three letters and twelve digits: place (4), birth YYMMDD, two more. The last of these is not checked: no
published standard gives its rule, and a wrong refusal would send a person home. Area codes are not
looked up: abolished ones stay valid for life, samples use 000000.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from backend.kernel.errors import Wrong
from backend.kernel.i18n import N_, Text

ID_TYPES = ("resident_id", "hmt_permit", "foreign_pr", "passport", "other")
#: Types whose number belongs to one person everywhere (passports of two countries may be alike).
UNIQUE_TYPES = ("resident_id", "hmt_permit", "foreign_pr")
OLDEST_YEARS = 150
_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECKS = "10X98765432"
_LATEST = date(2200, 1, 1)
_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_OLD_FOREIGN = re.compile(r"[A-Z]{3}[0-9]{12}", re.ASCII)
_PASSPORT = re.compile(r"[A-Z0-9]{5,20}", re.ASCII)
_OTHER = re.compile(r"[A-Z0-9][A-Z0-9()/-]{1,28}[A-Z0-9)]", re.ASCII)
_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)


def check_id(id_type: str, number: str, *, today: date | None = None) -> str:
    """The number as the document prints it (ASCII, upper case); ``Wrong`` says which part is not right.

    ``today`` (China) is the latest day of birth; without it only absurd years are refused.
    """
    normalised = _normalise(number)
    if id_type == "resident_id":
        return _eighteen(normalised, N_("居民身份证"), today)
    if id_type == "hmt_permit":
        if normalised[:2].isdigit() and normalised[:2] not in ("81", "82", "83"):
            raise Wrong(N_("港澳台居民居住证的前两位是 81、82 或 83，请对照证件再看一遍，也看看证件类型选对了没有"))
        return _eighteen(normalised, N_("港澳台居民居住证"), today)
    if id_type == "foreign_pr":
        return _foreign(normalised, today)
    if id_type == "passport":
        return _matching(
            _PASSPORT,
            normalised,
            N_("护照号码是 5 到 20 位字母和数字，请对照护照再看一遍"),
        )
    if id_type == "other":
        return _matching(
            _OTHER,
            normalised,
            N_("证件号码是 3 到 30 位字母和数字，请对照证件再看一遍"),
        )
    raise Wrong(N_("请选择证件类型"))


def check_mobile(value: str) -> str:
    """An 11-digit mobile number of mainland China, typed in any width, with spaces or hyphens."""
    if "\n" in value or "\r" in value:
        raise Wrong(N_("手机号里有换行，请删掉后再试"))
    digits = re.sub(r"[ -]", "", unicodedata.normalize("NFKC", value))
    if not _MOBILE.fullmatch(digits):
        raise Wrong(N_("手机号是 11 位数字，以 13 到 19 开头，请再看一遍"))
    return digits


def birth_date(number: str) -> date | None:
    """The day of birth inside a checked 18-digit number; ``None`` for other documents."""
    if not _EIGHTEEN.fullmatch(number):
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex(number: str) -> str | None:
    """``male`` or ``female`` by the 17th digit of a checked 18-digit number; ``None`` for other documents."""
    if not _EIGHTEEN.fullmatch(number):
        return None
    return "male" if int(number[16]) % 2 else "female"


def check_character(first17: str) -> str:
    """The 18th character over the first 17 digits (GB 11643: MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def mask_name(name: str) -> str:
    """The first letter and one star for each other one: 王㐂 → 王*."""
    return name[:1] + "*" * (len(name) - 1)


def mask_id(number: str) -> str:
    """The first three and last two characters of a long number, the ends of a short one."""
    if len(number) < 8:
        return number[:1] + "*" * max(len(number) - 2, 1) + number[-1:]
    return number[:3] + "*" * (len(number) - 5) + number[-2:]


def mask_mobile(mobile: str) -> str:
    """138****0021."""
    return mobile[:3] + "****" + mobile[-4:]


def _normalise(number: str) -> str:
    """Any width to ASCII, upper case, without the spaces around; a line end is refused, not dropped."""
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in number):
        raise Wrong(N_("证件号码里有换行或看不见的字符，请删掉后再试"))
    # Full-width letters and digits only: NFKC alone would also turn ② or ¹ into digits.
    narrow = "".join(chr(ord(s) - 0xFEE0) if 0xFF01 <= ord(s) <= 0xFF5E else s for s in number)
    return narrow.strip(" \u3000").upper()


def _matching(pattern: re.Pattern[str], number: str, text: Text) -> str:
    if not pattern.fullmatch(number):
        raise Wrong(text)
    return number


def _eighteen(number: str, document: Text, today: date | None) -> str:
    if len(number) != 18:
        raise Wrong(
            N_(
                "%(document)s号码是 18 位，现在是 %(count)d 位，请对照证件再看一遍",
                document=document,
                count=len(number),
            )
        )
    for position, sign in enumerate(number, start=1):
        if not (sign.isascii() and sign.isdigit()) and not (position == 18 and sign == "X"):
            raise Wrong(
                N_(
                    "第 %(position)d 位应该是数字，请对照身份证再看一遍",
                    position=position,
                )
            )
    _check_birth(birth_date(number), today)
    if check_character(number[:17]) != number[17]:
        raise Wrong(N_("第 18 位不对，请对照身份证再看一遍，前面的数字也看一看"))
    return number


def _check_birth(born: date | None, today: date | None) -> None:
    if born is None:
        raise Wrong(N_("第 7 到 14 位是出生日期，没有这一天，请对照身份证再看一遍"))
    if born > (today or _LATEST):
        raise Wrong(N_("第 7 到 14 位是出生日期，这一天还没有到，请对照身份证再看一遍"))
    if born.year < (today.year - OLDEST_YEARS if today else 1850):
        raise Wrong(N_("第 7 到 14 位是出生日期，年份太早了，请对照身份证再看一遍"))


def _foreign(number: str, today: date | None) -> str:
    if len(number) == 18:
        if not number.startswith("9"):
            raise Wrong(N_("外国人永久居留身份证的第 1 位是 9，请对照证件再看一遍，也看看证件类型选对了没有"))
        return _eighteen(number, N_("外国人永久居留身份证"), today)
    if len(number) != 15:
        raise Wrong(
            N_(
                "外国人永久居留身份证号码是 18 位（旧证 15 位），现在是 %(count)d 位，请再看一遍",
                count=len(number),
            )
        )
    if not _OLD_FOREIGN.fullmatch(number):
        raise Wrong(N_("旧的外国人永久居留身份证号码是 3 个字母和 12 个数字，请对照证件再看一遍"))
    if not _real_month_day(number[7:13]):
        raise Wrong(N_("第 8 到 13 位是出生日期，没有这一天，请对照证件再看一遍"))
    return number


def _real_month_day(yymmdd: str) -> bool:
    """The century is not printed: 29 February counts when one of the two years has it."""
    for century in (1900, 2000):
        try:
            date(century + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:]))
        except ValueError:
            continue
        return True
    return False


#: Surnames of two signs (复姓), as far as they are in use; a name must be longer to begin with one.
_COMPOUND = """
万俟 上官 东方 东郭 亓官 仲孙 令狐 公冶 公孙 公羊 公西 公良 南宫 南门 即墨 司寇 司徒
司空 司马 呼延 夏侯 太叔 太史 夹谷 子车 宇文 完颜 宗政 宰父 尉迟 左丘 巫马 慕容 拓跋
梁丘 段干 欧阳 淳于 漆雕 澹台 濮阳 独孤 申屠 百里 皇甫 第五 端木 纳兰 羊舌 耶律 西门
诸葛 谷梁 赫连 达奚 轩辕 钟离 长孙 闻人 闾丘 鲜于 颛孙 乐正
"""
COMPOUND = frozenset(_COMPOUND.split())


def mask_publicly(name: str) -> str:
    """A name as everybody may read it: the surname (of others the first letter) and one star, however long it is."""
    if name[:2] in COMPOUND and len(name) > 2:
        return f"{name[:2]}*"
    end = 1
    while end < len(name) and unicodedata.category(name[end]).startswith("M"):
        end += 1
    return f"{name[:end]}*"
