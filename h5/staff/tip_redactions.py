"""Redaction 脱敏 of one entry at the console: tick what the detector marked, write other words, or destroy it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.wrappers import Response as BaseResponse

from backend.kernel.errors import Conflict, Invalid, Problem
from backend.kernel.i18n import N_, Text
from backend.kernel.text import small_number
from backend.schemas.base import Str
from backend.schemas.tips import TEXT
from backend.tips import cuts as content_cuts
from backend.tips.cuts import Cut
from backend.tips.entries import REPORT, Entry
from backend.tips.third_parties import detector
from backend.tips.third_parties.detector import Piece, Spot
from backend.web import tip_redactions
from backend.web.blueprint import invalid
from backend.web.tip_redactions import At
from backend.web.words import say
from h5.paths import with_word
from h5.staff import console, tip_lock

blp = tip_lock.install(Blueprint("h5_staff_tip_redactions", __name__, url_prefix="/staff/tips"))
ONE = "/<uuid:tip_id>/entries/<uuid:entry_id>/redaction"
SPOTS, WORDS, WHOLE = "spots", "words", "whole"
_WORDS = Str(max_length=TEXT, multiline=True)


@dataclass(frozen=True, slots=True)
class Part:
    """One field of an entry. ``pieces``: its words, marked; ``picks``: value, words and kind of each spot."""

    field: str
    label: str
    text: str
    pieces: Sequence[Piece]
    picks: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was posted. ``words``: by field, of those that are on the page."""

    how: str = ""
    spots: Sequence[str] = ()
    words: Mapping[str, str] = field(default_factory=dict, repr=False)
    edition: int | None = None
    sure: bool = False


@blp.get(ONE)
def show(tip_id: str, entry_id: str) -> BaseResponse:
    """What stands there, and what the detector sees in it; the look is logged."""
    return _page(At(tip_id, entry_id), None, None)


@blp.post(ONE)
def redact(tip_id: str, entry_id: str) -> BaseResponse:
    """Destroy for good; else the page again with what was chosen and the sentence beside it."""
    typed = _read()
    at = At(tip_id, entry_id, typed.edition)
    try:
        _carry_out(at, typed)
    except (Conflict, Invalid) as problem:
        return _page(at, typed, problem)
    return redirect(with_word(url_for("h5_staff_tips.one", tip_id=tip_id), "saved"), 303)


def _carry_out(at: At, typed: Typed) -> None:
    if not typed.sure:
        raise _missing("sure", N_("请勾选“我知道不能恢复”"))
    if typed.how == WHOLE:
        tip_redactions.destroy(at)
    elif typed.how == WORDS:
        tip_redactions.replace(at, _changed(at, typed))
    elif typed.how == SPOTS and typed.spots:
        tip_redactions.cut(at, [_cut(one) for one in typed.spots])
    else:
        raise _missing("how", N_("请选怎么处理：勾选标出来的地方、改成别的字，或整条销毁"))


def _changed(at: At, typed: Typed) -> dict[str, str]:
    """The fields whose words are others now."""
    now = content_cuts.fields(tip_redactions.read(at).content or {})
    found = {name: _clean(name, words) for name, words in typed.words.items() if words != now.get(name)}
    if not found:
        raise _missing(next(iter(typed.words), "text"), N_("字还和原来一样，请先改掉要隐去的字"))
    return found


def _clean(name: str, words: str) -> str:
    try:
        return str(_WORDS.deserialize(words))
    except ValidationError as error:
        raise invalid({name: error.messages}) from error


def _cut(value: str) -> Cut:
    name, _sep, places = value.rpartition("@")
    start, _sep, end = places.partition("-")
    return Cut(name, small_number(start) or 0, small_number(end) or 0)


def _read() -> Typed:
    form = request.form
    # A browser sends CR LF; what is sealed has one sign for a new line.
    words = {name[2:]: text.replace("\r\n", "\n") for name, text in form.items() if name.startswith("w-")}
    edition = small_number(form.get("edition", ""))
    return Typed(form.get("how", ""), form.getlist("spot"), words, edition, form.get("sure") == "yes")


def _page(at: At, typed: Typed | None, problem: Problem | None) -> BaseResponse:
    entry = tip_redactions.read(At(at.tip_id, at.entry_id))
    parts = _parts(entry)
    found = typed or Typed(_first_way(entry, parts), [value for part in parts for value, *_ in part.picks])
    page = console.page(
        "tips/redaction.html",
        at=at,
        entry=entry,
        places=parts,
        typed=found,
        ways=_ways(entry, parts),
        problem=say(problem.title) if problem else "",
        errors={name: say(texts[0]) for name, texts in (problem.errors if problem else {}).items()},
        marked=_marked(found, problem),
        back=url_for("h5_staff_tips.one", tip_id=at.tip_id),
    )
    return make_response(page, problem.status if problem else 200)


def _parts(entry: Entry) -> list[Part]:
    texts, spots = content_cuts.fields(entry.content or {}), content_cuts.suggestions(entry.content or {})
    return [
        Part(
            name,
            _label(name),
            text,
            detector.marked(text, spots.get(name, ())),
            [_pick(name, text, spot) for spot in spots.get(name, ())],
        )
        for name, text in sorted(texts.items(), key=lambda one: one[0] != "text")
    ]


def _pick(name: str, text: str, spot: Spot) -> tuple[str, str, str]:
    kind = say(detector.LABELS[spot.kind])
    return f"{name}@{spot.start}-{spot.end}", text[spot.start : spot.end], kind


def _ways(entry: Entry, parts: Sequence[Part]) -> list[tuple[str, str, str | None]]:
    """What can be done with this entry; nothing with one that is destroyed."""
    if entry.content is None:
        return []
    ways: list[tuple[str, str, str | None]] = []
    if any(part.picks for part in parts):
        ways.append((SPOTS, _("隐去勾选的地方"), _("换成“〔已隐去〕”")))
    if parts:
        ways.append((WORDS, _("改成别的字"), _("在下面改，改好的代替原来的")))
    if entry.kind != REPORT:
        ways.append((WHOLE, _("整条销毁"), _("字、照片、录音都不留")))
    return ways


def _first_way(entry: Entry, parts: Sequence[Part]) -> str:
    ways = _ways(entry, parts)
    return ways[0][0] if ways else ""


def _marked(typed: Typed, problem: Problem | None) -> dict[str, list[Piece]]:
    """The new words of a field, where they tell again who she is."""
    spots = problem.extra.get("spots") if problem and problem.code == "third_party" else None
    found = spots if isinstance(spots, dict) else {}
    return {
        name: detector.marked(typed.words.get(name, "").strip(), [Spot(**one) for one in places])
        for name, places in found.items()
    }


def _label(name: str) -> str:
    if name.startswith(detector.CONTACTS):
        return _("被举报人的联系方式")
    said = {"name": _("证据的名称"), "target.name": _("被举报的名字"), "target.address": _("被举报的地址")}
    return said.get(name, _("正文"))


def _missing(name: str, words: Text) -> Invalid:
    return Invalid("invalid_input", words, errors={name: [words]})
