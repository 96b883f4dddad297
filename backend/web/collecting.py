"""Handing supplies over at a counter: the code is checked like any certificate, then used up."""

from __future__ import annotations

from backend.applications import supplies
from backend.applications.policy import Reviewer
from backend.certificates import queries, service
from backend.certificates.queries import Verification
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.web.context import runtime


def hand_over(*, clerk: Reviewer, token: str = "", number: str = "", code: str = "") -> str:
    """The number of the code that was used up; ``Conflict`` says why it is not good.

    The check stands in a transaction of its own: a wrong code counts as a try even though nothing is handed over.
    """
    at = runtime()
    found = _look(token, number, code)
    if found.certificate is None:
        raise Conflict("unknown_code", N_("这不是本系统的领取码，请本人打开手机上的领取码再扫一次"))
    if found.status == "expired":
        raise Conflict("expired_code", N_("这个领取码过期了，请本人重新申领，一分钟就好"))
    at.db.transact(supplies.hand_over, clerk=clerk, number=found.certificate.number, now=at.clock())
    return found.certificate.number


def _look(token: str, number: str, code: str) -> Verification:
    at = runtime()
    if not token:
        return at.db.transact(service.verify_code, at.vault, number=number, code=code, now=at.clock())
    with at.db.reading() as session:
        return queries.verify(session, token=token, base_url=at.settings.base_url, now=at.clock())
