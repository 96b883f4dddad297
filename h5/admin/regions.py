"""The places of an administrator's region, for a select: the county or town itself, then villages by town."""

from __future__ import annotations

from backend.administration.policy import Administrator
from backend.catalogue import queries
from backend.web.context import runtime
from h5.places import MOST

Group = tuple[str, list[tuple[str, str]]]


def grouped(admin: Administrator) -> list[Group]:
    """(heading, places); the first group holds the administrator's own place and the towns."""
    with runtime().db.reading() as session:
        own = (admin.region, queries.region_names(session, [admin.region]).get(admin.region, admin.region))
        below = [] if admin.level == "village" else queries.regions(session, parent=admin.region, limit=MOST)
        if admin.level != "county":
            return [(own[1], [own, *((place.code, place.name) for place in below)])]
        towns: list[Group] = []
        for town in below:
            villages = queries.regions(session, parent=town.code, limit=MOST)
            towns.append((town.name, [(town.code, town.name), *((one.code, one.name) for one in villages)]))
    return [(own[1], [own]), *towns]
