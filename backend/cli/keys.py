"""``flask keys``: the keys that sign certificates."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from backend.certificates import keys as signing
from backend.kernel.clock import local
from backend.web.context import runtime

keys = AppGroup("keys", help="Signing keys of certificates and receipts.")


@keys.command("list")
def list_() -> None:
    """Every key, the newest first."""
    with runtime().db.reading() as session:
        for card in signing.cards(session):
            until = f"retired {local(card.retired_at):%Y-%m-%d %H:%M}" if card.retired_at else "in use"
            click.echo(f"{card.kid}  {card.algorithm}  made {local(card.created_at):%Y-%m-%d %H:%M}  {until}")


@keys.command()
def rotate() -> None:
    """Make a new key and sign with it from now on; what older keys signed still verifies."""
    at = runtime()
    kid = at.db.transact_once(signing.rotate, at.vault, now=at.clock())
    click.echo(f"{kid} signs from now on")


@keys.command()
def check() -> None:
    """Open every private key and compare it with its public half; fails when one is unusable."""
    at = runtime()
    with at.db.reading() as session:
        count, broken = len(signing.cards(session)), signing.unusable(session, at.vault)
    if broken:
        raise click.ClickException(f"{', '.join(broken)}: cannot be opened or does not match its public key")
    click.echo(f"{count} keys are sound")
