"""Strict fields: what JSON says is what is meant; unknown fields are refused; words are cleaned."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import marshmallow as ma

from backend.kernel import ids
from backend.kernel.errors import Wrong
from backend.kernel.i18n import N_
from backend.kernel.text import ascii_digits, clean

MISSING = N_("请填写这一项")
MESSAGES: dict[str, Any] = {"required": [MISSING], "null": [MISSING], "validator_failed": [N_("内容不对，请检查")]}
ma.fields.Field.default_error_messages.update(MESSAGES)
ma.fields.List.default_error_messages.update({"invalid": [N_("这里要填一个列表")]})
ma.fields.Mapping.default_error_messages.update({"invalid": [N_("内容的形状不对，应该是一个对象")]})
ma.fields.Nested.default_error_messages.update({"type": [N_("内容的形状不对，应该是一个对象")]})
ma.fields.String.default_error_messages.update({"invalid": [N_("这里要填文字")]})


class Schema(ma.Schema):
    """Unknown fields are refused; declared order is kept."""

    error_messages: Any = {
        "unknown": N_("没有这个字段"),
        "type": N_("内容的形状不对，应该是一个对象"),
        "invalid": N_("内容的形状不对，应该是一个对象"),
    }

    class Meta:
        unknown = ma.RAISE


class Str(ma.fields.String):
    """A line of words: stripped, without invisible characters, 1 to ``max_length`` characters.

    ``raw=True`` keeps the value as it came (passwords, tokens): only type and length are looked at.
    ``blank=True``: words one may leave out may also come empty.
    """

    default_error_messages: Any = {"invalid": [N_("这里要填文字")]}

    def __init__(
        self, *, max_length: int, multiline: bool = False, raw: bool = False, blank: bool = False, **kwargs: Any
    ) -> None:
        kwargs.setdefault("metadata", {})
        kwargs["metadata"] = {"maxLength": max_length, "minLength": 0 if raw or blank else 1, **kwargs["metadata"]}
        super().__init__(**kwargs)
        self.max_length, self.multiline, self.raw, self.blank = max_length, multiline, raw, blank

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text is None or len(text) > self.max_length:
            raise ma.ValidationError([N_("最多 %(n)s 个字", n=self.max_length)])
        if self.raw or (self.blank and not text.strip()):
            return text if self.raw else ""
        try:
            return clean(text, max_length=self.max_length, multiline=self.multiline)
        except Wrong as wrong:
            raise ma.ValidationError([wrong.text]) from wrong


class Entries(ma.validate.Length):
    """How many entries a list may have, said in our words."""

    def _format_error(self, value: Any, message: str) -> Any:
        return [N_("这里要 %(least)s 到 %(most)s 项", least=self.min or 0, most=self.max)]


class Int(ma.fields.Integer):
    """A whole number in JSON; ``true``, ``1.5`` and ``"1"`` are none (in a query, digits are)."""

    default_error_messages: Any = {"invalid": [N_("这里要填整数")], "too_large": [N_("数字太大")]}

    def __init__(self, *, low: int, high: int, query: bool = False, **kwargs: Any) -> None:
        super().__init__(metadata={"minimum": low, "maximum": high}, **kwargs)
        self.low, self.high, self.query = low, high, query

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if self.query and isinstance(value, str):
            value = self._digits(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        if not self.low <= value <= self.high:
            raise ma.ValidationError([N_("请填 %(low)s 到 %(high)s 之间的整数", low=self.low, high=self.high)])
        return value

    def _digits(self, value: str) -> int:
        try:
            text = ascii_digits(value)
        except Wrong as wrong:
            raise self.make_error("invalid") from wrong
        if len(text) > 18:
            raise self.make_error("too_large")
        return int(text)


class Flag(ma.fields.Boolean):
    """``true`` or ``false``, nothing that looks like it."""

    default_error_messages: Any = {"invalid": [N_("这里要填 true 或 false")]}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


#: ``fromisoformat`` reads weeks as well.
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Day(ma.fields.Date):
    """A calendar day ``YYYY-MM-DD``, Western digits only."""

    default_error_messages: Any = {"invalid": [N_("日期要写成 2026-11-22 这样")]}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not DAY.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type="date")
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise self.make_error("invalid", input=value, obj_type="date") from error


class Choice(Str):
    """One of a few words."""

    def __init__(self, names: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(max_length=64, raw=True, metadata={"enum": list(names)}, **kwargs)
        self.names = names

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text not in self.names:
            raise ma.ValidationError([N_("请从给出的选项里选")])
        return text


class RowId(ma.fields.String):
    """The outside form of a row id."""

    default_error_messages: Any = {"invalid": [N_("编号不对")]}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"pattern": f"^{ids.PATTERN.pattern}$"}, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else ids.encode(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return ids.decode(text or "")
        except ValueError as error:
            raise self.make_error("invalid") from error


class PageQuery(Schema):
    """``?limit=&cursor=`` of every list."""

    limit = Int(low=1, high=100, query=True, load_default=20)
    cursor = ma.fields.String(load_default=None, validate=ma.validate.Length(max=200))


def listing(item: type[ma.Schema]) -> type[ma.Schema]:
    """The schema of a list of ``item``: ``{"items": […], "next_cursor": null|"…"}``."""
    name = item.__name__.removesuffix("Schema") + "List"
    return type(
        name,
        (Schema,),
        {
            "items": ma.fields.List(ma.fields.Nested(item)),
            "next_cursor": ma.fields.String(allow_none=True),
        },
    )
