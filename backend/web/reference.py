"""The OpenAPI document as a reader needs it: by subject, each operation with its fields spelled out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
SHAPES = "#/components/schemas/"
WHO = {"resident": "a signed-in resident", "staff": "signed-in staff"}


@dataclass(frozen=True, slots=True)
class Field:
    """``kind`` in words; ``shape``: the name of the schema it leads to, if any; ``rules``: limits in words."""

    name: str
    kind: str
    shape: str
    required: bool
    rules: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    description: str
    media: str
    shape: str


@dataclass(frozen=True, slots=True)
class Operation:
    """``who``: whose session it needs, "" for anyone; ``body``: its fields with their media type."""

    anchor: str
    method: str
    path: str
    summary: str
    who: str
    parameters: tuple[Field, ...]
    media: str
    body: tuple[Field, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    name: str
    description: str
    operations: tuple[Operation, ...]


def subjects(document: Document) -> list[Subject]:
    """Every tag with its operations, in the document's order; a tag without operations is left out."""
    found: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in (m for m in METHODS if m in item):
            operation = _operation(document, path, method, item)
            found.setdefault(item[method]["tags"][0], []).append(operation)
    words = {tag["name"]: tag.get("description", "") for tag in document.get("tags", [])}
    order = [*words, *(name for name in found if name not in words)]
    return [Subject(name, words.get(name, ""), tuple(found[name])) for name in order if name in found]


def shapes(document: Document) -> list[tuple[str, tuple[Field, ...]]]:
    """Every named schema with its fields, by name."""
    return [
        (name, tuple(_fields(document, shape))) for name, shape in sorted(document["components"]["schemas"].items())
    ]


def _operation(document: Document, path: str, method: str, item: Document) -> Operation:
    stated = item[method]
    parameters = [*item.get("parameters", []), *stated.get("parameters", [])]
    media, body = _content(stated.get("requestBody", {}))
    return Operation(
        anchor=re.sub(r"[^a-z0-9]+", "-", f"{method} {path.removeprefix('/api/v1')}".lower()).strip("-"),
        method=method.upper(),
        path=path,
        summary=stated.get("summary", "").replace("``", ""),
        who=next((WHO[name] for need in stated.get("security", []) for name in need if name in WHO), ""),
        parameters=tuple(_parameter(stated) for stated in parameters),
        media=media,
        body=tuple(_fields(document, body.get("schema", {}))),
        answers=tuple(_answers(document, stated["responses"])),
    )


def _answers(document: Document, responses: Document) -> Iterator[Answer]:
    for status, response in responses.items():
        if status == "default":
            continue
        media, content = _content(response)
        yield Answer(status, response.get("description", ""), media, _kind(content.get("schema", {}))[1])


def _content(part: Document) -> tuple[str, Document]:
    """The first media type of a body or an answer, with its schema."""
    for media, content in part.get("content", {}).items():
        return media, content
    return "", {}


def _parameter(stated: Document) -> Field:
    words = {"description": stated["description"]} if "description" in stated else {}
    return _field(stated["name"], {**stated["schema"], **words}, stated.get("required", False), stated["in"])


def _fields(document: Document, schema: Document) -> Iterator[Field]:
    """The fields of an object; of a reference, those of what it names."""
    name = schema.get("$ref", "").removeprefix(SHAPES)
    whole = document["components"]["schemas"][name] if name else schema
    required = whole.get("required", ())
    for field, stated in whole.get("properties", {}).items():
        yield _field(field, stated, field in required)


def _field(name: str, schema: Document, required: bool, where: str = "") -> Field:
    kind, shape = _kind(schema)
    return Field(name, kind, shape, required, _rules(schema), where)


def _kind(schema: Document) -> tuple[str, str]:
    """The type in words, and the schema it names."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(SHAPES)
        return name, name
    if "anyOf" in schema:
        kinds = [_kind(one) for one in schema["anyOf"]]
        return " or ".join(kind for kind, _ in kinds), next((shape for _, shape in kinds if shape), "")
    types = schema.get("type", "any value")
    words = [types] if isinstance(types, str) else list(types)
    kind, shape = _kind(schema.get("items", {})) if "array" in words else ("", "")
    said = [f"list of {kind}" if word == "array" and kind else word for word in words]
    return " or ".join(said) + (f" ({schema['format']})" if "format" in schema else ""), shape


def _rules(schema: Document) -> str:
    """Limits and choices, as short as they can be said."""
    said = [str(schema["description"]).rstrip(".")] if "description" in schema else []
    if "enum" in schema:
        said.append("one of " + ", ".join(str(value) for value in schema["enum"] if value is not None))
    for key, word in (("minimum", "from"), ("maximum", "to"), ("minLength", "at least"), ("maxLength", "at most")):
        if schema.get(key) is not None and not ("enum" in schema and "Length" in key):
            said.append(f"{word} {schema[key]}" + (" characters" if "Length" in key else ""))
    if "pattern" in schema:
        said.append(f"pattern {schema['pattern']}")
    if schema.get("default") is not None:
        said.append(f"otherwise {schema['default']}")
    return "; ".join(said)
