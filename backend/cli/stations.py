"""``flask --app wsgi stations slots``: make the slots of the coming days now."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from backend.bookings import generation
from backend.web.context import runtime

stations = AppGroup("stations", help="Stations 服务站 and their slots 号源.")


@stations.command("slots")
@click.argument("codes", nargs=-1)
def slots(codes: tuple[str, ...]) -> None:
    """Bring the slots of all stations, or of some, to what their rules say; the relay does the same each hour."""
    app = runtime()
    with app.db.reading() as session:
        known = generation.stations(session)
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise click.ClickException(f"no open station with rules: {', '.join(unknown)}")
    for code in codes or known:
        done = app.db.transact(generation.make, app.calendar, station=code, now=app.clock())
        click.echo(f"{code}: {done.made} made, {done.changed} changed, {done.gone} gone, {done.withdrawn} withdrawn")
