"""The guide of an item as JSON text, built once when it is published and served as stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from backend.catalogue.definition import ACCEPT, ItemDefinition
from backend.catalogue.eligibility import asked_fields

COMPLAINT_PHONE = "12345"
#: Parts of a file that go out as they were written.
_COPIED = ("code", "kind", "name", "summary", "consents", "example", "certificate", "calculator", "notice")


def guide(definition: ItemDefinition, *, version: int, phone: str, english: bool) -> str:
    """The whole answer of ``GET /service-items/{code}``; in English every ``x_en`` stands in for ``x``.

    ``phone`` is the county's own number, shown beside the complaint line 12345.
    """
    source = in_language(definition.source, english=english)
    body = {key: source[key] for key in _COPIED if key in source} | {
        "version": version,
        "open": definition.open,
        "regions": definition.regions,
        "cosign": definition.cosign,
        "guide": source["guide"] | {"complaint_phone": COMPLAINT_PHONE, "local_phone": phone},
        "form": {
            "steps": source.get("steps", []),
            "fields": [_field(field) for field in source.get("fields", [])],
        },
        "materials": [_material(material) for material in source.get("materials", [])],
        "eligibility": {"fields": [field.name for field in asked_fields(definition)]},
        "workflow": definition.levels,
        "workflow_steps": source.get("workflow", []),
        "deadline": {"promised": definition.promised_days, "legal": definition.legal_days},
        "draft_days": definition.draft_days,
        "correction_days": definition.correction_days,
        "retention_days": definition.retention_days,
    }
    body.setdefault("example", {})
    body.setdefault("consents", [])
    return orjson.dumps(body).decode()


def card(definition: ItemDefinition, *, english: bool) -> dict[str, Any]:
    """What a list shows of an item."""
    return {
        "code": definition.code,
        "kind": definition.kind,
        "open": definition.open,
        "name": definition.name_en if english else definition.name,
        "summary": definition.summary_en if english else definition.summary,
        "version": definition.version,
        "deadline": {"promised": definition.promised_days, "legal": definition.legal_days},
    }


def in_language(value: Any, *, english: bool) -> Any:
    """The tree in one language: ``x_en`` replaces ``x`` where it is given, and never stands beside it."""
    if isinstance(value, list):
        return [in_language(part, english=english) for part in value]
    if not isinstance(value, Mapping):
        return value
    chosen = {key: part for key, part in value.items() if not key.endswith("_en")}
    if english:
        chosen |= {key: value[f"{key}_en"] for key in chosen if value.get(f"{key}_en")}
    return {key: in_language(part, english=english) for key, part in chosen.items()}


def _field(field: Mapping[str, Any]) -> dict[str, Any]:
    return {"hint": "", "required": True, **field}


def _material(material: Mapping[str, Any]) -> dict[str, Any]:
    accept = [media for word in material.get("accept", []) for media in ACCEPT[word]]
    return {"hint": "", "max_files": 3, **material, "accept": accept}
