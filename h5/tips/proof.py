"""Whether a proof of filing is ours, for whoever is shown one. Nobody learns from it who filed."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.tips.proofs import LONGEST
from backend.web import tips_mailbox
from h5.tips import words
from h5.tips.screen import at, page

blp = Blueprint("tips_proof", __name__, url_prefix="/tips/proof")
#: Characters of an opening: a report and its hashes.
LONGEST_OPENING = 60_000


@blp.get("")
def form() -> Response:
    """Where a proof is pasted."""
    return page("tips/proof.html", proof="", opening="", found=None, wrong="", said=None, place="")


@blp.post("")
def verify() -> Response:
    """What it is worth, and whether the opening belongs to it."""
    token = "".join(request.form.get("proof", "")[: 2 * LONGEST].split())
    typed = request.form.get("opening", "")[:LONGEST_OPENING].strip()
    opening, wrong = _opening(typed)
    found = None if wrong or not token else tips_mailbox.verify_proof(token[: LONGEST + 1], opening)
    if not token:
        wrong = _("请把举报证明粘贴到第一格")
    said = words.of_opening(opening, at().places) if found and found.get("opened") and opening else None
    values = {"proof": token, "opening": typed, "found": found, "wrong": wrong, "said": said, "place": _place(found)}
    return page("tips/proof.html", 422 if wrong else 200, **values)


def _place(found: dict[str, Any] | None) -> str:
    """The name of the county of a proof; its code where it is another one's."""
    code = str((found or {}).get("county", ""))
    return next((one.name for one in at().places if one.code == code.ljust(12, "0")), code)


def _opening(typed: str) -> tuple[dict[str, Any] | None, str]:
    """The opening, and what is wrong with it."""
    try:
        found = orjson.loads(typed) if typed else None
    except ValueError:
        found = typed
    return (found, "") if found is None or isinstance(found, dict) else (None, _("第二格不完整，请把整段重新粘贴一次"))
