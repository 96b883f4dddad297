"""Operator commands, one file per group: ``flask --app wsgi --help``."""

from __future__ import annotations

from flask import Flask

from backend.cli import (
    audit,
    benefits,
    catalogue,
    demo,
    keys,
    outbox,
    regions,
    retention,
    sms,
    staff_hands,
    stations,
    statistics,
    tips,
    wechat,
)

GROUPS = (
    audit.audit,
    benefits.benefits,
    catalogue.catalogue,
    demo.demo,
    keys.keys,
    outbox.outbox,
    regions.regions,
    retention.retention,
    sms.sms,
    staff_hands.staff,
    stations.stations,
    statistics.statistics,
    tips.tips,
    wechat.wechat,
)


def register(app: Flask) -> None:
    """Hang every group on the app."""
    for group in GROUPS:
        app.cli.add_command(group)
