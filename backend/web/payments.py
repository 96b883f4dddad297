"""Files of payment batches on their way out to the bank and back in; the same for the API and the console."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response
from werkzeug.datastructures import FileStorage

from backend.applications.policy import Reviewer
from backend.benefits import bank_files, exports, returns
from backend.web.context import runtime
from backend.web.files import download
from backend.web.once import once

MIME = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def export(reviewer: Reviewer, number: str, kind: str, encoding: str = "utf-8") -> Response:
    """The list of an approved batch; that it was taken out is written down before the first byte leaves."""
    at = runtime()
    batch = at.db.transact(exports.record, reviewer=reviewer, number=number, kind=kind, now=at.clock())
    with at.db.reading() as session:
        sheet = exports.sheet(session, at.vault, batch_id=batch)
    content: Iterable[bytes] = exports.as_csv(sheet, encoding) if kind == "csv" else [exports.as_xlsx(sheet)]
    answer = download(content, mime=MIME[kind], name=f"{sheet.number}.{kind}")
    if kind == "csv":
        answer.headers["Content-Type"] = f"{MIME[kind]}; charset={encoding}"
    return answer


def take_in(reviewer: Reviewer, number: str, file: FileStorage) -> int:
    """A file of the bank, read before any transaction begins; the id of its row."""
    at = runtime()
    read = bank_files.read(file.stream.read(bank_files.LARGEST + 1))
    return once(
        returns.take_in,
        fingerprint=read.digest.encode(),
        vault=at.vault,
        reviewer=reviewer,
        number=number,
        file=read,
        now=at.clock(),
    )
