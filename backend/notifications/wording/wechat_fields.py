"""Our WeChat templates (``config/wechat.toml``): which of our parts goes into which field of WeChat's, and what fits.

Source: developers.weixin.qq.com, 订阅通知, 参数值内容限制: thing 20 characters, time 2019年10月1日 15:01, one line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from backend.notifications.wording.discretion import health_words

FILE = Path(__file__).resolve().parents[3] / "config" / "wechat.toml"
#: Characters of a ``thing``.
THING = 20
_FIELD = re.compile(r"(thing|time)[1-9][0-9]?", re.ASCII)
_MOMENT = re.compile(r"[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日( [0-9]{1,2}:[0-9]{2})?", re.ASCII)


class WrongWechatTemplate(ValueError):
    """The file says something that WeChat would refuse; names template, field and reason."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the card. ``field``: WeChat's name (thing1); ``label``: what stands before it."""

    field: str
    label: str

    @property
    def is_moment(self) -> bool:
        """Whether it holds a day and an hour, in WeChat's own form whatever the language."""
        return self.field.startswith("time")

    def fits(self, value: str) -> bool:
        return bool(_MOMENT.fullmatch(value)) if self.is_moment else len(value) <= THING


@dataclass(frozen=True, slots=True)
class WechatTemplate:
    """``fields``: our part (subject, note, …) → WeChat's field."""

    name: str
    title: str
    fields: Mapping[str, Field]

    def data(self, said: Mapping[str, str]) -> dict[str, str]:
        """What the call wants: WeChat's field → value."""
        return {field.field: said[part] for part, field in self.fields.items()}


@cache
def wechat_templates(path: Path = FILE) -> Mapping[str, WechatTemplate]:
    """Our templates by name; reads the file once per process."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: _template(name, table) for name, table in raw.items()}


def _template(name: str, table: Mapping[str, Any]) -> WechatTemplate:
    if set(table) != {"title", "fields"} or not table["fields"]:
        raise WrongWechatTemplate(f"{name}: must have title and fields")
    fields = {part: _field(f"{name}.{part}", value) for part, value in table["fields"].items()}
    names = [one.field for one in fields.values()]
    if len(set(names)) < len(names):
        raise WrongWechatTemplate(f"{name}: a field of WeChat's is filled twice")
    for word in health_words("".join([table["title"], *(one.label for one in fields.values())])):
        raise WrongWechatTemplate(f"{name}: a message that shows on a locked screen must not say {word}")
    return WechatTemplate(name, table["title"], fields)


def _field(where: str, value: Any) -> Field:
    if not isinstance(value, Mapping) or set(value) != {"field", "label"}:
        raise WrongWechatTemplate(f"{where}: must have field and label")
    if not _FIELD.fullmatch(value["field"]):
        raise WrongWechatTemplate(f"{where}: WeChat has no field {value['field']}, or we do not use such")
    return Field(value["field"], value["label"])
