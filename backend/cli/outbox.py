"""``flask outbox``: what waits, what was given up, and another try. Never shows content: rows hold ids only."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from backend.events import leasing, work
from backend.web.context import runtime

outbox = AppGroup("outbox", help="Work left behind by committed changes.")


@outbox.command("stats")
def stats() -> None:
    """Count rows by topic and status, with the oldest one that is due."""
    at = runtime()
    with at.db.reading() as session:
        for line in work.stats(session):
            oldest = line.oldest.isoformat(timespec="seconds") if line.oldest else "-"
            click.echo(f"{line.topic:24} {line.status:8} {line.count:>8} {oldest}")


@outbox.command("list")
@click.option("--topic", default=None, help="Only this topic.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
def list_(topic: str | None, limit: int) -> None:
    """Show unfinished rows, oldest first."""
    _show("due", topic, limit)
    _show("leased", topic, limit)
    _show("sending", topic, limit)


@outbox.command("dead")
@click.option("--topic", default=None, help="Only this topic.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
def dead(topic: str | None, limit: int) -> None:
    """Show rows that were given up, with the error."""
    _show("dead", topic, limit)


@outbox.command("retry")
@click.option("--topic", default=None, help="All dead rows of this topic.")
@click.option("--id", "row", default=None, type=int, help="One dead row.")
@click.option("--all", "everything", is_flag=True, help="Every dead row.")
def retry(topic: str | None, row: int | None, everything: bool) -> None:
    """Make dead rows due again."""
    if not (topic or row or everything):
        raise click.UsageError("say which: --id, --topic or --all")
    at = runtime()
    count = at.db.transact(leasing.replay, now=at.clock(), topic=topic, row=row)
    at.wake("retry")
    click.echo(f"{count} due again")


def _show(status: str, topic: str | None, limit: int) -> None:
    with runtime().db.reading() as session:
        for row in work.rows(session, status=status, topic=topic, limit=limit):
            click.echo(
                f"{row.id:>10} {row.topic:24} {row.status:8} tries {row.attempts:>2} "
                f"due {row.due_at.isoformat(timespec='seconds')} {row.last_error or ''}".rstrip()
            )
