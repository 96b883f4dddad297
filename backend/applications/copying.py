"""The copy of what was handed in, as a PDF for the applicant. Heavy process only, like every rendering."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.applications import queries
from backend.certificates import files, paper, queries as certificates
from backend.certificates.policy import chinese_date
from backend.certificates.sheet import Sheet
from backend.gateways.storage import Storage
from backend.kernel import ids
from backend.kernel.clock import local
from backend.kernel.crypto import Seal, Unreadable, Vault
from backend.kernel.errors import NotFound
from backend.kernel.privacy import mask_id
from backend.models.application import Application, ApplicationRevision

if TYPE_CHECKING:  # the layer above hands the database in
    from backend.db import Database

STATEMENT = "这是您提交的内容，留给自己核对。要证明已经提交，请出示回执；要证明情况，请等办好后的证件。"


def render(db: Database, vault: Vault, storage: Storage, *, revision_id: int, base_url: str, now: datetime) -> bool:
    """Make and store the PDF of one submitted revision; False when there is nothing to do. May be run again."""
    with db.reading() as session:
        work = _work(session, vault, revision_id, base_url)
    if work is None:
        return False
    sheet, seal = work
    key = f"copypdf/{ids.encode(revision_id)}"
    files.store(storage, seal, key, paper.pdf(sheet))
    db.transact_once(_rendered, revision_id, key)
    return True


def _work(session: Session, vault: Vault, revision_id: int, base_url: str) -> tuple[Sheet, Seal] | None:
    revision = session.get(ApplicationRevision, revision_id)
    row = session.get(Application, revision.application_id) if revision else None
    if revision is None or row is None or revision.pdf_key:
        return None
    try:
        copy = queries.copy(
            session, vault, resident_id=row.resident_id, application_id=row.id, revision=revision.revision
        )
        token = certificates.receipt_token(session, application_id=row.id)
        return _sheet(copy, f"{base_url}/v/{token}", base_url), accounts.seal_of(session, vault, row.resident_id)
    except (Unreadable, NotFound):  # the person has been erased
        return None


def _sheet(copy: dict[str, Any], link: str, base_url: str) -> Sheet:
    holder = copy["holder"]
    day = chinese_date(local(copy["submitted_at"]).date())
    answers = [(item["label"], item["value"]) for item in copy["answers"]]
    materials = "、".join(str(item["label"]) for item in copy["materials"]) or "无"
    return Sheet(
        title="申请内容",
        number=copy["number"],
        rows=(
            ("事项", copy["service_name"]),
            ("办理人", f"{holder['name']}　{mask_id(holder['id_number'])}"),
            ("提交日期", f"{day}　第 {copy['revision']} 次提交"),
            *answers,
            ("材料", materials),
        ),
        statement=STATEMENT,
        link=link,
        check_at=f"{base_url}/progress",
        code="",
        mark="",
        office="",
        day="",
    )


def _rendered(session: Session, revision_id: int, key: str) -> None:
    mark = update(ApplicationRevision).where(ApplicationRevision.id == revision_id).values(pdf_key=key)
    session.execute(mark, execution_options={"synchronize_session": False})
