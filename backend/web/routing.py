"""Row ids in addresses: 13 letters, anything else is no address of ours (404)."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

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


def install(app: Flask) -> None:
    app.url_map.converters["id"] = RowIdConverter
