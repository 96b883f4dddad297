"""``flask staff``: whose hands cases are in: hand-over, days off, declared family."""

from __future__ import annotations

import getpass
from datetime import datetime

import click

from backend.accounts import absence, relatives, staff as accounts
from backend.applications import handover
from backend.cli.staff import run, staff
from backend.kernel.clock import today
from backend.kernel.privacy import ID_TYPES
from backend.web.context import runtime

#: The group with the commands of both files.
__all__ = ["staff"]


@staff.command("hand-over")
@click.argument("username")
@click.option("--to", default=None, help="A colleague of the same office; without it everything goes to the queue.")
def hand_over(username: str, to: str | None) -> None:
    """Take every case out of a clerk's hands, in one act."""
    moved = run(handover.hand_over, by=None, giver=username, to=to, now=runtime().clock())
    click.echo(f"{username}: {moved} handed over")


@staff.command("away")
@click.argument("username")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), default=None, help="The last day off; without it: back.")
def away(username: str, until: datetime | None) -> None:
    """Days off: while a whole office is away its cases go to the level above."""
    now = runtime().clock()
    day = until.date() if until else None
    run(absence.set_away, staff_id=_id(username), until=day, today=today(now), now=now)
    click.echo(f"{username}: {f'away until {day}' if day else 'back'}")


@staff.command("relative")
@click.argument("username")
@click.option("--id-type", type=click.Choice(ID_TYPES), default="resident_id", show_default=True)
def relative(username: str, id_type: str) -> None:
    """Ask for a relative's document number and keep its keyed hash: the clerk handles none of their cases."""
    number = getpass.getpass("Document number: ")
    given = {"staff_id": _id(username), "id_type": id_type, "id_number": number}
    run(relatives.declare, vault=runtime().vault, now=runtime().clock(), **given)
    click.echo(f"{username}: declared")


def _id(username: str) -> int:
    found: int = run(accounts.id_of, username=username)
    return found
