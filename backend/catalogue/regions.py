"""Importing the places of a county, and an office for each place that has one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend.catalogue.region_file import RegionRow, read_rows
from backend.models.region import Office, Region

BATCH = 1000
OFFICE_LEVELS = ("county", "town", "village")


@dataclass(frozen=True, slots=True)
class Imported:
    """How many regions are new, renamed or moved, and as before; and how many offices are new."""

    added: int
    changed: int
    unchanged: int
    offices: int


def import_regions(session: Session, *, content: bytes, phone: str) -> Imported:
    """Import a region file; ``RegionFileError`` with every wrong line, and then nothing is imported.

    Safe to repeat. Offices are made where there is none, with ``phone``; existing ones stay as they are,
    because people may have put in the real name, number and address since.
    """
    before = {row.code: row for row in session.scalars(select(Region))}
    rows = read_rows(content, known={code: row.level for code, row in before.items()})
    fresh = [row for row in rows if row.code not in before]
    changed = [row for row in rows if row.code in before and _differs(row, before[row.code])]
    _insert(session, Region, [_values(row) for row in fresh])
    for row in changed:
        session.execute(update(Region).where(Region.code == row.code).values(**_values(row)))
    offices = _add_offices(session, rows, phone)
    return Imported(len(fresh), len(changed), len(rows) - len(fresh) - len(changed), offices)


def office_name(name: str, level: str) -> str:
    """The usual name of the office of a place: 市中区卫生健康局, 中心街街道办事处, 税郭镇人民政府, 铁西居委会."""
    if level == "county":
        return f"{name}卫生健康局"
    if level == "town":
        return f"{name}办事处" if name.endswith(("街道", "开发区", "园区")) else f"{name}人民政府"
    if name.endswith(("委会", "委员会")):
        return name
    return f"{name}居委会" if name.endswith(("社区", "居")) else f"{name}委会"


def _differs(row: RegionRow, stored: Region) -> bool:
    return (row.name, row.level, row.parent) != (stored.name, stored.level, stored.parent)


def _values(row: RegionRow) -> dict[str, Any]:
    return {"code": row.code, "name": row.name, "level": row.level, "parent": row.parent}


def _add_offices(session: Session, rows: Iterable[RegionRow], phone: str) -> int:
    there = set(session.scalars(select(Office.region)))
    fresh = [
        {"region": row.code, "name": office_name(row.name, row.level), "phone": phone, "address": ""}
        for row in rows
        if row.level in OFFICE_LEVELS and row.code not in there
    ]
    _insert(session, Office, fresh)
    return len(fresh)


def _insert(session: Session, table: type[Region | Office], values: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(values), BATCH):
        session.execute(insert(table), values[start : start + BATCH])
