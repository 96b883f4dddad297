"""Evidence before an investigator: behind the passphrase, as a stream, with a log, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from backend.documents.sandbox import Result
from backend.documents.spaces import MEMORY, fill
from backend.kernel import sealing
from backend.models.tip import Tip, TipLog
from backend.tips import demo, evidence, filing
from backend.tips.codes import NewMailbox
from backend.tips.filing import Report, Target
from backend.tips.tokens import Holder
from tests import files
from tests.api.desk import Desk
from tests.api.house import House

CONTENT = files.jpeg() * 500


@pytest.fixture
def address(house: House) -> str:
    """Where one piece of evidence of a released tip is read."""
    line, pair = house.runtime.tips, sealing.new_pair()
    tip_id = line.db.transact(
        filing.file,
        keys=line.keys,
        offline=line.offline,
        county="370402",
        report=Report(Target("institution", "河边诊所", "370402001000"), "sex_determination", "二楼"),
        opening={},
        mailbox=NewMailbox(sealing.new_key().hex(), b"salt", pair.public),
        consume=lambda session: None,
        day=line.today,
    )
    line.db.transact(
        lambda session: session.execute(update(Tip).where(Tip.id == tip_id).values(released_on=line.today))
    )
    file = MEMORY.file()
    fill(file, [CONTENT])
    with Result(file, "image/jpeg", 120, 80, None) as cleaned:
        holder = Holder(tip_id, 1, pair.private)
        entry = line.db.transact(evidence.add, holder=holder, cleaned=cleaned, name="收费单", day=line.today)
    return f"/staff/tips/{tip_id}/evidence/{entry}"


@pytest.fixture
def investigator(house: House) -> Desk:
    desk = house.clerk("hecha")
    assert desk.call("POST", "/staff/tips/unlock", {"passphrase": demo.PASSPHRASE}).status_code == 200
    return desk


def test_evidence_is_read_by_an_investigator_whole_and_harmless(house: House, investigator: Desk, address: str) -> None:
    answer = investigator.call("GET", address)
    assert (answer.status_code, answer.data) == (200, CONTENT)
    assert (answer.mimetype, answer.content_length) == ("image/jpeg", len(CONTENT))
    assert answer.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''%E6%94%B6")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    with house.runtime.tips.db.reading() as session:
        logged: list[Any] = list(session.scalars(select(TipLog.act).where(TipLog.entry_id == address[-32:])))
    assert logged == [evidence.LOOKED]


def test_evidence_is_locked_before_the_passphrase_and_hidden_from_others(
    house: House, investigator: Desk, address: str
) -> None:
    assert investigator.call("GET", address[:-32] + "0" * 32).status_code == 404
    assert Desk(house.app).call("GET", address).status_code == 401
    assert house.clerk("cun").call("GET", address).status_code in (403, 404)
    fresh = Desk(house.app)
    fresh.token = (fresh.staff("hecha").json or {})["access_token"]
    assert fresh.call("GET", address).status_code == 423
