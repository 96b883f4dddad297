"""What the OpenAPI document says of every operation beside its own fields: refusals, sign-in, header fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backend.kernel import ids
from backend.web.csrf import HEADER as CSRF_HEADER
from backend.web.once import HEADER as KEY_HEADER
from backend.web.sessions import names

Document = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "patch")
#: RFC 9457 with our members.
PROBLEM: Document = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:yangguang:problem:[a-z0-9_]+$"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {
            "type": "string",
            "pattern": "^[a-z0-9_]+$",
            "description": "Stable; title and detail are for people.",
        },
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "What is wrong, field by field (nested fields with dots).",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
REFUSAL: Document = {
    "description": "A refusal in words: 400 malformed, 401, 403, 404 (also what is not yours), 405, 409 state, "
    "412 stale If-Match, 413, 414, 415, 422 content, 423 locked, 429 and 503 with Retry-After.",
    "headers": {
        "Retry-After": {"description": "Seconds (429, 503, some 409).", "schema": {"type": "integer", "minimum": 0}}
    },
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
REFUSED = {"$ref": "#/components/responses/Problem"}
KEY: Document = {
    "name": KEY_HEADER,
    "in": "header",
    "description": "The same key with the same body gives the same answer; with another body 422; while it runs 409.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}
MATCH: Document = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of the version that was read; 412 when it has changed since.",
    "schema": {"type": "string", "pattern": '^("[0-9]{1,18}"|[*])$'},
}
#: Guard → whose session it asks for; ``anyone`` and the others ask for none.
KINDS = {"resident": "resident"} | dict.fromkeys(
    ("staff", "reviewer", "counter", "nurse", "investigator", "account", "administrator"), "staff"
)
#: Where a key is taken, and where a version (path below /api/v1, after ``{application_id}`` or ``{number}``).
KEYED = (
    "/applications",
    "/materials",
    "/submission",
    "/resubmission",
    "/withdrawal",
    "/decisions",
    "/reopening",
    "/me/export",
    "/me/partner-invitations",
    "/acceptance",
    *("/renewal", "/reply", "/rating", "/agreement", "/cancellation", "/completion", "/visits"),
    *("/takeover", "/handovers", "/me/relatives", "/correction/consent", "/notes", "/questions", "/bulk-decisions"),
    *("/reply-templates", "/objections", "/answer"),
    *("/campaigns", "/review", "/record", "/end", "/account", "/class", "/confirmation", "/change", "/offer"),
    *("/payment-batches", "/approval", "/discard", "/bank-returns"),
    *(
        "/bookings",
        "/reschedule",
        "/check-in",
        "/waitlist",
        "/leaving",
        "/decline",
        "/closures",
        "/stations",
        "/closing",
    ),
    *("/snooze", "/done", "/pause", "/resume"),
    *("{tip_id}/messages", "{tip_id}/moves", "{tip_id}/merge"),
    *("/admin/staff", "/disabling", "/enabling", "-reset", "/dead-work/replay", "/admin/service-items", "/rollback"),
)
VERSIONED = {
    "patch": ("}", "/me", "/correction"),
    "post": (
        *("/submission", "/resubmission", "/withdrawal", "/correction/cancellation"),
        *("{booking_id}/confirmation", "{booking_id}/reschedule", "{booking_id}/cancellation"),
        *("/snooze", "/done", "/pause", "/resume"),
    ),
    "delete": ("/quarterly-check",),
    "put": ("/rules", "/admin/stations/{code}", "/me/notification-preferences", "/quarterly-check"),
}


def row_id(_converter: Any) -> Document:
    """The outside form of a row id in an address."""
    return {"type": "string", "pattern": f"^{ids.PATTERN.pattern}$"}


def uuid(_converter: Any) -> Document:
    """The id of a tip in an address."""
    return {"type": "string", "pattern": "^[0-9a-f]{32}$"}


def case(_converter: Any) -> Document:
    """The number of a case in an address."""
    return {"type": "string", "pattern": "^[^/]*[0-9][^/]*$"}


def number(_converter: Any) -> Document:
    """A number in an address."""
    return {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}


def complete(document: Document, guards: Mapping[str, str]) -> Document:
    """Add what holds everywhere; ``guards``: blueprint (the tag of its operations) → name of its guard."""
    components = document.setdefault("components", {})
    _refusals(components)
    components["securitySchemes"] = _schemes()
    for path, method, operation in _operations(document):
        operation["responses"] = {
            status: response for status, response in operation["responses"].items() if status not in ("422", "default")
        } | {"default": REFUSED}
        kind = KINDS.get(guards[operation["tags"][0]])
        operation["security"] = [{kind: []}, {f"{kind}_cookie": []}] if kind else []
        extra = _headers(path, method)
        if extra:
            operation["parameters"] = [*operation.get("parameters", []), *extra]
    return document


def joined(one: Document, other: Document) -> Document:
    """Two documents as one: paths, tags and schemas of both. ``ValueError``: two schemas under one name."""
    ours, theirs = (document.get("components", {}).get("schemas", {}) for document in (one, other))
    if clash := sorted(name for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]):
        raise ValueError(f"two schemas under one name: {', '.join(clash)}")
    schemas = {**ours, **theirs}
    return {
        **one,
        "paths": {**one["paths"], **other["paths"]},
        "tags": [*one.get("tags", []), *other.get("tags", [])],
        "components": {**one.get("components", {}), "schemas": schemas},
    }


def _refusals(components: Document) -> None:
    schemas = components.setdefault("schemas", {})
    for unused in ("Error", "PaginationMetadata"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM
    components["responses"] = {"Problem": REFUSAL}


def _schemes() -> Document:
    schemes: Document = {}
    for kind in ("resident", "staff"):
        schemes[kind] = {"type": "http", "scheme": "bearer", "description": f"The access token of a {kind}."}
        schemes[f"{kind}_cookie"] = {
            "type": "apiKey",
            "in": "cookie",
            "name": names(kind)[0],
            "description": f"The session of our own pages; writing needs {CSRF_HEADER} too.",
        }
    return schemes


def _operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                yield path, method, operations[method]


def _headers(path: str, method: str) -> list[Document]:
    found = [KEY] if method == "post" and path.endswith(KEYED) else []
    return found + ([MATCH] if path.endswith(VERSIONED.get(method, ())) else [])
