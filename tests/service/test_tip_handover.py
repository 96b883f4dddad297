"""A tip handed over: what is in the package and what is not, who gets it, once, and that another program reads it."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import update
from stream_unzip import IncorrectAESPasswordError, stream_unzip

from backend.kernel import sealing
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.models.tip import Tip
from backend.tips import entries, evidence, handover, packages, papers
from backend.tips.handover import Contents, Handed, Transfer
from backend.tips.packages import Paper
from backend.tips.unlocking import Opener
from backend.tips_runtime import TipsRuntime, build_tips_runtime
from config.settings import Settings
from tests import investigating as desk
from tests.clock import MovableClock

pytestmark = pytest.mark.filterwarnings("ignore:PBKDF2 without:DeprecationWarning")
PHOTO = bytes(range(256)) * 2000
OFFICE = "某区公安分局治安大队"


@dataclass
class Case:
    """A released tip with a message and a photo of its reporter."""

    at: TipsRuntime
    one: Opener
    other: Opener
    tip: str
    message: str
    photo: str

    def hand(
        self, *, by: Opener | None = None, log_id: str = "", version: int | None = None, **transfer: Any
    ) -> Handed:
        given = Transfer(**({"to": "police", "office": OFFICE} | transfer))
        return self.at.db.transact(
            handover.hand_over,
            opener=by or self.one,
            tip_id=self.tip,
            transfer=given,
            version=version,
            day=self.at.today,
            log_id=log_id or entries.new_id(),
        )

    def contents(self, handed: Handed, by: Opener | None = None) -> Contents:
        with self.at.db.reading() as session:
            return handover.contents(session, opener=by or self.one, tip_id=self.tip, transfer_id=handed.id)

    def take(self, handed: Handed) -> None:
        self.at.db.transact(handover.take, opener=self.one, tip_id=self.tip, transfer_id=handed.id, day=self.at.today)

    @property
    def row(self) -> Tip:
        with self.at.db.reading() as session:
            return session.get_one(Tip, self.tip)


@pytest.fixture
def case(settings: Settings, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    monkeypatch.setattr(sealing, "MEMORY", 2**16)
    at = build_tips_runtime(settings.tips, clock=clock)
    one, other = desk.two(at)
    tip, holder = desk.filed(at)
    at.db.transact(lambda session: session.execute(update(Tip).values(released_on=at.today)))
    message = at.db.transact(desk.write, holder=holder, text="我在隔壁上班", day=at.today)
    yield Case(at, one, other, tip, message, desk.photo(at, holder, PHOTO))
    at.db.dispose()


def unzipped(package: bytes, password: str) -> dict[str, bytes]:
    """Read by another program than the one that wrote it."""
    found = stream_unzip([package], password=password.encode())
    return {name.decode(): b"".join(content) for name, _size, content in found}


def package(papers_: list[Paper], password: str, case: Case) -> bytes:
    file = io.BytesIO()
    packages.write(file, papers_, password=password, day=case.at.today)
    return file.getvalue()


def test_a_package_is_read_by_another_program_and_matches_its_manifest(case: Case) -> None:
    password = packages.password(b"k" * 32, "word")
    made = package(
        [Paper("report.html", [b"a", b"b" * 9000]), Paper("evidence-01.jpg", [PHOTO], packed=True)], password, case
    )
    found = unzipped(made, password)
    assert found["evidence-01.jpg"] == PHOTO
    lines = dict(re.findall(r"^([0-9a-f]{64}) .* (\S+)\r$", found.pop("manifest.txt").decode(), re.M))
    assert {name: digest for digest, name in lines.items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in found.items()
    }
    with pytest.raises(IncorrectAESPasswordError):
        unzipped(made, "abcde-fghjk-mnpqr-stuvw")


def test_a_package_is_aes_256_and_has_no_time_of_day_nor_checksums_of_its_contents(case: Case) -> None:
    made = package([Paper("report.html", [b"a"])], packages.password(b"k" * 32, "word"), case)
    for one in zipfile.ZipFile(io.BytesIO(made)).infolist():
        assert (one.date_time[3:], one.CRC, one.compress_type) == ((0, 0, 0), 0, 99)
        assert one.extra[4:9] == b"\x02\x00AE\x03"


def test_a_password_is_twenty_letters_that_follow_from_key_and_request(case: Case) -> None:
    first, same, other = case.hand(log_id="a" * 32), case.hand(log_id="a" * 32), case.hand()
    assert re.fullmatch("([2-9a-hjkmnp-z]{5}-){3}[2-9a-hjkmnp-z]{5}", first.password)
    assert (first.id, first.password) == (same.id, same.password)
    assert other.password != first.password


def test_handing_over_moves_the_tip_once_and_a_second_office_moves_nothing(case: Case) -> None:
    case.hand()
    assert (case.row.status, case.row.answered_on) == ("transferred", case.at.today)
    before = case.row.version
    case.hand(to="market", office="某区市场监管局")
    assert (case.row.status, case.row.version) == ("transferred", before)


def test_of_what_the_reporter_wrote_later_only_what_was_chosen_goes_along(case: Case) -> None:
    plain = case.contents(case.hand())
    assert (plain.said, plain.evidence) == ([], [])
    chosen = case.contents(case.hand(chosen=[case.message, case.photo, case.photo]))
    assert [one.content["text"] for one in chosen.said if one.content] == ["我在隔壁上班"]
    (photo,) = chosen.evidence
    assert b"".join(evidence.content(case.at.db.reading, photo)) == PHOTO


def test_the_page_says_what_was_reported_and_not_how_to_find_the_reporter(case: Case) -> None:
    found = case.contents(case.hand(note="请依法处理"))
    assert found.report is not None
    sheet = papers.Sheet("举报线索移送", [("说明", "请<依法>处理")], found.report, True, [], [])
    page = papers.page(sheet).decode()
    assert desk.TEXT in page
    assert "请&lt;依法&gt;处理" in page
    assert "不得据此联系" in page
    for secret in (found.report["opening"]["target_salt"], "left_out", case.tip, "我在隔壁上班", "src=", "http"):
        assert secret not in page
    assert desk.TEXT not in papers.page(papers.Sheet("x", [], found.report, False, [], [])).decode()


@pytest.mark.parametrize("given", ["f" * 32, "not an id"])
def test_entries_of_another_tip_are_refused_and_nothing_moves(case: Case, given: str) -> None:
    with pytest.raises(Invalid, match="unknown_entry"):
        case.hand(chosen=[case.photo, given])
    assert case.row.status == "received"


def test_more_evidence_than_one_package_holds_is_refused(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "MOST_BYTES", len(PHOTO) - 1)
    with pytest.raises(Invalid, match="package_too_large"):
        case.hand(chosen=[case.photo])
    assert case.row.status == "received"


def test_words_that_tell_who_a_woman_is_are_not_handed_over(case: Case) -> None:
    with pytest.raises(Invalid, match="third_party"):
        case.hand(note="孕妇王小花在那里做的，身份证 11010519491231002X")
    assert case.row.status == "received"


def test_two_who_hand_over_the_same_version_are_one_and_a_conflict(case: Case) -> None:
    seen = case.row.version
    case.hand(version=seen)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        case.hand(by=case.other, version=seen, to="market")


def test_a_tip_that_has_ended_is_not_handed_over(case: Case) -> None:
    case.at.db.transact(lambda session: session.execute(update(Tip).values(status="closed")))
    with pytest.raises(Conflict, match="not_allowed_now"):
        case.hand()


def test_a_package_is_taken_once_by_whoever_wrote_it(case: Case) -> None:
    handed = case.hand()
    with pytest.raises(NotFound, match="transfer_not_found"):
        case.contents(handed, by=case.other)

    def taken(_: int) -> bool:
        try:
            case.take(handed)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(taken, range(4))) == 1
    with pytest.raises(Conflict, match="package_taken"):
        case.contents(handed)
