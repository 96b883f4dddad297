"""``flask tips``: the keys of the tip line, for the operator. None of it opens a tip without an offline key."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import click
from flask.cli import AppGroup

from backend.accounts import staff as accounts
from backend.kernel import sealing
from backend.kernel.errors import Problem
from backend.kernel.sealing import Pair
from backend.models.tip import Investigator
from backend.tips import admitting, investigators, keyring, offline, packages, parcels, recipients
from backend.tips.admitting import Source
from backend.web.context import runtime

tips = AppGroup("tips", help="Keys of the tip line: investigators, oversight, recovery.")
KEY = click.option("--key", "key_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
OUT = click.argument("out", type=click.Path(path_type=Path))
FINGERPRINT = click.option("--fingerprint", required=True, help="16 digits as the person reads them out.")
WHICH = click.option(
    "--overdue/--all", "only_overdue", default=True, help="Only where a day was missed, or all. [default: overdue]"
)


@tips.command("keypair")
def keypair() -> None:
    """Make a pair for the oversight or for recovery and print it, once; nothing of it is kept."""
    pair = sealing.new_pair()
    click.echo("# Opens tips. On paper or a stick, in a safe, never on a machine with a network.")
    click.echo(f"private: {base64.b64encode(pair.private).decode()}")
    click.echo("# For TIPS_OVERSIGHT_KEY or TIPS_RECOVERY_KEY.")
    click.echo(f"public: {base64.b64encode(pair.public).decode()}")


@tips.command("keys")
def keys() -> None:
    """Every key of an investigator: account, state, duty, fingerprint, post."""
    with runtime().db.reading() as session:
        names = {card.id: card.username for card, *_ in accounts.listed(session)}
    with runtime().tips.db.reading() as session:
        for row in keyring.every(session):
            seen = investigators.fingerprint(row.public)
            click.echo("\t".join((names.get(row.staff_id, "?"), row.status, row.duty, seen, row.county, row.post)))


@tips.command("appoint")
@click.argument("username")
@FINGERPRINT
def appoint(username: str, fingerprint: str) -> None:
    """Let in a county's first key, or back its second one; from the third on two investigators do it."""
    row = _key_of(username)
    day = runtime().tips.today
    status = _run(admitting.appoint, investigator_id=row.id, fingerprint=fingerprint, day=day)
    click.echo(f"{username}: {status}" + (", now the first investigator admits it" if status == "backed" else ""))


@tips.command("end")
@click.argument("username")
def end(username: str) -> None:
    """Take a key out at once: nothing is sealed to it any more."""
    _run(investigators.end, investigator_id=_key_of(username).id, county=None, day=runtime().tips.today)
    click.echo(f"{username}: ended")


@tips.command("recover")
@KEY
@click.option("--to", "username", required=True, help="The account of an investigator with a key of their own.")
@FINGERPRINT
def recover(key_file: Path, username: str, fingerprint: str) -> None:
    """Let a key in and open every tip to it with the offline recovery key; each opening is logged for good."""
    at = runtime().tips
    pair = _pair(key_file, at.line.recovery_key, recipients.RECOVERY)
    row = _key_of(username)
    _run(admitting.recover, investigator_id=row.id, fingerprint=fingerprint, day=at.today)
    source, after, opened = Source(recipients.RECOVERY, pair.private), "", 0
    while True:
        done = _run(admitting.reseal, source=source, investigator_id=row.id, after=after, day=at.today)
        opened += done.sealed
        if done.after is None:
            break
        after = done.after
    click.echo(f"{username}: {opened} tips opened; now take the recovery key off this machine")


@tips.command("export-sealed")
@OUT
@click.option("--holder", type=click.Choice((recipients.OVERSIGHT, recipients.RECOVERY)), default=recipients.OVERSIGHT)
@WHICH
def export_sealed(out: Path, holder: str, only_overdue: bool) -> None:
    """Write sealed tips for one holder; opened elsewhere: python -m ops.open_tips --key FILE OUT PACKAGE."""
    at = runtime().tips
    with _new(out) as file, at.db.reading() as session:
        for line in parcels.export(session, holder=holder, which=_which(only_overdue), day=at.today):
            file.write(line)
    click.echo(f"{out}: written; nothing in it opens without the {holder} key")


@tips.command("oversight")
@KEY
@OUT
@WHICH
def oversight(key_file: Path, out: Path, only_overdue: bool) -> None:
    """Open what the oversight is asked to look at, into an encrypted package; its password is printed."""
    at = runtime().tips
    pair = _pair(key_file, at.line.oversight_key, recipients.OVERSIGHT)
    password = packages.password(sealing.new_key(), "oversight")
    with _new(out) as file, at.db.reading() as session:
        sealed = parcels.export(session, holder=recipients.OVERSIGHT, which=_which(only_overdue), day=at.today)
        packages.write(file, offline.opened(sealed, pair.private), password=password, day=at.today)
    click.echo(f"{out}: written; password: {password}")


def _which(only_overdue: bool) -> str:
    return parcels.FLAGGED if only_overdue else parcels.EVERYTHING


def _key_of(username: str) -> Investigator:
    """The key of an account."""
    at = runtime()
    try:
        with at.db.reading() as session:
            staff_id = accounts.id_of(session, username=username)
    except Problem as problem:
        raise click.ClickException(str(problem.title)) from problem
    with at.tips.db.reading() as session:
        row = investigators.of_staff(session, staff_id=staff_id)
    if row is None:
        raise click.ClickException(f"{username} has no key yet: it is made in the console, under 举报 → 钥匙")
    return row


def _pair(path: Path, public: bytes, holder: str) -> Pair:
    """The offline pair of a file: the present one of this holder, or an earlier one that still opens something."""
    try:
        pair = offline.pair_of(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path}: {error}") from error
    if pair.public != public:
        with runtime().tips.db.reading() as session:
            known = admitting.opens_any(session, source=Source(holder, pair.private))
        if not known:
            raise click.ClickException(f"{path}: not the private half of the {holder} key")
    return pair


def _new(path: Path) -> IO[bytes]:
    """A file that was not there, for its owner alone."""
    try:
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error


def _run(command: Callable[..., Any], **arguments: Any) -> Any:
    try:
        return runtime().tips.db.transact(command, **arguments)
    except Problem as problem:
        raise click.ClickException(str(problem.title)) from problem
