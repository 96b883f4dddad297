"""What the review before handing in shows: every answer with a way to change it, and everything missing at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from backend.accounts import queries as accounts
from backend.applications import queries
from backend.catalogue import forms as rules, queries as catalogue
from backend.catalogue.definition import FormField, ItemDefinition
from backend.catalogue.wording import written
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import language, say
from h5 import guides
from h5.course import REVIEW, place_of, wanted
from h5.shell import in_language

Case = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """``change``: where it is changed; ``missing``: what to do when there is nothing yet."""

    name: str
    value: str
    change: str | None
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    rows: list[Row]


def missing(case: Case, definition: ItemDefinition) -> list[tuple[str, str]]:
    """(where to go, what to do) for everything that is missing."""
    return [
        (place_of(name, case, definition), _say(name, texts, definition)) for name, texts in case["missing"].items()
    ]


def _say(name: str, texts: list[Any], definition: ItemDefinition) -> str:
    """A missing answer says which one; the other sentences name their thing themselves."""
    kind, _dot, target = name.partition(".")
    colon = ": " if language() == "en" else "："
    if kind == "answers":
        return f"{in_language(definition.field(target)).rstrip('？?')}{colon}{say(texts[0])}"
    if kind == "materials":
        label = next((in_language(paper) for paper in definition.materials if paper.code == target), "")
        return _("请上传“%(label)s”", label=label) if label else say(texts[0])
    if kind == "consents":
        return _("先看怎么用您的信息，同意后再提交")
    return say(texts[0])


def parts(case: Case, definition: ItemDefinition) -> list[Part]:
    """Who, where, each step of the form, materials."""
    answers = case["answers"]
    with runtime().db.reading() as session:
        names = queries.places(session, answers) | catalogue.region_names(session, [case["region"]])
    visible = rules.visible_fields(definition, answers, now=runtime().clock())
    found = [Part(_("谁来办"), [_person(case), Row(_("在哪里办"), names.get(case["region"], ""), None)])]
    for step in definition.steps:
        rows = [_row(field, case, names) for field in visible if field.step == step.code]
        if rows:
            found.append(Part(in_language(step, "title"), rows))
    if wanted(case, definition):
        found.append(Part(_("材料"), _papers(case, definition)))
    return found


def _person(case: Case) -> Row:
    after = url_for("h5_filling.review", application=case["id"])
    if case["mandate"]:
        change = url_for("h5_mandate.form", application=case["id"])
        return Row(_("替谁办"), case["mandate"]["name_masked"], change)
    at = runtime()
    with at.db.reading() as session:
        card = accounts.resident(session, at.vault, caller().id)
    change = url_for("h5_me.identity", next=after)
    if not card.id_number_masked:
        return Row(_("姓名和证件"), "", change, _("还没有填"))
    return Row(_("姓名和证件"), f"{card.name_masked} {card.id_number_masked}", change)


def _row(field: FormField, case: Case, names: dict[str, str]) -> Row:
    then = "correction" if case["status"] == "correction" else REVIEW
    change = url_for("h5_filling.step", application=case["id"], code=field.step, then=then) + f"#f-{field.name}"
    answer = case["answers"].get(field.name)
    if answer is None:
        return Row(in_language(field), _("没有填"), change, _("还没有填") if field.required else None)
    said = written(field, answer, places=names, language=language())
    return Row(in_language(field), said, change)


def _papers(case: Case, definition: ItemDefinition) -> list[Row]:
    then = "correction" if case["status"] == "correction" else REVIEW
    page = url_for("h5_materials.show", application=case["id"], then=then)
    rows = []
    for paper in rules.wanted_materials(definition, case["answers"]):
        label, href = in_language(paper), f"{page}#m-{paper.code}"
        if paper.mode == "commitment":
            rows.append(Row(label, guides.papers(definition)[paper.code]["text"], None))
        elif paper.mode == "shared":
            rows.append(Row(label, _("不用交，办事处自己核对"), None))
        else:
            rows.append(_files(label, href, paper.code, paper.needed, case))
    if case["mandate"]:
        rows.append(_files(_("委托书"), f"{page}#m-mandate-letter", "mandate-letter", True, case))
    return rows


def _files(label: str, href: str, code: str, needed: bool, case: Case) -> Row:
    count = sum(1 for file in case["materials"] if file["material"] == code)
    if count:
        return Row(label, _("%(n)s 份", n=count), href)
    return Row(label, _("以后再补"), href, _("还没有传") if needed else None)


def whither(case: Case) -> str:
    """Where it goes and what it costs nobody."""
    if case["status"] == "correction":
        return _("改好后交回原来的办事处。")
    office = _office(case)
    return _("交给 %(office)s。提交后不能改，要改可以撤回；办事处发现问题会一次告诉您。", office=office)


def _office(case: Case) -> str:
    with runtime().db.reading() as session:
        return catalogue.office(session, case["region"]).name


def press(case: Case) -> str:
    """What the button does, in words."""
    return _("都改好了，交回去") if case["status"] == "correction" else _("没错，提交给办事处")


def action(case: Case) -> str:
    """Where the button leads."""
    page = "h5_correction.resubmit" if case["status"] == "correction" else "h5_filling.submit"
    return url_for(page, application=case["id"])
