"""A county with one item, one resident and cases in the states that work is left behind for.

The worker tests begin where a command has committed: they need rows in every state at once, with the
outbox row that the move left, and not the way there (the service tests walk that).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import records
from backend.catalogue import files, regions, service as catalogue
from backend.certificates import service as certificates
from backend.events import outbox
from backend.kernel import ids
from backend.kernel.crypto import place
from backend.kernel.privacy import mask_name
from backend.models.application import Application, Correction
from backend.models.certificate import Certificate, Receipt
from backend.models.notification import Message
from backend.models.outbox import Outbox
from backend.models.resident import Resident
from backend.models.session import SmsCode
from backend.runtime import Runtime

CONFIG = Path(__file__).resolve().parents[2] / "config"
COUNTY, TOWN, VILLAGE = "370402000000", "370402001000", "370402001013"
MOBILE = "13800000021"
HOLDER = {"name": "王㐂", "id_type": "resident_id", "id_number": "000000199001010015", "mobile": MOBILE}
DUE = date(2027, 3, 8)


@dataclass(frozen=True, slots=True)
class World:
    """A runtime whose database holds the county and one resident."""

    runtime: Runtime
    resident_id: int

    def case(self, status: str, topic: str) -> int:
        """One case in a state, with the work its last move left behind; the id of the case."""
        return self.runtime.db.transact(_case, self, status, topic)

    def code(self) -> int:
        """One sign-in code to be sent."""
        return self.runtime.db.transact(leave_code, self)

    def receipt(self) -> int:
        """A case whose receipt is still to be made."""
        case = self.case("submitted", "")
        self.runtime.db.transact(_receipt, self, case)
        return case

    def messages(self) -> list[tuple[str, str]]:
        """(template, event) of everything in the inbox."""
        with self.runtime.db.reading() as session:
            return [tuple(row) for row in session.execute(select(Message.template, Message.event))]  # type: ignore[misc]

    def certificates(self) -> list[tuple[str, bool]]:
        """(number, rendered) of every certificate."""
        with self.runtime.db.reading() as session:
            return [(row.number, row.rendered_at is not None) for row in session.scalars(select(Certificate))]

    def receipts(self) -> list[bool]:
        with self.runtime.db.reading() as session:
            return [at is not None for at in session.scalars(select(Receipt.rendered_at))]

    def work(self) -> dict[str, list[str]]:
        """topic → states of its rows."""
        found: dict[str, list[str]] = {}
        with self.runtime.db.reading() as session:
            for topic, status in session.execute(select(Outbox.topic, Outbox.status).order_by(Outbox.id)):
                found.setdefault(topic, []).append(status)
        return found

    def errors(self) -> list[str]:
        with self.runtime.db.reading() as session:
            return [error for error in session.scalars(select(Outbox.last_error)) if error]


def build(runtime: Runtime) -> World:
    """Places, offices, the item and the resident."""
    now = runtime.clock()
    items = files.load(CONFIG / "catalogue" / "migrant-proof.toml", purposes=frozenset(runtime.purposes), now=now)
    csv = (CONFIG / "regions" / "370402.csv").read_bytes()
    runtime.db.transact(regions.import_regions, content=csv, phone="0632-12345")
    runtime.db.transact(catalogue.publish, definitions=items, phone="0632-12345", now=now)
    return World(runtime, runtime.db.transact(_resident, runtime))


def _resident(session: Session, runtime: Runtime) -> int:
    now = runtime.clock()
    person = ids.new_id(now)
    row = Resident(id=person, key=runtime.vault.new_person_key(person), created_at=now, updated_at=now)
    seal = runtime.vault.person(row.key, person)
    row.mobile = seal.seal_text(MOBILE, place("resident", "mobile", person))
    row.name = seal.seal_text(HOLDER["name"], place("resident", "name", person))
    row.name_masked, row.id_type, row.identity_at = mask_name(HOLDER["name"]), "resident_id", now
    row.id_number = seal.seal_text(HOLDER["id_number"], place("resident", "id_number", person))
    session.add(row)
    return person


def _case(session: Session, world: World, status: str, topic: str) -> int:
    runtime, now = world.runtime, world.runtime.clock()
    case_id = ids.new_id(now)
    key = session.scalars(select(Resident.key).where(Resident.id == world.resident_id)).one()
    seal = runtime.vault.person(key, world.resident_id)
    items = files.load(CONFIG / "catalogue" / "migrant-proof.toml", purposes=frozenset(runtime.purposes), now=now)
    answers = json.loads(json.dumps(items[0].example, default=str))
    session.add(
        Application(
            id=case_id,
            number=None if status == "draft" else f"YG-{ids.encode(case_id)}",
            status=status,
            service_item="migrant-proof",
            service_item_version=1,
            resident_id=world.resident_id,
            region=VILLAGE,
            village=VILLAGE,
            town=TOWN,
            county=COUNTY,
            answers=records.seal_json(seal, answers, place("application", "answers", case_id)),
            holder=records.seal_json(seal, HOLDER, place("application", "holder", case_id)),
            holder_masked=mask_name(HOLDER["name"]),
            level="village",
            queue="village",
            decided_level="town" if status == "approved" else "",
            due_on=DUE,
            expires_at=now + timedelta(days=9),
            audit_sequence=1,
            created_at=now,
            updated_at=now,
        )
    )
    if topic.startswith("correction_"):
        session.add(_correction(case_id, now=now))
    if topic:
        outbox.add(session, topic=topic, subject_id=case_id, dedupe_key=f"{topic}:{case_id}:1", now=now)
    return case_id


def _correction(case_id: int, *, now: object) -> Correction:
    return Correction(
        id=case_id, application_id=case_id, level="town", opened_by=1, content="v1|", opened_at=now, due_on=DUE
    )


def leave_code(session: Session, world: World, *, key: str = "") -> int:
    """A sign-in code and the work to send it, under a key of the caller's choice."""
    runtime, now = world.runtime, world.runtime.clock()
    code_id = ids.new_id(now)
    sealed = runtime.vault.seal(json.dumps([MOBILE, "012345"]).encode(), place("sms_code", "content", code_id))
    session.add(
        SmsCode(
            id=code_id,
            mobile_index="x",
            content=sealed,
            code_hash="x",
            created_at=now,
            expires_at=now + timedelta(minutes=5),
        )
    )
    outbox.add(session, topic="sms_code", subject_id=code_id, dedupe_key=key or f"sms_code:{code_id}", now=now)
    return code_id


def _receipt(session: Session, world: World, case_id: int) -> None:
    now = world.runtime.clock()
    certificates.issue_receipt(
        session,
        world.runtime.vault,
        application_id=case_id,
        number=f"YG-{ids.encode(case_id)}",
        service_item="migrant-proof",
        service_name="婚育情况证明",
        office="演示办",
        submitted_on=now.date(),
        now=now,
    )
