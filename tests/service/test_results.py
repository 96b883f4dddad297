"""Results: for one pair of eyes, replaced as a whole, erased for good, refused without consent."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.accounts import consents
from backend.bookings import results
from backend.bookings.risks import load, risks
from backend.db import Database
from backend.documents import intake
from backend.documents.reading import read
from backend.gateways.scanner import NoScanner
from backend.gateways.storage import FileStorage
from backend.kernel import ids
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from backend.models.document import Document
from backend.models.outbox import Outbox
from tests import booking, day, files
from tests.clock import MovableClock
from tests.people import Cast
from tests.results import Visit, letter, stepped, visit


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    return booking.county(database, vault, clock)


@pytest.fixture
def seen(cast: Cast) -> Visit:
    return visit(cast)


def paper(cast: Cast, where: Path) -> intake.Stored:
    cleaned = intake.receive(io.BytesIO(files.pdf()), workdir=where / "uploads", scanner=NoScanner())
    return letter(cleaned, FileStorage(where / "files"), cast)


def told(cast: Cast) -> int:
    with cast.db.reading() as session:
        return len(session.scalars(select(Outbox.id).where(Outbox.topic == "result_ready")).all())


def test_a_person_reads_the_own_result_after_the_second_step(cast: Cast, seen: Visit, tmp_path: Path) -> None:
    seen.put(risk="consult", stored=paper(cast, tmp_path))
    found = seen.read(seen.mine, stepped(cast, seen.mine))
    assert (found.risk.code, found.risk.label) == ("consult", "建议再和医生聊一聊")
    assert found.letter is not None
    assert b"".join(read(FileStorage(tmp_path / "files"), found.letter)).startswith(b"%PDF")
    assert told(cast) == 1


def test_without_the_second_step_or_on_another_session_nothing_is_read(cast: Cast, seen: Visit) -> None:
    seen.put()
    stepped(cast, seen.mine)
    with pytest.raises(Forbidden, match="second_step_required"):
        seen.read(seen.mine, stepped(cast, seen.mine, step=False))


def test_each_of_the_couple_sees_their_own_and_only_that(cast: Cast, seen: Visit) -> None:
    seen.put("booker", "consult")
    theirs = stepped(cast, seen.theirs)
    with pytest.raises(NotFound, match="no_result"):
        seen.read(seen.theirs, theirs)
    seen.put("partner", "general")
    assert seen.read(seen.theirs, theirs).risk.code == "general"
    stranger = booking.guest(cast, 20)
    with pytest.raises(NotFound):
        seen.read(stranger, stepped(cast, stranger))


def test_the_nurse_sees_that_it_is_there_and_nothing_else(cast: Cast, seen: Visit) -> None:
    seen.put(risk="consult")
    sheet = seen.sheet(code=booking.load(cast, seen.booking_id).code.lower())
    assert [(one.whose, one.online, one.uploaded) for one in sheet.people] == [
        ("booker", True, True),
        ("partner", True, False),
    ]
    assert "consult" not in repr(sheet)


def test_at_rest_only_the_persons_own_key_opens_it(seen: Visit) -> None:
    seen.put(risk="consult")
    [row] = seen.rows()
    assert row.risk is not None
    assert row.risk.split("|")[1] == "p"


def test_again_replaces_it_as_a_whole_and_destroys_the_first_letter(cast: Cast, seen: Visit, tmp_path: Path) -> None:
    first = seen.put(risk="consult", stored=paper(cast, tmp_path))
    seen.put(risk="general")
    found = seen.read(seen.mine, stepped(cast, seen.mine))
    assert (found.risk.code, found.letter) == ("general", None)
    with cast.db.reading() as session:
        assert session.get_one(Document, first).purge_at is not None
    assert len(seen.rows()) == 1


def test_erased_is_erased_for_good_and_told_to_nobody(cast: Cast, seen: Visit, tmp_path: Path) -> None:
    document, sid = seen.put(stored=paper(cast, tmp_path)), stepped(cast, seen.mine)
    with pytest.raises(Forbidden):
        seen.erase(seen.mine, stepped(cast, seen.mine, step=False))
    seen.erase(seen.mine, sid)
    with pytest.raises(NotFound, match="no_result"):
        seen.read(seen.mine, sid)
    with cast.db.reading() as session:
        assert session.get_one(Document, document).purge_at == cast.clock()
        assert results.ready(session, resident_id=seen.mine) == []
    assert seen.sheet(booking_id=seen.booking_id).people[0].uploaded


def test_nothing_is_kept_of_a_person_who_took_the_consent_back(cast: Cast, seen: Visit) -> None:
    cast.run(consents.withdraw, resident_id=seen.mine, purpose="health", purposes=cast.purposes, now=cast.clock())
    with pytest.raises(Conflict, match="on_paper") as refused:
        seen.put()
    assert "当面交给本人" in str(refused.value.title)
    assert seen.rows() == []
    assert not seen.sheet(booking_id=seen.booking_id).people[0].online
    seen.put("partner")


def test_somebody_without_an_account_gets_paper(cast: Cast) -> None:
    nurse = day.nurse(cast)
    day.to_the_day(cast)
    made = day.walk_in(cast, nurse)
    with pytest.raises(Conflict, match="on_paper"):
        Visit(cast, nurse, made, 0, 0).put()


def test_nobody_looks_up_whoever_did_not_come(cast: Cast) -> None:
    there = visit(cast, done=False)
    for wanted in ({"booking_id": there.booking_id}, {"code": booking.load(cast, there.booking_id).code}):
        with pytest.raises(NotFound) as refused:
            there.sheet(**wanted)
        with pytest.raises(NotFound) as unknown:
            there.sheet(code="ABCD2345")
        assert refused.value.title == unknown.value.title
    with pytest.raises(NotFound):
        there.put()


def test_a_nurse_of_another_place_finds_nothing(cast: Cast, seen: Visit) -> None:
    elsewhere = day.nurse(cast, "town", "370402002000")
    with pytest.raises(NotFound):
        seen.put(nurse=elsewhere)


@pytest.mark.parametrize(("whose", "risk"), [("companion", "general"), ("booker", "x"), ("", "")])
def test_what_is_neither_person_nor_class_is_refused(seen: Visit, whose: str, risk: str) -> None:
    with pytest.raises(Invalid):
        seen.put(whose, risk)


def test_leaving_takes_results_along_and_the_copy_tells_them(cast: Cast, seen: Visit, tmp_path: Path) -> None:
    document = seen.put(risk="consult", stored=paper(cast, tmp_path))
    with cast.db.reading() as session:
        [copy] = results.of_person(session, cast.vault, seen.mine)
    assert (copy["booking"], copy["risk"], copy["letter"]) == (ids.encode(seen.booking_id), "consult", True)
    cast.run(results.erase_person, resident_id=seen.mine, now=cast.clock())
    assert seen.rows() == []
    with cast.db.reading() as session:
        assert session.get_one(Document, document).purge_at is not None


def test_classes_are_said_in_calm_words_and_checked(tmp_path: Path) -> None:
    assert list(risks()) == ["general", "consult", "recheck"]
    assert not any(word in risk.label + risk.advice for risk in risks().values() for word in ("高风险", "异常", "！"))
    file = tmp_path / "results.toml"
    file.write_text('[x1]\nlabel = "a"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="needs exactly"):
        load(file)
