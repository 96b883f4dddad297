"""Operator commands, one file per group: ``flask --app wsgi --help``."""

from __future__ import annotations

from flask import Flask

from backend.cli import audit, catalogue, demo, keys, outbox, regions, staff_hands

GROUPS = (audit.audit, catalogue.catalogue, demo.demo, keys.keys, outbox.outbox, regions.regions, staff_hands.staff)


def register(app: Flask) -> None:
    """Hang every group on the app."""
    for group in GROUPS:
        app.cli.add_command(group)
