"""The guide 办事指南 of a service item as a page shows it, in the language of the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from backend.catalogue.definition import ItemDefinition
from backend.catalogue.representation import in_language as whole_in_language
from backend.web.words import language
from h5.shell import in_language

#: The drawing beside an item; others get the sheet of paper.
SIGNS = {
    "migrant-proof": "paper",
    "birth-registration": "baby",
    "only-child-reissue": "paper",
    "family-award": "coin",
    "special-support": "hands",
    "hardship-support": "hands",
    "contraceptive-supply": "box",
    "home-service": "door",
    "childcare-subsidy-guide": "coin",
    "checkup": "heart",
}


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item in a list; ``online``: it can be applied for or booked here."""

    code: str
    name: str
    summary: str
    sign: str
    online: bool


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One material in a guide: what, and how it is handed in."""

    label: str
    hint: str
    mode: str
    kind: str


@dataclass(frozen=True, slots=True)
class Guide:
    """``figures``: (name, value); ``way``: the timeline of the offices; ``parts``: (name, for whom)."""

    code: str
    name: str
    summary: str
    closed: str
    online: str
    link: str
    who: str
    conditions: list[str]
    local_rules: list[str]
    figures: list[tuple[str, str]]
    materials: list[PaperLine]
    way: list[tuple[str, str, str]]
    parts: list[tuple[str, str]]
    result: str
    faq: list[tuple[str, str]]
    basis: list[str]
    contact: str
    has_check: bool
    can_apply: bool
    can_book: bool


def papers(item: ItemDefinition) -> dict[str, dict[str, Any]]:
    """The materials as the file says them, by code, in the language of the request."""
    said = whole_in_language(item.source.get("materials", []), english=language() == "en")
    return {paper["code"]: paper for paper in said}


def line(item: ItemDefinition) -> ItemLine:
    """The item as a row of a list."""
    return ItemLine(
        item.code,
        in_language(item, "name"),
        in_language(item, "summary"),
        SIGNS.get(item.code, "paper"),
        can_apply(item) or can_book(item),
    )


def can_apply(item: ItemDefinition) -> bool:
    """Whether a person may begin an application here now."""
    return item.open and item.kind == "application"


def can_book(item: ItemDefinition) -> bool:
    """Whether a person takes a time at a station instead of applying."""
    return item.kind == "booking"


def guide(item: ItemDefinition) -> Guide:
    """Every part of the guide, as it was written."""
    source = whole_in_language(item.source, english=language() == "en")
    said: dict[str, Any] = source["guide"]
    return Guide(
        code=item.code,
        name=in_language(item, "name"),
        summary=in_language(item, "summary"),
        closed="" if item.open else str(source.get("closed_reason", "")),
        online=said.get("online", ""),
        link=said.get("link", ""),
        who=said["who"],
        conditions=list(said["conditions"]),
        local_rules=[rule["text"] for rule in said.get("local_rules", [])],
        figures=_figures(item, said),
        materials=[_paper(one) for one in source.get("materials", [])],
        way=_way(item, said),
        parts=[(part["name"], _whom(part["for"])) for part in said.get("items", [])],
        result=said["result"],
        faq=[(entry["question"], entry["answer"]) for entry in said.get("faq", [])],
        basis=[_basis(entry) for entry in said["legal_basis"]],
        contact=said["contact"],
        has_check=bool(item.eligibility or item.calculator),
        can_apply=can_apply(item),
        can_book=can_book(item),
    )


def _figures(item: ItemDefinition, said: dict[str, Any]) -> list[tuple[str, str]]:
    visits = _("不用跑") if said["visits"] == 0 else _("%(n)s 趟", n=said["visits"])
    figures = [(_("跑几趟"), visits), (_("收费"), _("不收费"))]
    if item.promised_days:
        figures.insert(0, (_("多久办好"), _("%(n)s 个工作日", n=item.promised_days)))
    return figures


def modes() -> dict[str, tuple[str, str]]:
    """mode → word and colour."""
    return {
        "required": (_("要交"), ""),
        "deferrable": (_("可以后补"), "sun"),
        "commitment": (_("承诺就行"), "blue"),
        "shared": (_("不用交"), "grey"),
    }


def _paper(material: dict[str, Any]) -> PaperLine:
    word, kind = modes()[material["mode"]]
    return PaperLine(material["label"], material.get("hint") or material.get("text", ""), word, kind)


def _way(item: ItemDefinition, said: dict[str, Any]) -> list[tuple[str, str, str]]:
    if not can_apply(item):
        return []
    way = [("next", _("在手机上填好、提交"), _("可以分几次填，自动保存"))]
    for level in item.workflow:
        notice = _("通过后公示 %(n)s 个工作日", n=level.notice_days) if level.notice_days else ""
        way.append(("next", in_language(level), notice))
    if item.certificate:
        way.append(("next", _("发证，凭二维码可查"), in_language(item.certificate, "title")))
    return way


def _whom(people: list[str]) -> str:
    words = {"woman": _("女方"), "man": _("男方"), "wife": _("女方"), "husband": _("男方"), "both": _("双方")}
    named = [words.get(person, person) for person in people]
    return _("双方") if len(named) > 1 else "".join(named)


def _basis(entry: dict[str, Any]) -> str:
    title = f"《{entry['title']}》" if language() == "zh" and not entry["title"].startswith("《") else entry["title"]
    return " ".join(part for part in (title, entry.get("number", ""), entry.get("text", "")) if part)
