"""From the tree of a TOML file to an ``ItemDefinition``: types and limits; ``checking`` looks at the sense."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from backend.catalogue import rules
from backend.catalogue.definition import (
    COSIGN,
    KINDS,
    LEVELS,
    PERIODS,
    AmountClass,
    Benefit,
    Calculator,
    CertificateTemplate,
    Collecting,
    ItemDefinition,
    Notice,
    Requirement,
    Step,
    WorkflowLevel,
)
from backend.catalogue.form_parsing import NAME, NAME_WORDS, field, matching, material, rule_at
from backend.catalogue.guide import read_guide
from backend.catalogue.reader import Fault, Reader

CODE = re.compile(r"[a-z][a-z0-9-]{1,62}", re.ASCII)
PREFIX = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,2}(?:[0-9]{3}){0,2}", re.ASCII)


def parse(data: Mapping[str, Any], *, version: int = 0) -> tuple[ItemDefinition, list[Fault]]:
    """The definition and everything that is wrong with its form; with faults it must not be used."""
    faults: list[Fault] = []
    top = Reader(data, (), faults)
    read_guide(top.table("guide"))
    definition = _definition(top, version)
    top.finish()
    return definition, faults


def _definition(top: Reader, version: int) -> ItemDefinition:
    name, name_en = top.both("name", max_length=60)
    summary, summary_en = top.both("summary", max_length=120)
    promised, legal = _deadline(top.table("deadline"))
    return ItemDefinition(
        code=matching(top, "code", CODE, "小写字母、数字和短横线"),
        version=version,
        kind=top.choice("kind", KINDS),
        open=_open(top),
        position=top.number("position", 0, 9999, default=9999),
        name=name,
        name_en=name_en,
        summary=summary,
        summary_en=summary_en,
        aliases=top.texts("aliases", max_length=60),
        regions=_prefixes(top),
        cosign=top.choice("cosign", COSIGN, default="none"),
        cosign_when=rule_at(top, "cosign_when"),
        consents=top.texts("consents", max_length=40),
        draft_days=top.number("draft_days", 7, 365, default=90),
        correction_days=top.number("correction_days", 3, 60, default=10),
        reconfirm_months=top.number("reconfirm_months", 1, 60, default=0) or None,
        retention_days=top.number("retention_days", 1, 40000, default=3650),
        material_days=top.number("material_days", 1, 365, default=30),
        promised_days=promised,
        legal_days=legal,
        workflow=tuple(_level(reader) for reader in top.tables("workflow")),
        notice=_notice(top.table("notice")) if top.has("notice") else None,
        benefit=_benefit(top.table("benefit")) if top.has("benefit") else None,
        collecting=_collecting(top.table("collecting")) if top.has("collecting") else None,
        visit_minutes=top.number("visit_minutes", 10, 480, default=0) or None,
        steps=tuple(_step(reader) for reader in top.tables("steps")),
        form=tuple(field(reader) for reader in top.tables("fields")),
        materials=tuple(material(reader) for reader in top.tables("materials")),
        eligibility=tuple(_requirement(reader) for reader in top.tables("eligibility")),
        certificate=_certificate(top.table("certificate")) if top.has("certificate") else None,
        calculator=_calculator(top.table("calculator")) if top.has("calculator") else None,
        example=top.raw("example") if isinstance(top.data.get("example"), dict) else {},
        source=top.data,
    )


def _deadline(reader: Reader) -> tuple[int, int]:
    """Promised and legal working days."""
    days = reader.number("promised", 0, 400, default=0), reader.number("legal", 0, 400, default=0)
    reader.finish()
    return days


def _open(top: Reader) -> bool:
    """Whether one can apply online; who cannot must read why, and where to go instead."""
    opened = top.flag("open", default=True) and top.data.get("kind") not in ("guide", "booking")
    guide = top.data.get("guide")
    if not opened and not (isinstance(guide, dict) and guide.get("online")):
        top.table("guide").fault("online", "不能在网上申请的事项，[guide] 里要写 online，说明到哪里办")
    return opened


def _prefixes(top: Reader) -> tuple[str, ...]:
    codes = top.texts("regions", max_length=12)
    if not all(PREFIX.fullmatch(code) for code in codes):
        top.fault("regions", "regions 要写辖区代码的前 2、4、6、9 位或全部 12 位")
    return codes


def _level(reader: Reader) -> WorkflowLevel:
    label, label_en = reader.both("label", max_length=40)
    level = WorkflowLevel(
        reader.choice("level", LEVELS), label, label_en, reader.number("notice_days", 0, 60, default=0)
    )
    reader.finish()
    return level


def _notice(reader: Reader) -> Notice:
    reader.both("note", max_length=300, default="")
    title, title_en = reader.both("title", max_length=60, default="")
    shows, least = reader.texts("shows", least=1, max_length=40), reader.number("min_people", 0, 100, default=0)
    notice = Notice(shows, least, title, title_en)
    reader.finish()
    return notice


def _benefit(reader: Reader) -> Benefit:
    benefit = Benefit(
        period=reader.choice("period", PERIODS),
        classes=tuple(_amount_class(one) for one in reader.tables("classes")),
        bank=reader.text("bank", max_length=40),
        account=reader.text("account", max_length=40),
    )
    reader.finish()
    return benefit


def _collecting(reader: Reader) -> Collecting:
    found = Collecting(
        question=reader.text("question", max_length=40),
        mail=reader.text("mail", max_length=40),
        every_days=reader.number("every_days", 1, 366, default=30),
    )
    reader.finish()
    return found


def _amount_class(reader: Reader) -> AmountClass:
    label, label_en = reader.both("label", max_length=60)
    code, yuan = matching(reader, "code", NAME, NAME_WORDS), reader.number("yuan", 1, 10**7)
    found = AmountClass(code, label, label_en, yuan, rule_at(reader, "when"))
    reader.finish()
    return found


def _step(reader: Reader) -> Step:
    title, title_en = reader.both("title", max_length=40)
    step = Step(matching(reader, "code", NAME, NAME_WORDS), title, title_en)
    reader.finish()
    return step


def _requirement(reader: Reader) -> Requirement:
    reason, reason_en = reader.both("reason", max_length=300)
    must = rule_at(reader, "must", needed=True) or rules.AllOf(())
    requirement = Requirement(must, rule_at(reader, "when"), reason, reason_en)
    reader.finish()
    return requirement


def _certificate(reader: Reader) -> CertificateTemplate:
    title, title_en = reader.both("title", max_length=40)
    months = reader.number("validity_months", 1, 600, default=0)
    statement, _ = reader.both("statement", max_length=500)
    template = CertificateTemplate(
        type=matching(reader, "type", CODE, "小写字母、数字和短横线"),
        prefix=reader.text("prefix", max_length=4),
        title=title,
        title_en=title_en,
        validity_months=months or None,
        statement=statement,
        shows=reader.texts("shows", max_length=40),
    )
    reader.finish()
    return template


def _calculator(reader: Reader) -> Calculator:
    calculator = Calculator(
        yuan_per_year=reader.number("yuan_per_year", 1, 1_000_000),
        months=reader.number("months", 1, 600),
        born_from=reader.day("born_from"),
        counted_from=reader.day("counted_from"),
    )
    reader.finish()
    return calculator
