"""The residents' H5 pages and, under ``staff/``, the console of the offices."""

from __future__ import annotations

from flask import Blueprint

from h5 import assets, mode, session, shell, verify

#: Every blueprint of pages with the name of its guard in ``backend.web.guards``.
PAGES: tuple[tuple[Blueprint, str], ...] = (
    (assets.blp, "anyone"),
    (shell.blp, "page"),
    (session.blp, "page"),
    (mode.blp, "page"),
    (verify.blp, "page"),
)
