"""Row ids in addresses: 13 letters, and numbers: ASCII digits; anything else is no address of ours (404)."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import BaseConverter, IntegerConverter, ValidationError

from backend.kernel import ids


class RowIdConverter(BaseConverter):
    """``<id:name>`` gives the row id as an integer."""

    regex = ids.PATTERN.pattern

    def to_python(self, value: str) -> int:
        try:
            return ids.decode(value)
        except ValueError as error:
            raise ValidationError from error

    def to_url(self, value: int | str) -> str:
        return value if isinstance(value, str) else ids.encode(value)


class CaseConverter(BaseConverter):
    """``<case:number>``: the number of a case has a digit; so ``search`` beside it is 405 for GET, not a case."""

    regex = r"[^/]*[0-9][^/]*"


class NumberConverter(IntegerConverter):
    """``<int:name>`` in ASCII digits that a column can hold; Werkzeug's own takes １ and any length."""

    regex = "0|[1-9][0-9]{0,17}"


class UuidConverter(BaseConverter):
    """``<uuid:tip_id>``: 32 hex digits, as the tip line's rows have them."""

    regex = "[0-9a-f]{32}"


def install(app: Flask) -> None:
    app.url_map.converters["case"] = CaseConverter
    app.url_map.converters["int"] = NumberConverter
    app.url_map.converters["id"] = RowIdConverter
    app.url_map.converters["uuid"] = UuidConverter
