"""An upload on its way in: checked, re-made and encrypted outside any transaction, then written in one."""

from __future__ import annotations

import hashlib
from typing import Any

from werkzeug.datastructures import FileStorage

from backend.applications import materials
from backend.documents import intake
from backend.documents.intake import Stored
from backend.kernel.errors import Unavailable
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once


def receive(application_id: int, code: str, file: FileStorage) -> int:
    """Check the right to hand in, clean and store outside any transaction, then write the row; no orphan on failure."""
    at = runtime()
    owner: dict[str, Any] = {
        "vault": at.vault,
        "resident_id": caller().id,
        "application_id": application_id,
        "code": code,
    }
    with at.db.reading() as session:
        materials.place_for(session, **owner)
    fingerprint = hashlib.sha256(code.encode())
    while chunk := file.stream.read(65536):
        fingerprint.update(chunk)
    file.stream.seek(0)
    with intake.receive(file.stream, workdir=at.settings.data_dir / "uploads", scanner=at.scanner) as cleaned:
        stored = intake.store(cleaned, storage=at.storage, now=at.clock())
    return _attach(owner, stored, file.filename, fingerprint.digest())


def _attach(owner: dict[str, Any], stored: Stored, name: str | None, fingerprint: bytes) -> int:
    at = runtime()
    try:
        kept = once(materials.attach, fingerprint=fingerprint, **owner, stored=stored, name=name, now=at.clock())
    except Unavailable:
        raise  # the commit may have happened: the file stays, and is swept a day later if no row needs it
    except BaseException:
        intake.discard(stored, storage=at.storage)
        raise
    if kept != stored.id:  # a repeated upload under the same key: the first one stands
        intake.discard(stored, storage=at.storage)
    return kept
