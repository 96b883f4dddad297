"""The API's page for people: complete, with links that lead somewhere, made from the document itself."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from backend.web import reference
from ops.openapi import fresh_app


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    with fresh_app() as app:
        return dict(app.test_client().get("/api/v1/openapi.json").json or {})


@pytest.fixture(scope="module")
def page() -> str:
    with fresh_app() as app:
        return app.test_client().get("/api/docs").text


def test_every_operation_is_shown_with_its_summary(page: str, document: dict[str, Any]) -> None:
    shown = unescape(page)
    for path, item in document["paths"].items():
        for method in (m for m in reference.METHODS if m in item):
            assert f"<code>{method.upper()} {path}</code>" in shown
            assert item[method]["summary"].replace("``", "") in shown


def test_every_link_within_the_page_leads_somewhere(page: str) -> None:
    anchors = re.findall(r'\bid="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#([^"]+)"', page)) - set(anchors) == set()


def test_fields_of_a_body_say_type_and_whether_they_are_required(document: dict[str, Any]) -> None:
    operations = {o.anchor: o for subject in reference.subjects(document) for o in subject.operations}
    identity = {field.name: field for field in operations["put-me-identity"].body}
    assert (identity["name"].kind, identity["name"].required) == ("string", True)
    assert "one of resident_id, hmt_permit" in identity["id_type"].rules
    assert operations["put-me-identity"].who == "a signed-in resident"
    assert operations["get-service-items"].who == ""


def test_answers_lead_to_their_shapes(document: dict[str, Any]) -> None:
    operations = {o.anchor: o for subject in reference.subjects(document) for o in subject.operations}
    assert [(a.status, a.shape) for a in operations["post-applications"].answers] == [("201", "Application")]
    assert "Application" in dict(reference.shapes(document))


def test_nested_types_are_named() -> None:
    nothing, named = {"type": "null"}, {"$ref": "#/components/schemas/B"}
    fields = {"b": {"anyOf": [named, nothing]}, "c": {"type": "array", "items": {"type": "string"}}, "d": {}}
    document = {"components": {"schemas": {"A": {"properties": fields, "required": ["c"]}}}}
    [(_, (b, c, d))] = reference.shapes(document)
    assert (b.kind, b.shape, c.kind, c.required, d.kind) == ("B or null", "B", "list of string", True, "any value")
