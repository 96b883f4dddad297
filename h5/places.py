"""Towns and villages of the county for lists and pickers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import request

from backend.catalogue import queries
from backend.catalogue.definition import FormField
from backend.catalogue.queries import RegionCard
from backend.web.context import runtime

#: The cookie with the town a person chose last, so that near stations come first.
TOWN = "town"
_TOWN = re.compile(r"[0-9]{9}000", re.ASCII)
#: A county has fewer towns, and a town fewer villages, than this.
MOST = 500
Towns = list[tuple[str, list[tuple[str, str]]]]


def below(parent: str) -> list[RegionCard]:
    """The places directly below a code; ``Invalid`` for one we do not know."""
    with runtime().db.reading() as session:
        return queries.regions(session, parent=parent, limit=MOST)


def towns_for(fields: Sequence[FormField]) -> Towns:
    """Every town with its villages when one of these questions asks for a place, else nothing."""
    if not any(field.type == "region" for field in fields):
        return []
    county = runtime().settings.county
    with runtime().db.reading() as session:
        towns = queries.regions(session, parent=county, limit=MOST)
        villages = {town.code: queries.regions(session, parent=town.code, limit=MOST) for town in towns}
    return [(town.name, [(place.code, place.name) for place in villages[town.code]]) for town in towns]


def last_town() -> str:
    """The 12-digit town this person chose last in this county, by address or cookie; "" for none."""
    chosen = request.args.get(TOWN, request.cookies.get(TOWN, ""))
    return chosen if _TOWN.fullmatch(chosen) and chosen[:6] == runtime().settings.county[:6] else ""
