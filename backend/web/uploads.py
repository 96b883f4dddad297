"""An upload on its way in: checked, re-made and encrypted outside any transaction, then written in one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import FileStorage

from backend.applications import materials
from backend.documents import intake, refusals
from backend.documents.intake import Stored
from backend.kernel.errors import Unavailable
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once

PDF = "application/pdf"


def receive(application_id: int, code: str, file: FileStorage) -> int:
    """Check the right to hand in a material, then keep it; the id of the document."""
    at = runtime()
    owner: dict[str, Any] = {
        "vault": at.vault,
        "resident_id": caller().id,
        "application_id": application_id,
        "code": code,
    }
    with at.db.reading() as session:
        materials.place_for(session, **owner)
    return keep(file, materials.attach, named=code, **owner, name=file.filename)


def keep(
    file: FileStorage, command: Callable[..., int], *, named: str, only_pdf: bool = False, **arguments: Any
) -> int:
    """Clean and store a file outside any transaction, then write its row with ``command(…, stored=)``; its id.

    No orphan on failure. ``named``: what else the form says, so that a repeated request is told from another one.
    """
    at = runtime()
    fingerprint = hashlib.sha256(named.encode())
    while chunk := file.stream.read(65536):
        fingerprint.update(chunk)
    file.stream.seek(0)
    with intake.receive(file.stream, workdir=at.settings.data_dir / "uploads", scanner=at.scanner) as cleaned:
        if only_pdf and cleaned.mime != PDF:
            raise refusals.not_pdf()
        stored = intake.store(cleaned, storage=at.storage, now=at.clock())
    return _attach(command, arguments, stored, fingerprint.digest())


def _attach(command: Callable[..., int], arguments: dict[str, Any], stored: Stored, fingerprint: bytes) -> int:
    at = runtime()
    try:
        kept = once(command, fingerprint=fingerprint, **arguments, stored=stored, now=at.clock())
    except Unavailable:
        raise  # the commit may have happened: the file stays, and is swept a day later if no row needs it
    except BaseException:
        intake.discard(stored, storage=at.storage)
        raise
    if kept != stored.id:  # a repeated upload under the same key: the first one stands
        intake.discard(stored, storage=at.storage)
    return kept
