"""A stored answer as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.catalogue.definition import FormField

YES_NO = {"zh": ("是", "否"), "en": ("Yes", "No")}


def written(field: FormField, value: Any, *, places: Mapping[str, str], language: str = "zh") -> str:
    """Labels of choices, 是/否, dates in words, names of regions (12 digits → name); all else as it stands."""
    if value is None:
        return ""
    english = language == "en"
    if field.type in ("choice", "choices"):
        labels = {option.value: option.label_en if english else option.label for option in field.options}
        chosen = value if isinstance(value, list) else [value]
        return (", " if english else "、").join(labels.get(one, str(one)) for one in chosen)
    if field.type == "boolean":
        return YES_NO[language][0 if value else 1]
    if field.type == "date" and not english:
        day = date.fromisoformat(str(value))
        return f"{day.year}年{day.month}月{day.day}日"
    return places.get(str(value), str(value)) if field.type == "region" else str(value)
