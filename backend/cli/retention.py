"""``flask retention``: destroy what is kept long enough, or say what would be."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from backend.applications import retention as cases
from backend.web.context import runtime
from workers import retention as sweeps

retention = AppGroup("retention", help="How long the content of ended cases stays.")


@retention.command()
@click.option("--dry-run", is_flag=True, help="Name the cases whose time is over, and leave them.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10000), help="Cases a dry run names.")
def run(dry_run: bool, limit: int) -> None:
    """Destroy the content of every case whose time is over, and the files nobody can read any more."""
    at = runtime()
    if dry_run:
        with at.db.reading() as session:
            numbers = cases.due(session, now=at.clock(), limit=limit)
        for number in numbers:
            click.echo(number)
        click.echo(f"{len(numbers)} cases would be destroyed")
        return
    click.echo(f"{sweeps.destroy_cases(at)} cases destroyed")
    click.echo(f"{sweeps.purge_leftovers(at)} leftovers purged")
    click.echo(f"{sweeps.remove_papers(at)} files removed")
