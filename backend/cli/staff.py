"""``flask staff``: accounts of the people who work with the console."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click
from flask.cli import AppGroup

from backend.accounts import passwords, staff as accounts
from backend.applications import handover
from backend.kernel.clock import system_clock
from backend.kernel.errors import Problem, Wrong
from backend.kernel.privacy import ID_TYPES
from backend.models.staff import LEVELS, ROLES
from backend.web.context import runtime

staff = AppGroup("staff", help="Staff accounts: who they are, what lets them in, and whose hands cases are in.")


@staff.command("add")
@click.argument("username")
@click.option("--post", required=True, help="What people read: 镇街审核岗.")
@click.option("--name", default="", help="Who it is, for the administrator; the post by default.")
@click.option("--role", type=click.Choice(ROLES), default="reviewer", show_default=True)
@click.option("--level", type=click.Choice(LEVELS), required=True)
@click.option("--region", required=True, help="The office, 12 digits.")
def add(username: str, post: str, name: str, role: str, level: str, region: str) -> None:
    """Make an account; the password is asked for and never stands in a command line."""
    run(
        accounts.add,
        username=username,
        name=name or post,
        post=post,
        role=role,
        level=level,
        region=region,
        password=_new_password(),
        now=runtime().clock(),
    )
    click.echo(f"{username}: added; next: flask staff enrol-otp {username}")


@staff.command("know-person")
@click.argument("username")
@click.option("--id-type", type=click.Choice(ID_TYPES), default="resident_id", show_default=True)
def know_person(username: str, id_type: str) -> None:
    """Ask for the clerk's own document number and keep its keyed hash: nobody decides on their own case."""
    number = getpass.getpass("Document number: ")
    run(
        accounts.know_person,
        runtime().vault,
        username=username,
        id_type=id_type,
        id_number=number,
        now=runtime().clock(),
    )
    click.echo(f"{username}: known")


@staff.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """End every session of an account, let it in no more, and put what it holds back into the queue."""
    freed = run(handover.disable, username=username, now=runtime().clock(), at=system_clock())
    click.echo(f"{username}: disabled, {freed} cases back in the queue")


@staff.command("enable")
@click.argument("username")
def enable(username: str) -> None:
    """Let a disabled account in again."""
    run(accounts.set_active, username=username, active=True, now=runtime().clock(), at=system_clock())
    click.echo(f"{username}: enabled")


@staff.command("list")
def show() -> None:
    """Every account: name, role, level, office, post, state, second factor."""
    with runtime().db.reading() as session:
        rows = accounts.listed(session)
    for card, active, factor in rows:
        state = "active" if active else "disabled"
        second = "otp" if factor else "no-otp"
        click.echo("\t".join((card.username, card.role, card.level, card.region, card.post, state, second)))


@staff.command("reset-password")
@click.argument("username")
def reset_password(username: str) -> None:
    """Set a new password; every session of the account ends."""
    run(
        accounts.reset_password,
        username=username,
        password=_new_password(),
        now=runtime().clock(),
        at=system_clock(),
    )
    click.echo(f"{username}: password set")


@staff.command("enrol-otp")
@click.argument("username")
def enrol_otp(username: str) -> None:
    """Make a new second factor and print the address for the person's authenticator app, once."""
    at = runtime()
    click.echo(run(accounts.enrol_otp, at.vault, username=username, issuer=at.settings.issuer, now=at.clock()))


def run(command: Callable[..., Any], *values: Any, **arguments: Any) -> Any:
    """The result of a command; a refusal becomes a sentence and an exit code."""
    try:
        return runtime().db.transact(command, *values, **arguments)
    except Problem as problem:
        _refuse(str(problem.title))
    except Wrong as wrong:
        _refuse(str(wrong.text))


def _refuse(words: str) -> NoReturn:
    raise click.ClickException(words)


def _new_password() -> str:
    """Asked for twice at a terminal; one line of standard input otherwise."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass(f"New password ({passwords.SHORTEST}-{passwords.LONGEST} characters): ")
    if getpass.getpass("Again: ") != first:
        _refuse("the two were not the same; nothing was changed")
    return first
