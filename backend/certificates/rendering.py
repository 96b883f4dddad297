"""Making the PDF and the picture. Heavy process only: nothing the web process imports may import this.

Each function may be killed anywhere and run again: the same row gives the same bytes under the same
key, and the row points to them only at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.certificates import files, paper, phone, sheet
from backend.gateways.seal import SealGateway
from backend.gateways.storage import Storage
from backend.kernel import ids
from backend.kernel.crypto import Seal, Vault, place
from backend.models.application import Application
from backend.models.certificate import Certificate, Receipt

if TYPE_CHECKING:  # the layer above hands the database in
    from backend.db import Database


@dataclass(frozen=True, slots=True)
class Work:
    """A document still to be made and the key of its holder."""

    page: sheet.Sheet
    seal: Seal = field(repr=False)


def render_certificate(
    db: Database,
    vault: Vault,
    storage: Storage,
    gateway: SealGateway,
    *,
    certificate_id: int,
    base_url: str,
    now: datetime,
) -> bool:
    """Make, seal and store the PDF and the picture of a certificate; False when there is nothing to do.

    ``SealUnavailable`` when the seal service gave nothing: run again later, nothing is served until then.
    """
    with db.reading() as session:
        work = _certificate(session, vault, certificate_id, base_url=base_url, sealed=gateway.seals)
    if work is None:
        return False
    pdf = paper.pdf(work.page)
    pdf = gateway.seal(pdf) or pdf
    name = ids.encode(certificate_id)
    pdf_key, png_key = f"certificatepdf/{name}", f"certificatepng/{name}"
    files.store(storage, work.seal, pdf_key, pdf)
    files.store(storage, work.seal, png_key, phone.png(work.page))
    db.transact_once(_rendered, Certificate, certificate_id, {"pdf_key": pdf_key, "png_key": png_key}, now=now)
    return True


def render_receipt(
    db: Database, vault: Vault, storage: Storage, *, receipt_id: int, base_url: str, now: datetime
) -> bool:
    """Make and store the PDF of a receipt; False when there is nothing to do."""
    with db.reading() as session:
        work = _receipt(session, vault, receipt_id, base_url=base_url)
    if work is None:
        return False
    pdf_key = f"receiptpdf/{ids.encode(receipt_id)}"
    files.store(storage, work.seal, pdf_key, paper.pdf(work.page))
    db.transact_once(_rendered, Receipt, receipt_id, {"pdf_key": pdf_key}, now=now)
    return True


def _certificate(session: Session, vault: Vault, certificate_id: int, *, base_url: str, sealed: bool) -> Work | None:
    row = session.get(Certificate, certificate_id)
    if row is None or row.rendered_at is not None:
        return None
    seal = accounts.seal_or_none(session, vault, row.resident_id)
    if seal is None:
        return None
    facts = seal.open_text(row.facts, place("certificate", "facts", row.id))
    return Work(sheet.of_certificate(row, facts, base_url=base_url, sealed=sealed), seal)


def _receipt(session: Session, vault: Vault, receipt_id: int, *, base_url: str) -> Work | None:
    row = session.get(Receipt, receipt_id)
    if row is None or row.rendered_at is not None:
        return None
    holder = session.scalar(select(Application.resident_id).where(Application.id == row.application_id))
    seal = accounts.seal_or_none(session, vault, holder) if holder else None
    return Work(sheet.of_receipt(row, base_url=base_url), seal) if seal else None


def _rendered(
    session: Session, table: type[Certificate | Receipt], row_id: int, keys: dict[str, str], *, now: datetime
) -> None:
    mark = update(table).where(table.id == row_id, table.rendered_at.is_(None)).values(rendered_at=now, **keys)
    session.execute(mark, execution_options={"synchronize_session": False})
