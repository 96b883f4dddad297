"""``flask --app wsgi catalogue check|publish|diff``: the administrator's way to change service items."""

from __future__ import annotations

import tomllib
from pathlib import Path

import click
from flask.cli import AppGroup

from backend.catalogue import changes, files, queries, service
from backend.catalogue.definition import ItemDefinition
from backend.kernel.errors import NotFound
from backend.web.context import runtime
from config.settings import ROOT

CONFIG = ROOT / "config"
catalogue = AppGroup("catalogue", help="Service items: check, publish and compare the files of config/catalogue.")
PATH = click.argument("path", type=click.Path(path_type=Path, exists=True), default=CONFIG / "catalogue")


@catalogue.command()
@PATH
def check(path: Path) -> None:
    """Check every file and say what is wrong, with its line; change nothing."""
    for item in _load(path):
        click.echo(f"{item.code}: ok")


@catalogue.command()
@PATH
def publish(path: Path) -> None:
    """Publish every file whose content changed; all of them or none."""
    app = runtime()
    items = _load(path)
    texts = files.texts(path, items)
    outcome = app.db.transact(
        service.publish, definitions=items, texts=texts, phone=app.settings.phone, now=app.clock()
    )
    for item in outcome:
        click.echo(f"{item.code}: version {item.version}{'' if item.changed else ' (unchanged)'}")


@catalogue.command()
@PATH
def diff(path: Path) -> None:
    """Show what publishing would change."""
    items = _load(path)
    with runtime().db.reading() as session:
        for item in items:
            try:
                before = queries.definition(session, item.code).source
            except NotFound:
                click.echo(f"{item.code}: new")
                continue
            for change in changes.changes(before, item.source):
                click.echo(f"{item.code}: {change.path}: {change.before!r} → {change.after!r}")


def _load(path: Path) -> list[ItemDefinition]:
    try:
        return files.load(path, purposes=_purposes(), now=runtime().clock())
    except files.RefusedError as refused:
        raise click.ClickException(f"nothing was changed\n{refused}") from refused


def _purposes() -> frozenset[str]:
    """The consents that people can be asked for."""
    return frozenset(tomllib.loads((CONFIG / "consents.toml").read_text(encoding="utf-8")))
