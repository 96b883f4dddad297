"""Who may use the tip line: anyone, unseen. A holder of a token is known by it and by nothing else."""

from __future__ import annotations

from flask import g, request
from werkzeug.exceptions import RequestURITooLarge

from backend.kernel.errors import Malformed
from backend.kernel.i18n import N_
from backend.tips.tokens import Holder
from backend.web import tips_mailbox

HEADER = "Tip-Token"
#: Bytes, as in the rest of the house.
LONGEST_QUERY, LARGEST_WITHOUT_FILE = 8 * 2**10, 10 * 2**20
#: Of a page's display; anything else in an address would stand in logs on the way.
IN_ADDRESS = {"lang": ("zh", "en"), "care": ("0", "1")}


def nothing_in_the_address() -> None:
    """400 for any query but the display's: codes and words belong into the body."""
    for name, values in request.args.lists():
        if values != [value for value in values if value in IN_ADDRESS.get(name, ())] or len(values) > 1:
            raise Malformed("query_not_allowed", N_("网址里不能带内容，请在页面上填写，或放在请求正文里"))


def not_too_long() -> None:
    """414 for an address, and the limit for a body (413) that brings no file."""
    if len(request.query_string) > LONGEST_QUERY:
        raise RequestURITooLarge
    if request.mimetype != "multipart/form-data":
        request.max_content_length = LARGEST_WITHOUT_FILE


def stranger() -> None:
    """Open to all; nobody is looked at."""


def bearer() -> None:
    """The holder of an opened mailbox, by the token in the header."""
    g.holder = tips_mailbox.entered(request.headers.get(HEADER, ""))


def holder() -> Holder:
    """Who asks, behind ``bearer``."""
    found: Holder = g.holder
    return found
