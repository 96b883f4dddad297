"""The residents' H5 pages and, under ``staff/``, the console of the offices."""

from __future__ import annotations

from flask import Blueprint

from h5 import (
    applications,
    assets,
    certificates,
    correction,
    cosign,
    filling,
    home,
    mandate,
    materials,
    me,
    messages,
    mode,
    partner,
    progress,
    services,
    session,
    shell,
    start,
    verify,
    visits,
)
from h5.staff import (
    cases as staff_cases,
    collections as staff_collections,
    decisions as staff_decisions,
    door as staff_door,
    queue as staff_queue,
    visits as staff_visits,
)

#: Every blueprint of pages with the name of its guard in ``backend.web.guards``.
PAGES: tuple[tuple[Blueprint, str], ...] = (
    (assets.blp, "anyone"),
    (shell.blp, "page"),
    (home.blp, "page"),
    (services.blp, "page"),
    (session.blp, "page"),
    (mode.blp, "page"),
    (verify.blp, "page"),
    (progress.blp, "page"),
    (start.blp, "resident_page"),
    (applications.blp, "resident_page"),
    (filling.blp, "resident_page"),
    (materials.blp, "resident_page"),
    (correction.blp, "resident_page"),
    (mandate.blp, "resident_page"),
    (cosign.blp, "resident_page"),
    (partner.blp, "resident_page"),
    (certificates.blp, "resident_page"),
    (visits.blp, "resident_page"),
    (messages.blp, "resident_page"),
    (me.blp, "resident_page"),
    (staff_door.blp, "staff_entrance"),
    (staff_door.leaving, "staff_page"),
    (staff_queue.blp, "staff_page"),
    (staff_cases.blp, "staff_page"),
    (staff_decisions.blp, "staff_page"),
    (staff_collections.blp, "staff_page"),
    (staff_visits.blp, "staff_page"),
)
