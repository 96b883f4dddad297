"""What another office reads of a tip: one page of HTML that opens anywhere and loads nothing.

Chinese only, as every paper from office to office. What the reporter may be known by is not in it: no receipt code, no
proof of filing, no names of other investigators.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from backend.lifecycles.tip import TIP
from backend.tips import entries

KINDS = {
    "institution": "医院、诊所或公司",
    "practitioner": "做检查或手术的人",
    "intermediary": "介绍人、中介",
    "drug_seller": "卖药的",
    "advertisement": "广告、网店、公众号",
    "equipment_renter": "出租机器的",
}
CATEGORIES = {
    "sex_determination": "非医学需要的胎儿性别鉴定",
    "sex_selective_abortion": "选择性别的人工终止妊娠",
    "blood_sample_mailing": "采血、寄血样鉴定胎儿性别",
    "drug_selling": "违法销售终止妊娠药品",
    "advertising": "发布广告、介绍、组织",
    "equipment_renting": "出租、出借超声诊断仪",
}
#: Said on every paper, before anything else.
POLICY = (
    "这里说的是机构和从业人员。不得据此联系、查找、登记任何一位妇女。",
    "举报人是匿名的。不得打听、推断举报人是谁；文中有能认出举报人的话，请不要外传。",
)
STYLE = (
    "body{font:16px/1.7 sans-serif;max-width:44em;margin:2em auto;padding:0 1em;color:#1c2430}"
    "h1{font-size:1.4em}h2{font-size:1.1em;margin-top:2em}dt{color:#5b6675}dd{margin:0 0 .6em}"
    "p,dd{white-space:pre-wrap;overflow-wrap:anywhere}.policy{border:2px solid #9a3b26;padding:.2em 1em}"
)


@dataclass(frozen=True, slots=True)
class Attached:
    """A piece of evidence that lies beside the page."""

    file: str
    label: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One tip for one reader. ``with_text``: also the words of the report; ``said``: messages and findings.

    ``place``: the name of the target's region, where it is known.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    report: dict[str, Any] | None
    with_text: bool
    said: Sequence[entries.Entry]
    attached: Sequence[Attached]
    place: str = ""


def page(sheet: Sheet) -> bytes:
    """UTF-8."""
    parts = [f"<h1>{escape(sheet.title)}</h1>", _policy(), _facts(sheet.facts)]
    if sheet.report is not None:
        parts += ["<h2>举报的是谁、什么事</h2>", _facts(_about(sheet.report, sheet.with_text, sheet.place))]
    if sheet.said:
        parts += ["<h2>往来和核查记录</h2>", *(_said(one) for one in sheet.said)]
    if sheet.attached:
        parts += ["<h2>证据</h2>", _facts((one.file, one.label) for one in sheet.attached)]
    head = f'<meta charset="utf-8"><title>{escape(sheet.title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="zh-CN"><head>{head}</head><body>{"".join(parts)}</body></html>'.encode()


def status(value: str) -> str:
    return TIP.label(value).msgid


def written(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _policy() -> str:
    return '<div class="policy">' + "".join(f"<p>{line}</p>" for line in POLICY) + "</div>"


def _about(report: dict[str, Any], with_text: bool, place: str) -> list[tuple[str, str]]:
    target = report["target"]
    found = [
        ("被举报的", target["name"]),
        ("类别", KINDS[target["kind"]]),
        ("事由", CATEGORIES[report["category"]]),
        ("地区", f"{place}（区划代码 {target['region']}）"),
        ("地址", target.get("address", "")),
        ("对方的联系方式", "、".join(target.get("contacts", ()))),
        ("大约什么时候", report.get("happened_month", "")),
    ]
    if with_text:
        found.append(("举报人写的", report.get("text", "")))
    return found


def _facts(pairs: Iterable[tuple[str, str]]) -> str:
    lines = (f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs if value)
    return f"<dl>{''.join(lines)}</dl>"


def _said(one: entries.Entry) -> str:
    who = {entries.REPORTER: "举报人", entries.OFFICE: "核查人员"}[one.author]
    text = (one.content or {}).get("text", "（已销毁）")
    return f"<h3>{escape(who)} · {written(one.day)}</h3><p>{escape(text)}</p>"
