"""The pages of the tip line. They know nothing of the residents' pages around them."""

from __future__ import annotations

from flask import Blueprint

from h5.tips import start
from h5.tips.problems import problem

PAGES: tuple[Blueprint, ...] = (start.blp,)

__all__ = ["PAGES", "problem"]
