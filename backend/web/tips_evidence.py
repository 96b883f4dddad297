"""Evidence on its way in, for the API and the pages of the tip line: made anew in memory, sealed, forgotten."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from backend.documents.refusals import too_large_evidence
from backend.kernel.errors import Invalid, Malformed
from backend.kernel.i18n import N_
from backend.tips import entries, evidence, evidence_cleaning, repeats
from backend.tips.third_parties import detector
from backend.tips.tokens import Holder
from backend.web import problems
from backend.web.tips_context import line

Message = dict[str, object]
#: Characters of a name that are looked at; a label takes fewer.
_READ_OF_NAME = 500


def keep_posted(holder: Holder) -> Message:
    """The ``file`` of this form, with its ``name`` if the person gave one, into the holder's tip."""
    at = line()
    with at.db.reading() as session:
        evidence.check_room(session, holder=holder)
    file, typed = posted()
    return keep(holder, file, typed, request.form.get("once", ""))


def keep(holder: Holder, file: FileStorage, typed: str, once: str = "") -> Message:
    """Clean and seal one file; how it stands in the mailbox. ``Invalid third_party`` for a name that names a woman.

    ``once``: the random word of a page's form, which may be posted twice.
    """
    at = line()
    name = evidence.label(typed)
    detector.refuse({"name": typed[:_READ_OF_NAME]})
    with file.stream as stream:
        cleaned = evidence_cleaning.clean(stream)
    with cleaned:
        form = repeats.entry_of(holder, form=once)
        entry_id = at.db.transact(evidence.add, holder=holder, cleaned=cleaned, name=name, day=at.today, entry_id=form)
    return {"id": entry_id, "kind": entries.EVIDENCE, "author": entries.REPORTER, "day": at.today, "text": name}


def posted() -> tuple[FileStorage, str]:
    """The file and what it is called; the name that it had on the phone is not looked at."""
    try:
        file, typed = request.files.get("file"), request.form.get("name", "")
    except RequestEntityTooLarge as error:
        problems.drain()
        raise too_large_evidence() from error
    if file is not None:
        return file, typed
    if not request.mimetype.startswith("multipart/"):
        raise Malformed("malformed", N_("请用表单（multipart/form-data）上传"))
    words = N_("请选一个文件")
    raise Invalid("invalid_input", words, errors={"file": [words]})
