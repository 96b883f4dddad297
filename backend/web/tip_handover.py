"""What the API and the page of the hand-over share: writing it, making the package, handing it down once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from io import SEEK_END, BytesIO

from flask import Response

from backend.documents import spaces
from backend.kernel.errors import Unavailable
from backend.kernel.i18n import N_
from backend.tips import evidence, handover, packages, papers
from backend.tips.handover import Contents, Handed, Transfer
from backend.tips.packages import Paper
from backend.tips.papers import Attached, Sheet
from backend.web import investigators, tip_desk
from backend.web.context import runtime
from backend.web.files import download

#: A package takes up to 64 MB and a core: one at a time in a process, the others wait so many seconds.
PATIENCE = 20.0
_place = threading.BoundedSemaphore(1)


def write(tip_id: str, transfer: Transfer, version: int | None) -> Handed:
    """Hand a tip over; the same answer to a repeated request."""
    return tip_desk.carry_out(
        handover.hand_over, opener=investigators.opener(), tip_id=tip_id, transfer=transfer, version=version
    )


def package(tip_id: str, transfer_id: str) -> Response:
    """The package as a download; it is noted as taken once it is whole."""
    at, opener = runtime().tips, investigators.opener()
    with at.db.reading() as session:
        found = handover.contents(session, opener=opener, tip_id=tip_id, transfer_id=transfer_id)
    file = _made(found)
    at.db.transact(handover.take, opener=opener, tip_id=tip_id, transfer_id=transfer_id, day=at.today)
    name = f"{found.transfer.day:%Y%m%d}-{transfer_id[:8]}.zip"
    size = file.seek(0, SEEK_END)
    response = download(spaces.pieces(file), mime="application/zip", name=name)
    response.content_length = size
    return response


def _made(found: Contents) -> BytesIO:
    if not _place.acquire(timeout=PATIENCE):
        raise Unavailable("packages_busy", N_("正在做别的移送包，请过一会儿再点一次下载"), retry_after=20)
    try:
        file = BytesIO()
        packages.write(file, _papers(found), password=found.password, day=found.transfer.day)
        return file
    finally:
        _place.release()


def _papers(found: Contents) -> Iterator[Paper]:
    names = [packages.evidence_name(number, one.mime) for number, one in enumerate(found.evidence, 1)]
    yield Paper("report.html", [papers.page(_sheet(found, names))])
    for name, one in zip(names, found.evidence, strict=True):
        yield Paper(name, evidence.content(runtime().tips.db.reading, one), packed=True)


def _sheet(found: Contents, names: list[str]) -> Sheet:
    content = found.transfer.content or {}
    facts = (
        ("移送给", f"{handover.OFFICES[content['to']].msgid} {content['office']}"),
        ("移送日期", papers.written(found.transfer.day)),
        ("移送编号", found.transfer.id[:8].upper()),
        ("收到举报的日期", papers.written(found.tip.received_on)),
        ("说明", content["note"]),
    )
    attached = [Attached(name, one.name) for name, one in zip(names, found.evidence, strict=True)]
    place = _place_of(found.report["target"]["region"]) if found.report else ""
    return Sheet("举报线索移送", facts, found.report, content["with_text"], found.said, attached, place)


def _place_of(code: str) -> str:
    """County and town of a code of six to twelve digits."""
    names = {one.code: one.name for one in runtime().tips.places}
    county, town = f"{code[:6]:0<12}", f"{code[:9]:0<12}"
    return "".join(names.get(one, "") for one in dict.fromkeys((county, town)))
