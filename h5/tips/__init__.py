"""The pages of the tip line. They know nothing of the residents' pages around them."""

from __future__ import annotations

from flask import Blueprint

from h5.tips import assets, mailbox, parting, proof, report, rewards, screen, start
from h5.tips.problems import problem

PAGES: tuple[Blueprint, ...] = (
    screen.blp,
    assets.blp,
    start.blp,
    report.blp,
    mailbox.blp,
    parting.blp,
    rewards.blp,
    proof.blp,
)

__all__ = ["PAGES", "problem"]
