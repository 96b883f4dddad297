"""``Idempotency-Key`` at the edge: the same key and body give the same answer, whatever the network did."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from flask import request

from backend.events import once as keys
from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_
from backend.web.context import runtime
from backend.web.guards import caller

HEADER = "Idempotency-Key"
FIELD = "idempotency_key"
_KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)


def once(command: Callable[..., int], /, *, fingerprint: bytes | None = None, **arguments: Any) -> int:
    """Run a command that returns an id, at most once per key; wakes the workers after it.

    ``fingerprint`` replaces the body where its bytes differ on every try (multipart boundaries).
    Without a key the command simply runs: then a lost COMMIT is 503 and not run again.
    """
    at = runtime()
    key = given()
    if key is None:
        result = at.db.transact(command, **arguments)
    else:
        result = at.db.transact_once(
            keys.perform,
            command,
            key_hash=_key_hash(key),
            body_hash=_body_hash(fingerprint),
            now=at.clock(),
            arguments=arguments,
        )
    at.wake()
    return result


def given() -> str | None:
    """The key of this request, from its header or its form."""
    return request.headers.get(HEADER, request.form.get(FIELD))


def checked(key: str) -> str:
    """The key, if it is one."""
    if not _KEY.fullmatch(key):
        raise Invalid("idempotency_key", N_("Idempotency-Key 要用 1 到 200 个可见的英文字符"))
    return key


def _key_hash(key: str) -> str:
    who, wanted = caller(), f"{request.method} {request.path}|{checked(key)}"
    return runtime().vault.index("idempotency-key", f"{who.kind}|{who.id}|{wanted}")


def _body_hash(fingerprint: bytes | None) -> str:
    fingerprint = posted() if fingerprint is None else fingerprint
    return runtime().vault.index("idempotency-body", hashlib.sha256(fingerprint).hexdigest())


def posted() -> bytes:
    """The body; of a page its fields without the ones that change on each display."""
    if not request.form:
        return request.get_data()
    pairs = sorted((k, v) for k, values in request.form.lists() for v in values if k not in (FIELD, "csrf_token"))
    return repr(pairs).encode()
