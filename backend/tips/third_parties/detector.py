"""Who does not belong into a tip: a woman, by number, name, record or address. Found before anything is stored.

A tip is about an institution or a practitioner (issue 6, PRODUCT §2 rule 3). Places are code points of the text as
typed; no answer, log or row ever repeats what was found there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_, Text
from backend.tips.third_parties.address import addresses
from backend.tips.third_parties.folding import NOISE, fold, squeezed
from backend.tips.third_parties.names import names
from backend.tips.third_parties.numbers import identity_numbers, mobile_numbers
from backend.tips.third_parties.records import contacts, record_numbers
from backend.tips.third_parties.words import OFFENDER, WOMAN

ID_NUMBER, MOBILE, RECORD, NAME, ADDRESS, CONTACT = "id_number", "mobile", "record_number", "name", "address", "contact"
KINDS = (ID_NUMBER, MOBILE, RECORD, CONTACT, NAME, ADDRESS)
#: What the offender's own contacts may hold.
OFFENDERS_OWN = frozenset({MOBILE})
#: Parts of an entry that nobody wrote: of the proof of filing, of a reward.
MADE = frozenset({"opening", "box"})
#: Ids and digests: their digits mean nobody.
_ID = re.compile(r"(?=.*[a-f])[0-9a-f]{32}(?:[0-9a-f]{32})?", re.ASCII)
TARGET_NAME, CONTACTS = "target.name", "target.contacts."
LABELS: dict[str, Text] = {
    ID_NUMBER: N_("像身份证号"),
    MOBILE: N_("像手机号"),
    RECORD: N_("像病历、手册或床位的号码"),
    CONTACT: N_("像孕产妇的联系方式"),
    NAME: N_("像孕产妇的姓名"),
    ADDRESS: N_("像孕产妇的住址"),
}
SAID: dict[str, Text] = {
    ID_NUMBER: N_("这里有像身份证号的数字，请删掉"),
    MOBILE: N_("这里有像手机号的数字，请删掉。被举报人的电话和微信写在“被举报人的联系方式”里"),
    RECORD: N_("这里有像病历、手册或床位的号码，请删掉"),
    CONTACT: N_("这里像写了孕产妇的联系方式，请删掉"),
    NAME: N_("这里像写了孕产妇的姓名，请改成“某”"),
    ADDRESS: N_("这里像写了孕产妇的住址，请删掉"),
}
WORDS = N_("举报不需要写孕妇是谁。请把标出来的几处删掉，或改成“某”。其他写的都还在，我们什么也没有存")
NOT_HER = N_("举报的对象只能是机构、行医或卖药的人、中介，不能是孕妇。请改写是谁做的，我们什么也没有存")
_HERSELF = re.compile(rf"{WOMAN}|怀孕|有孕|孕女")
_NOT_HERSELF = re.compile(
    rf"{OFFENDER}|院|所|中心|店|站|室|公司|馆|部|会|机构|平台|群|网|号|家|铺|厂|社|门诊|先生|频道|课堂|学校"
)


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """From ``start`` to before ``end``, counted in code points; ``kind`` is one of ``KINDS``."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text for a page: ``kind`` is empty where nothing was found."""

    text: str
    kind: str = ""


def spots(text: str, *, allowed: Iterable[str] = ()) -> list[Spot]:
    """What points to a person, in order, never overlapping; kinds in ``allowed`` are let pass."""
    spaced, joined = fold(text), fold(text, spaces=False)
    finders = (
        (ID_NUMBER, spaced, identity_numbers),
        (MOBILE, spaced, mobile_numbers),
        (RECORD, spaced, record_numbers),
        (CONTACT, spaced, contacts),
        (NAME, joined, names),
        (NAME, squeezed(joined), names),
        (ADDRESS, joined, addresses),
    )
    found = [_spot(text, *view.span(*place), kind) for kind, view, find in finders for place in find(view)]
    return [spot for spot in _merged(found) if spot.kind not in set(allowed)]


def _spot(text: str, start: int, end: int, kind: str) -> Spot:
    while end - start > 1 and (text[end - 1].isspace() or text[end - 1] in NOISE):
        end -= 1
    return Spot(start, end, kind)


def _merged(found: list[Spot]) -> list[Spot]:
    """Overlapping ones become one, of the kind that comes first in ``KINDS``."""
    merged: list[Spot] = []
    for spot in sorted(found):
        if merged and spot.start < merged[-1].end:
            last = merged[-1]
            kind = min(last.kind, spot.kind, key=KINDS.index)
            merged[-1] = Spot(last.start, max(last.end, spot.end), kind)
        else:
            merged.append(spot)
    return merged


def marked(text: str, found: Iterable[Spot]) -> list[Piece]:
    """The text cut at the spots, for a page that marks them; the pieces together are the text."""
    pieces: list[Piece] = []
    place = 0
    for spot in sorted(found):
        pieces += [Piece(text[place : spot.start]), Piece(text[spot.start : spot.end], spot.kind)]
        place = spot.end
    return [piece for piece in (*pieces, Piece(text[place:])) if piece.text]


def refuse(texts: Mapping[str, str], *, contacts_of_offender: Mapping[str, str] | None = None) -> None:
    """422 ``third_party`` with the spots of every field; nothing of the texts is in it, only places.

    ``texts`` maps a field to what was written there; in ``contacts_of_offender`` mobiles may stand.
    """
    _refuse(
        {field: spots(text) for field, text in texts.items()}
        | {field: spots(text, allowed=OFFENDERS_OWN) for field, text in (contacts_of_offender or {}).items()},
        WORDS,
    )


def refuse_entry(content: Mapping[str, Any]) -> None:
    """The same for all that somebody wrote into an entry of a tip, whoever it was, and for whom it accuses."""
    texts = written(content)
    own = {field: text for field, text in texts.items() if field.startswith(CONTACTS)}
    refuse({field: text for field, text in texts.items() if field not in own}, contacts_of_offender=own)
    refuse_as_target(TARGET_NAME, texts.get(TARGET_NAME, ""))


def written(content: Mapping[str, Any]) -> dict[str, str]:
    """Every text of an entry under its path (``target.name``, ``target.contacts.0``) but what nobody wrote."""
    return dict(_written({name: value for name, value in content.items() if name not in MADE}))


def _written(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and not _ID.fullmatch(value):
        yield field, value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _written(part, f"{field}.{name}" if field else name)
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            yield from _written(part, f"{field}.{number}")


def refuse_as_target(field: str, name: str) -> None:
    """422 ``third_party`` when the one accused is a pregnant woman: tips are about whoever does it to her."""
    folded = fold(name, spaces=False).text
    if _HERSELF.search(folded) and not _NOT_HERSELF.search(folded):
        _refuse({field: [Spot(0, len(name), NAME)]}, NOT_HER)


def _refuse(found: Mapping[str, list[Spot]], words: Text) -> None:
    there = {field: places for field, places in found.items() if places}
    if there:
        raise Invalid(
            "third_party",
            words,
            errors={field: _said(places, words) for field, places in there.items()},
            extra={"spots": {field: [asdict(spot) for spot in places] for field, places in there.items()}},
        )


def _said(found: Iterable[Spot], words: Text) -> list[Text]:
    kinds = {spot.kind for spot in found}
    return [SAID[kind] for kind in KINDS if kind in kinds] if words is WORDS else [words]
