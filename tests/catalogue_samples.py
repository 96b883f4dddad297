"""A small service item in the form of the catalogue files, for tests that change one thing in it."""

from __future__ import annotations

from datetime import UTC, datetime

from backend.catalogue import files
from backend.catalogue.definition import ItemDefinition

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
PURPOSES = frozenset({"identity", "family"})

SMALL = """code = "small"
kind = "application"
name = "小事项"
name_en = "Small item"
summary = "一句话"
summary_en = "One sentence"
aliases = ["别名"]
consents = ["identity"]

[guide]
who = "所有人"
conditions = ["没有条件"]
result = "一个结果"
visits = 0
fee = 0
contact = "办公室"

[[guide.legal_basis]]
title = "一部法律"

[[guide.faq]]
question = "要花钱吗？"
answer = "不要。"

[deadline]
promised = 3
legal = 15

[[workflow]]
level = "village"
label = "村"
label_en = "Village"

[[workflow]]
level = "town"
label = "镇"
label_en = "Town"

[[fields]]
name = "marital_status"
type = "choice"
label = "婚姻情况"
label_en = "Marriage"
options = [
  { value = "single", label = "未婚", label_en = "Single" },
  { value = "married", label = "已婚", label_en = "Married" },
]

[[fields]]
name = "spouse_name"
type = "text"
label = "爱人"
label_en = "Spouse"
max = 5
when = { field = "marital_status", is = "married" }

[[fields]]
name = "children"
type = "integer"
label = "几个孩子"
label_en = "Children"
min = 0
max = 20

[[fields]]
name = "born_on"
type = "date"
label = "出生日期"
label_en = "Born on"
required = false
max = "today"

[[materials]]
code = "id_card"
label = "身份证"
label_en = "Identity card"
mode = "required"
accept = ["image", "pdf"]

[[materials]]
code = "marriage_certificate"
label = "结婚证"
label_en = "Marriage certificate"
mode = "deferrable"
accept = ["image"]
when = { field = "marital_status", is = "married" }

[[eligibility]]
must = { field = "children", max = 10 }
reason = "太多了"
reason_en = "Too many"

[certificate]
type = "small"
prefix = "XS"
title = "小证明"
title_en = "Small proof"
validity_months = 12
statement = "内容"
statement_en = "Content"
shows = ["marital_status"]

[example]
marital_status = "single"
children = 0
"""

COUNTY_LEVEL = """
[[workflow]]
level = "county"
label = "区"
label_en = "County"

[[fields]]
name = "marital_status\""""


def changed(*pairs: tuple[str, str]) -> str:
    """The small item with some texts replaced, each of which must be there."""
    text = SMALL
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after, 1)
    return text


def three_levels() -> str:
    """The small item with a county level."""
    return changed(('\n[[fields]]\nname = "marital_status"', COUNTY_LEVEL))


def item(text: str = SMALL) -> ItemDefinition:
    """A definition that could be published."""
    return files.read(text, name="small.toml", purposes=PURPOSES, now=NOW)
