"""A holder, a request and an issued certificate, for the tests of certificates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from backend.catalogue.definition import CertificateTemplate
from backend.certificates import service
from backend.certificates.service import CertificateRequest
from backend.db import Database
from backend.kernel.crypto import Vault
from backend.kernel.privacy import mask_name
from backend.models.application import Application
from backend.models.certificate import Certificate, Receipt
from backend.models.resident import Resident
from tests.clock import MONDAY

HOLDER, STRANGER, CASE = 71, 72, 501
NAME, ID_NUMBER, COUNTY = "王㐂", "000000199001010011", "370402000000"
OFFICE, BASE_URL = "中心街街道", "http://127.0.0.1:8000"
TEMPLATE = CertificateTemplate(
    type="migrant-proof",
    prefix="HY",
    title="婚育情况证明",
    title_en="Proof of marriage and children",
    validity_months=12,
    statement="根据本人申报并经核对，持证人的婚姻和子女情况如下。",
    shows=("marital_status",),
)


def people(db: Database, vault: Vault) -> None:
    """The holder with a case, and the stranger who must see nothing."""

    def rows(session: Any) -> None:
        for person in (HOLDER, STRANGER):
            session.add(Resident(id=person, key=vault.new_person_key(person), created_at=MONDAY, updated_at=MONDAY))
        session.add(
            Application(
                id=CASE,
                resident_id=HOLDER,
                service_item="migrant-proof",
                service_item_version=1,
                region=COUNTY,
                village="",
                town="",
                county=COUNTY,
                answers="",
                created_at=MONDAY,
                updated_at=MONDAY,
            )
        )

    db.transact(rows)


def request(db: Database, vault: Vault, **changes: Any) -> CertificateRequest:
    with db.reading() as session:
        key = session.scalar(select(Resident.key).where(Resident.id == HOLDER)) or ""
    values: dict[str, Any] = {
        "application_id": CASE,
        "decision": 7,
        "resident_id": HOLDER,
        "seal": vault.person(key, HOLDER),
        "template": TEMPLATE,
        "county": COUNTY,
        "office": OFFICE,
        "holder": NAME,
        "holder_masked": mask_name(changes.get("holder", NAME)),
        "id_number": ID_NUMBER,
        "lines": (("婚姻状况", "已婚"),),
    }
    return CertificateRequest(**(values | changes))


def issue(db: Database, vault: Vault, *, now: datetime = MONDAY, **changes: Any) -> Certificate:
    """Issue by the command and give the row."""
    number = db.transact(service.issue, vault, request=request(db, vault, **changes), now=now)
    with db.reading() as session:
        row = session.scalars(select(Certificate).where(Certificate.number == number)).one()
        session.expunge(row)
    return row


def receipt(db: Database, vault: Vault, *, number: str = "YG2611-7K2M9Q", now: datetime = MONDAY) -> Receipt:
    db.transact(
        service.issue_receipt,
        vault,
        application_id=CASE,
        number=number,
        service_item="migrant-proof",
        service_name="婚育情况证明",
        office=OFFICE,
        submitted_on=date(2026, 11, 23),
        now=now,
    )
    with db.reading() as session:
        row = session.scalars(select(Receipt).where(Receipt.number == number)).one()
        session.expunge(row)
    return row


def key_of(db: Database, resident_id: int) -> str:
    """The wrapped key of a resident."""
    with db.reading() as session:
        return session.scalar(select(Resident.key).where(Resident.id == resident_id)) or ""


def resident_of(db: Database, vault: Vault, mobile: str) -> int:
    """The id of the resident with this mobile number."""
    with db.reading() as session:
        return session.scalars(select(Resident.id).where(Resident.mobile_index == vault.index("mobile", mobile))).one()
