"""Numbers that belong to one person, in any disguise: identity cards (GB 11643, 18 and 15 places), mobiles, records.

A run is digits with at most four other signs between two of them. A number is looked for between edges: the ends of
the run, a gap, or a change between figures and Chinese numerals. What has a real day of birth in its place counts
whatever separates its digits. Let pass: dates, amounts, fixed telephones, licences, bank accounts, parcel numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from backend.kernel.privacy import check_character
from backend.tips.third_parties.folding import Folded

Found = tuple[int, int]

_RUN = re.compile(r"[0-9](?:[\W_]{0,4}[0-9])*")
_CROSS = re.compile(r"[\W_]{0,4}[xX×✕✖⨯叉乂](?![A-Za-z0-9])")
_SENTENCE = re.compile(r"[,、;:/!?。“”‘’《》\"|]")
_DAY = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}([.\-])[01]?[0-9]\1[0-3]?[0-9](?![0-9])")
_ROUND = re.compile(r"[1-9][0-9]*0")
_PROVINCES = frozenset(
    [
        "00",
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
_CENTURIES = ("19", "20")
#: Nobody who is pregnant was born later.
LATEST = 2030
_IDENTITY = re.compile(r"身份证|证件号|(?<![可格业册照])证号|身份号码|[Ii][Dd]号")
_OTHER = re.compile(r"信用代码|许可证|执照|登记号|备案|批准文号|注册号|单号|订单|快递|运单|账号|帐号|卡号|流水")
#: So many signs before a number may say what it is.
_SAID_WITHIN = 14
EIGHTEEN, FIFTEEN, MOBILE, WRONG_IDENTITY = 18, 15, 11, 14
#: How people group the eleven digits; other groups may be a list of amounts.
_GROUPS = {(11,), (3, 4, 4), (3, 8), (7, 4), (3, 3, 5)}


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits, their places in the folded text, and what stands before each."""

    digits: str
    places: tuple[int, ...]
    gaps: tuple[str, ...]
    numerals: tuple[bool, ...]

    def edge(self, index: int) -> bool:
        if index in (0, len(self.digits)):
            return True
        return bool(self.gaps[index]) or self.numerals[index] != self.numerals[index - 1]

    def pieces(self, start: int, end: int) -> tuple[str, ...]:
        cuts = [start, *(i for i in range(start + 1, end) if self.gaps[i]), end]
        return tuple(self.digits[a:b] for a, b in pairwise(cuts))

    def quiet(self, start: int, end: int) -> bool:
        """No sign between them that ends a clause or parts a list."""
        return not any(_SENTENCE.search(gap) for gap in self.gaps[start + 1 : end])


def identity_numbers(view: Folded) -> Iterator[Found]:
    """Where identity numbers stand in the folded text."""
    for run in _runs(view):
        before = view.text[max(0, run.places[0] - _SAID_WITHIN) : run.places[0]]
        cross = _CROSS.match(view.text, run.places[-1] + 1)
        if _IDENTITY.search(before) and len(run.digits) >= WRONG_IDENTITY and run.quiet(0, len(run.digits)):
            yield run.places[0], cross.end() if cross else run.places[-1] + 1  # typed wrong, it still names her
            continue
        other = bool(_OTHER.search(before))
        index = 0
        while index < len(run.digits):
            length = _identity_at(run, index, crossed=cross is not None, other=other)
            if length == 17 and cross:
                yield run.places[index], cross.end()
            elif length:
                yield run.places[index], run.places[index + length - 1] + 1
            index += length or 1


def mobile_numbers(view: Folded) -> Iterator[Found]:
    """Where mobile numbers of mainland China stand, with their country code if it is written."""
    days = [match.span() for match in _DAY.finditer(view.digits)]
    for run in _runs(view):
        index = 0
        while index + MOBILE <= len(run.digits):
            start = run.places[index]
            if _mobile_at(run, index) and not any(a <= start < b for a, b in days):
                yield run.places[_country_code(run, index)], run.places[index + MOBILE - 1] + 1
                index += MOBILE
            else:
                index += 1


def _runs(view: Folded) -> Iterator[_Run]:
    for match in _RUN.finditer(view.digits):
        places = tuple(i for i in range(*match.span()) if "0" <= view.digits[i] <= "9")
        if len(places) >= MOBILE:
            gaps = ("", *(view.digits[a + 1 : b] for a, b in pairwise(places)))
            numerals = tuple(not view.text[i].isascii() for i in places)
            yield _Run("".join(view.digits[i] for i in places), places, gaps, numerals)


def _identity_at(run: _Run, index: int, *, crossed: bool, other: bool) -> int:
    """18, 17 (an X follows) or 15 digits from here, 0 for none."""
    digits = run.digits[index : index + EIGHTEEN]
    if len(digits) == 17 and crossed and _eighteen(run, index, digits, other=False):
        return 17
    if len(digits) == EIGHTEEN and _eighteen(run, index, digits, other=other):
        return EIGHTEEN
    if len(digits) >= FIFTEEN and not other and _fifteen(run, index, digits[:FIFTEEN]):
        return FIFTEEN
    return 0


def _eighteen(run: _Run, index: int, digits: str, *, other: bool) -> bool:
    if digits[6:8] not in _CENTURIES:
        return False
    born, place = _birth(digits[6:14]), digits[:2] in _PROVINCES or digits[0] == "9"
    if born and place and digits[17:] == check_character(digits[:17]):
        return True  # too good to be chance, even inside a longer number
    if other or not (run.edge(index) and run.edge(min(index + EIGHTEEN, len(run.digits)))):
        return False
    if born:
        return place or run.quiet(index, index + len(digits))
    return place and len(run.pieces(index, index + len(digits))) == 1  # one digit wrong, and still hers


def _fifteen(run: _Run, index: int, digits: str) -> bool:
    if digits[:2] not in _PROVINCES or not (run.edge(index) and run.edge(index + FIFTEEN)):
        return False
    return _birth(f"19{digits[6:12]}") and run.quiet(index, index + FIFTEEN)


def _birth(digits: str) -> bool:
    if digits[:2] not in _CENTURIES or int(digits[:4]) > LATEST:
        return False
    try:
        return bool(date(int(digits[:4]), int(digits[4:6]), int(digits[6:])))
    except ValueError:
        return False


def _mobile_at(run: _Run, index: int) -> bool:
    end = index + MOBILE
    if run.digits[index] != "1" or run.digits[index + 1] not in "3456789" or not run.edge(end):
        return False
    if not run.edge(_country_code(run, index)):
        return False
    pieces = run.pieces(index, end)
    lengths = tuple(len(piece) for piece in pieces)
    if set(lengths) == {1}:
        return True
    round_ = all(_ROUND.fullmatch(piece) for piece in pieces)
    if not run.quiet(index, end):
        return lengths in _GROUPS and not round_ and len(set(run.gaps[index + 1 : end]) - {""}) == 1
    if lengths in _GROUPS:
        return True
    return (lengths[0] >= 3 or len(set(run.gaps[index + 1 : end]) - {""}) == 1) and not round_


def _country_code(run: _Run, index: int) -> int:
    """Where 86, 0086 or the 0 of a long-distance call before a mobile begins; ``index`` without one."""
    for code in ("0086", "86", "0"):
        start = index - len(code)
        if start >= 0 and run.digits[start:index] == code and run.edge(start):
            return start
    return index
