"""Strict reading of JSON bodies, before any schema sees them.

Refused: wrong media type (415), not UTF-8, not JSON, duplicate keys, deeper than 32 (400),
NaN and Infinity, integers beyond 2^63, lone surrogates and NUL (422).
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from flask import Request

from backend.kernel.errors import Invalid, Malformed, Unsupported
from backend.kernel.i18n import N_

DEPTH = 32
LARGEST = 2**63 - 1
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def read_json(request: Request) -> Any:
    """The parsed body; ``{}`` for an empty one."""
    raw = request.get_data(cache=True)
    if not raw.strip():
        return {}
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise Unsupported("unsupported_media_type", N_("请用 application/json 发送内容"))
    _check_depth(raw)
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise malformed() from error


def malformed() -> Malformed:
    return Malformed("malformed", N_("内容不是有效的 JSON，请检查后再发"))


def _check_depth(raw: bytes) -> None:
    depth = 0
    for token in _BRACKETS.finditer(raw):
        first = token.group()[:1]
        depth += (first in b"[{") - (first in b"]}")
        if depth > DEPTH:
            raise malformed()


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Malformed("duplicate_key", N_("同一个字段写了两次，请只留一个"))
    for key, value in pairs:
        _check_text(key)
        _check_text(value)
    return result


def _check_text(value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _check_text(item)
    if isinstance(value, str) and ("\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value)):
        raise Invalid("invalid_text", N_("内容里有无法保存的字符，请删掉后再试"))


def _no_constant(_name: str) -> NoReturn:
    raise Invalid("invalid_number", N_("数字不对，请重新填写"))


def _integer(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > LARGEST:
        raise Invalid("invalid_number", N_("数字太大，请重新填写"))
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Invalid("invalid_number", N_("数字太大，请重新填写"))
    return value
