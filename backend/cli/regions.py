"""``flask --app wsgi regions import FILE``: the places of a county and their offices."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from backend.catalogue.region_file import RegionFileError
from backend.catalogue.regions import import_regions
from backend.web.context import runtime

regions = AppGroup("regions", help="Regions 辖区 and their offices.")


@regions.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--phone", default=None, help="Number of offices that are new (default: PHONE of the settings).")
def import_file(file: Path, phone: str | None) -> None:
    """Import a CSV of code,name,level,parent; all of it or nothing. Safe to repeat."""
    app = runtime()
    try:
        done = app.db.transact(import_regions, content=file.read_bytes(), phone=phone or app.settings.phone)
    except RegionFileError as error:
        lines = "\n".join(f"{file}:{line}: {message}" for line, message in error.faults)
        raise click.ClickException(f"nothing was imported\n{lines}") from error
    click.echo(f"{done.added} added, {done.changed} changed, {done.unchanged} unchanged; {done.offices} offices added")
