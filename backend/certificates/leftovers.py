"""Rendered certificates and receipts that belong to nobody any more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend.kernel import ids
from backend.models.application import Application
from backend.models.certificate import Certificate, Receipt
from backend.models.resident import Resident

#: Kinds of stored files; the id in a file's key is that of its row.
KINDS = ("certificatepdf", "certificatepng", "receiptpdf")


def unknown(session: Session, kind: str, keys: list[str]) -> list[str]:
    """Those of the stored files of a kind that no row names, or whose person left: nobody can read them any more."""
    mine = {ids.decode(key.partition("/")[2]): key for key in keys}
    known = set(session.scalars(_known(kind, list(mine)).where(Resident.key != "")))
    return [key for row, key in mine.items() if row not in known]


def _known(kind: str, found: list[int]) -> Select[Any]:
    if kind == "receiptpdf":
        query = select(Receipt.id).join(Application, Application.id == Receipt.application_id)
        query = query.join(Resident, Resident.id == Application.resident_id)
        return query.where(Receipt.id.in_(found), Receipt.pdf_key.is_not(None))
    column = Certificate.pdf_key if kind == "certificatepdf" else Certificate.png_key
    query = select(Certificate.id).join(Resident, Resident.id == Certificate.resident_id)
    return query.where(Certificate.id.in_(found), column.is_not(None))
