"""Reading regions, offices and the current service items."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.catalogue.definition import ItemDefinition
from backend.catalogue.parsing import parse
from backend.kernel.errors import Invalid, NotFound
from backend.kernel.i18n import N_
from backend.models.catalogue import ServiceItem, ServiceItemVersion
from backend.models.region import Office, Region

_CODE = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}", re.ASCII)
#: Published versions never change, so each process parses one once; keyed by connection pool, because a
#: process may know several databases.
_PARSED: WeakKeyDictionary[Any, dict[tuple[str, int], ItemDefinition]] = WeakKeyDictionary()
_MOST_PARSED = 500


@dataclass(frozen=True, slots=True)
class OfficeCard:
    """An office as people see it; ``level`` village, town or county."""

    region: str
    name: str
    phone: str
    level: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class RegionCard:
    """One place; ``parent`` is empty for a province."""

    code: str
    name: str
    level: str
    parent: str


@dataclass(frozen=True, slots=True)
class Ancestors:
    """12-digit codes of a place and those above it; ``village``/``town`` empty when it is not below one."""

    village: str
    town: str
    county: str

    def __iter__(self) -> Iterator[str]:
        return iter(code for code in (self.village, self.town, self.county) if code)


def definition(session: Session, code: str, version: int | None = None) -> ItemDefinition:
    """A published version, the current one by default; ``NotFound`` for an unknown item or version."""
    if version is None:
        version = session.scalar(select(ServiceItem.version).where(ServiceItem.code == code))
    kept = _PARSED.setdefault(session.get_bind().engine.pool, {})
    if version is not None and (code, version) in kept:
        return kept[code, version]
    data = session.scalar(
        select(ServiceItemVersion.definition).where(
            ServiceItemVersion.code == code, ServiceItemVersion.version == version
        )
    )
    if version is None or data is None:
        raise NotFound("unknown_service_item", N_("没有找到这个事项，请回到办事列表再选"))
    if len(kept) >= _MOST_PARSED:
        kept.clear()
    kept[code, version], _ = parse(data, version=version)
    return kept[code, version]


def forget() -> None:
    """Drop what this process has parsed: a publication that is rolled back leaves its number to another one."""
    _PARSED.clear()


def full_code(code: str) -> str:
    """A 6-, 9- or 12-digit region code as 12 digits; ``Invalid`` for anything else."""
    if not _CODE.fullmatch(code):
        raise _unknown_region()
    return code.ljust(12, "0")


def ancestors(region: str) -> Ancestors:
    """The codes of a 12-digit county, town or village and of the places above it."""
    town = region[:9] + "000" if region[6:9] != "000" else ""
    return Ancestors(region if region[9:] != "000" else "", town, region[:6] + "000000")


def check_region(session: Session, region: str) -> RegionCard:
    """A county, town or village that exists, by its 12 digits; ``Invalid`` otherwise."""
    found = session.get(Region, region) if len(region) == 12 else None
    if found is None or found.level not in ("county", "town", "village"):
        raise _unknown_region()
    return _card(found)


def region_exists(session: Session) -> Callable[[str], bool]:
    """For ``forms.check_answers``: whether 12 digits name a place we know."""
    return lambda code: session.get(Region, code) is not None


def region_names(session: Session, codes: Iterator[str] | list[str]) -> dict[str, str]:
    """Names by 12-digit code; unknown codes are left out."""
    rows = session.execute(select(Region.code, Region.name).where(Region.code.in_(list(codes))))
    return dict(rows.all())


def regions(session: Session, *, parent: str | None, after: str = "", limit: int = 100) -> list[RegionCard]:
    """The places directly below ``parent`` (6, 9 or 12 digits; provinces without one), by code."""
    above = full_code(parent) if parent else ""
    if above and session.get(Region, above) is None:
        raise _unknown_region()
    query = select(Region).where(Region.parent == above, Region.code > after).order_by(Region.code).limit(limit)
    return [_card(region) for region in session.scalars(query)]


def offices(session: Session, *, region: str | None, after: str = "", limit: int = 100) -> list[OfficeCard]:
    """The office of a place and those above it, nearest last; every office without a region. By code."""
    query = select(Office).where(Office.region > after).order_by(Office.region).limit(limit)
    if region:
        code = full_code(region)
        check_region(session, code)
        query = query.where(Office.region.in_(list(ancestors(code))))
    return [_office_card(found) for found in session.scalars(query)]


def office(session: Session, region: str) -> OfficeCard:
    """The office of a 12-digit region, or the nearest one above it; ``NotFound`` when there is none at all."""
    codes = list(ancestors(region))
    found = {row.region: row for row in session.scalars(select(Office).where(Office.region.in_(codes)))}
    for code in codes:
        if code in found:
            return _office_card(found[code])
    raise NotFound("unknown_office", N_("没有找到这个地方的办公室"))


def level_of(region: str) -> str:
    """village, town or county, read from a 12-digit code."""
    if region[9:] != "000":
        return "village"
    return "town" if region[6:9] != "000" else "county"


def _card(region: Region) -> RegionCard:
    return RegionCard(region.code, region.name, region.level, region.parent)


def _office_card(found: Office) -> OfficeCard:
    return OfficeCard(found.region, found.name, found.phone, level_of(found.region), found.address)


def _unknown_region() -> Invalid:
    text = N_("没有找到这个地方，请从列表里选")
    return Invalid("unknown_region", text, errors={"region": [text]})
