"""The offline keys: the recovery drill, and the oversight's package, here and on another machine."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from stream_unzip import stream_unzip

from backend.accounts import demo
from backend.app import create_app
from backend.cli import tips as commands
from backend.kernel import sealing
from backend.models.tip import Tip, TipKey, TipLog
from backend.tips import desk as reading, investigators
from backend.tips_runtime import TipsRuntime
from backend.web.context import EXTENSION
from config.keys import kept_secret
from config.settings import Settings
from tests import investigating as desk
from tests.architecture.tree import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:PBKDF2 without:DeprecationWarning")
FINGERPRINT = "--fingerprint"


@dataclass
class Office:
    """An office with one account of an investigator and the offline keys of its demo."""

    app: Flask
    at: TipsRuntime
    staff_id: int
    directory: Path

    def run(self, *arguments: str, code: int = 0) -> str:
        result = self.app.test_cli_runner().invoke(commands.tips, arguments)
        assert result.exit_code == code, result.output
        return result.output

    def key_file(self, name: str) -> str:
        """The private half as the holder keeps it."""
        path = self.directory / f"{name}.key"
        path.write_text(f"# in the safe\nprivate: {kept_secret(self.directory, f'DEMO_TIPS_{name.upper()}')}\n")
        return str(path)

    def enrol(self) -> str:
        return desk.enrol(self.at, self.staff_id)

    def unzipped(self, path: Path, password: str) -> dict[str, bytes]:
        found = stream_unzip([path.read_bytes()], password=password.encode())
        return {name.decode(): b"".join(content) for name, _size, content in found}


@pytest.fixture
def office(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(sealing, "MEMORY", 2**16)
    app = create_app(settings)
    runtime = app.extensions[EXTENSION]
    runtime.db.transact(demo.load, now=runtime.clock())
    with runtime.db.reading() as session:
        staff = demo.investigator(session)
    yield Office(app, runtime.tips, staff.id, tmp_path)
    runtime.db.dispose()
    runtime.tips.db.dispose()


def password_of(said: str) -> str:
    return said.rsplit("password: ", 1)[1].strip()


def test_a_pair_is_printed_and_its_private_half_gives_its_public_one(office: Office) -> None:
    private, public = re.findall(r"^(?:private|public): (\S+)$", office.run("keypair"), re.M)
    assert sealing.pair_of(base64.b64decode(private)).public == base64.b64decode(public)


def test_the_first_key_is_appointed_by_its_fingerprint_and_a_wrong_one_is_refused(office: Office) -> None:
    key_id = office.enrol()
    assert "刚刚换过" in office.run("appoint", "hecha", FINGERPRINT, "1234 5678 9012 3456", code=1)
    assert "active" in office.run("appoint", "hecha", FINGERPRINT, desk.print_of(office.at, key_id))
    assert "hecha\tactive\tinvestigate" in office.run("keys")
    office.run("end", "hecha")
    assert desk.row(office.at, key_id).status == "ended"
    assert "没有这个账号" in office.run("end", "nobody", code=1)


def test_the_recovery_drill_opens_every_tip_to_a_new_key_when_all_passphrases_are_lost(office: Office) -> None:
    at, key_id = office.at, office.enrol()
    desk.appoint(at, key_id)
    tips = [desk.file(at, text=f"{desk.TEXT}{number}") for number in range(3)]
    kept_out = desk.file(at, left_out=[key_id])
    at.db.transact(lambda session: session.execute(update(Tip).values(released_on=at.today)))
    key = investigators.new_key("ein ganz neuer Anfang")
    staff = desk.staff(office.staff_id)
    at.db.transact(investigators.renew, staff=staff, key=key, day=at.today)
    assert not any(desk.holders(at, tip) for tip in tips)
    said = office.run(
        "recover", "--key", office.key_file("recovery"), "--to", "hecha", FINGERPRINT, desk.print_of(at, key_id)
    )
    assert "3 tips opened" in said
    opener = desk.opener(at, key_id, "ein ganz neuer Anfang")
    for number, tip in enumerate(tips):
        card = at.db.transact(reading.show, opener=opener, tip_id=tip, day=at.today)
        assert card.report is not None
        assert card.report["text"] == f"{desk.TEXT}{number}"
    assert desk.holders(at, kept_out) == set()
    with at.db.reading() as session:
        logged = set(session.scalars(select(TipLog.tip_id).where(TipLog.act == "recovered")))
    assert logged == set(tips)


def test_another_key_than_the_recovery_key_recovers_nothing(office: Office) -> None:
    key_id = office.enrol()
    desk.file(office.at)
    for name in ("oversight", "empty"):
        path = office.key_file(name) if name == "oversight" else str(office.directory / "empty.key")
        Path(path).touch()
        seen = desk.print_of(office.at, key_id)
        said = office.run("recover", "--key", path, "--to", "hecha", FINGERPRINT, seen, code=1)
        assert "not the private half" in said or "no private key" in said
    assert desk.row(office.at, key_id).status == "waiting"


def late(at: TipsRuntime, tip: str) -> None:
    past = {"released_on": at.today, "escalated_on": at.today, "acknowledge_by": at.today - timedelta(days=1)}
    at.db.transact(lambda session: session.execute(update(Tip).where(Tip.id == tip).values(**past)))


def test_the_oversight_opens_what_is_overdue_with_its_evidence_and_nothing_else(office: Office) -> None:
    at = office.at
    tip, holder = desk.filed(at, text="逾期的一件")
    desk.file(at, text="没有逾期的一件")
    photo = bytes(range(256)) * 3000
    desk.photo(at, holder, photo)
    late(at, tip)
    out = office.directory / "oversight.zip"
    said = office.run("oversight", "--key", office.key_file("oversight"), str(out))
    found = office.unzipped(out, password_of(said))
    assert set(found) == {"0001-report.html", "0001-evidence-01.jpg", "summary.txt", "manifest.txt"}
    assert found["0001-evidence-01.jpg"] == photo
    assert "逾期的一件" in found["0001-report.html"].decode()
    assert (out.stat().st_mode & 0o777, "1 件" in found["summary.txt"].decode()) == (0o600, True)


def test_sealed_tips_are_opened_on_another_machine_by_the_right_key_only(office: Office) -> None:
    at = office.at
    tip, holder = desk.filed(at)
    photo = os.urandom(600_000)
    desk.photo(at, holder, photo)
    parcel, out = office.directory / "sealed.jsonl", office.directory / "opened.zip"
    office.run("export-sealed", str(parcel), "--all")
    assert not any(words.encode() in parcel.read_bytes() for words in (desk.TEXT, "某诊所", "收费单"))
    assert "File exists" in office.run("export-sealed", str(parcel), "--all", code=1)

    def elsewhere(name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ops.open_tips", "--key", office.key_file(name), str(parcel), str(out)]
        return subprocess.run(command, cwd=ROOT, env={"PATH": ""}, capture_output=True, text=True, check=False)

    wrong = elsewhere("recovery")
    assert (wrong.returncode, out.exists()) == (1, False)
    assert "does not open" in wrong.stderr
    right = elsewhere("oversight")
    assert right.returncode == 0, right.stderr
    found = office.unzipped(out, password_of(right.stdout))
    assert found["0001-evidence-01.jpg"] == photo
    assert desk.TEXT in found["0001-report.html"].decode()
    assert tip in found["0001-report.html"].decode()


def test_a_cut_or_changed_parcel_is_refused_without_a_trace(office: Office) -> None:
    at = office.at
    _tip, holder = desk.filed(at)
    desk.photo(at, holder, os.urandom(600_000))
    parcel = office.directory / "sealed.jsonl"
    office.run("export-sealed", str(parcel), "--all")
    whole, lines = parcel.read_bytes(), parcel.read_bytes().splitlines(keepends=True)
    changed = whole.replace(b'"content":"', b'"content":"AAAA', 1)
    for number, broken in enumerate((whole[: len(whole) // 2], b"".join(lines[:-1]), b"{}\n" + whole, changed)):
        bad, out = office.directory / f"bad{number}", office.directory / f"out{number}.zip"
        bad.write_bytes(broken)
        command = [sys.executable, "-m", "ops.open_tips", "--key", office.key_file("oversight"), str(bad), str(out)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, out.exists(), "Traceback" in done.stderr) == (1, False, False), done.stderr


def test_nothing_of_the_reporter_is_in_a_parcel(office: Office) -> None:
    at = office.at
    tip, _holder = desk.filed(at)
    with at.db.reading() as session:
        box = session.get_one(TipKey, (tip, "reporter")).sealed
    parcel = office.directory / "sealed.jsonl"
    office.run("export-sealed", str(parcel), "--all", "--holder", "recovery")
    content = parcel.read_bytes()
    assert base64.b64encode(box) not in content
    assert b"mailbox" not in content
    assert b"target_index" not in content


def test_tips_of_an_earlier_key_stay_readable_with_it_after_a_change(office: Office) -> None:
    at, key_id = office.at, office.enrol()
    old = desk.file(at)
    fresh = sealing.new_pair()
    changed = replace(at, line=replace(at.line, recovery_key=fresh.public, oversight_key=fresh.public))
    new = desk.file(changed)
    recovery = office.key_file("recovery")
    object.__setattr__(office.app.extensions[EXTENSION], "tips", changed)
    said = office.run("recover", "--key", recovery, "--to", "hecha", FINGERPRINT, desk.print_of(at, key_id))
    assert "1 tips opened" in said
    assert (desk.holders(at, old), desk.holders(at, new)) == ({key_id}, set())
    out = office.directory / "oversight.zip"
    said = office.run("oversight", "--key", office.key_file("oversight"), str(out), "--all")
    found = office.unzipped(out, password_of(said))
    assert old in found["0001-report.html"].decode()
    assert "另有 1 件" in found["summary.txt"].decode()
