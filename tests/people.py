"""The fixed cast: a resident, a partner, the stranger who must see nothing, and a reviewer at each level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from backend.accounts import consents, service as accounts
from backend.accounts.policy import id_index
from backend.applications.policy import Reviewer
from backend.catalogue import files, regions, service as catalogue
from backend.db import Database
from backend.kernel import ids
from backend.kernel.crypto import Vault
from backend.models.staff import Staff
from config.calendar_data import load_calendar
from config.consents import load_consents
from tests.clock import MovableClock

CONFIG = Path(__file__).resolve().parent.parent / "config"
COUNTY, TOWN, VILLAGE = "370402000000", "370402001000", "370402001013"
#: A village of the same town without staff, and one of another town.
EMPTY_VILLAGE, FAR_VILLAGE = "370402001016", "370402002003"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
POSTS = {"village": "村级核对岗", "town": "镇街审核岗", "county": "区级审批岗"}
PLACES = {"village": VILLAGE, "town": TOWN, "county": COUNTY}


def id_number(serial: int, birth: str = "19920518", area: str = "000000") -> str:
    """A well-formed, fictitious number (GB 11643 check digit)."""
    head = f"{area}{birth}{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(head, WEIGHTS, strict=True))
    return head + "10X98765432"[total % 11]


@dataclass
class Cast:
    """People on a database with the district and its service items; commands run as the edges would run them."""

    db: Database
    vault: Vault
    clock: MovableClock
    residents: dict[str, int] = field(default_factory=dict)
    reviewers: dict[str, Reviewer] = field(default_factory=dict)
    calendar = load_calendar()
    purposes = load_consents()

    def run(self, command: Callable[..., Any], **arguments: Any) -> Any:
        return self.db.transact(command, **arguments)

    def publish(self, path: Path = CONFIG / "catalogue") -> None:
        items = files.load(path, purposes=frozenset(self.purposes), now=self.clock())
        self.run(catalogue.publish, definitions=items, phone="0632-12345", now=self.clock())

    def resident(self, name: str, serial: int) -> int:
        """A person with a checked identity and every consent."""
        if name not in self.residents:
            self.residents[name] = self.db.transact(_person, self, name, serial)
        return self.residents[name]

    def reviewer(self, level: str, *, own: tuple[str, str] | None = None) -> Reviewer:
        """The clerk of a level; ``own``: type and number of the clerk's own document."""
        index = id_index(self.vault, *own) if own else None
        card = self.reviewers[level]
        return Reviewer(card.id, card.level, card.region, card.post, index)


def assemble(db: Database, vault: Vault, clock: MovableClock, *, item: str = "migrant-proof") -> Cast:
    """The district, one service item and staff at all three levels."""
    cast = Cast(db, vault, clock)
    content = (CONFIG / "regions" / "370402.csv").read_bytes()
    db.transact(regions.import_regions, content=content, phone="0632-12345")
    cast.publish(CONFIG / "catalogue" / f"{item}.toml")
    for level in POSTS:
        hire(cast, level)
    return cast


def hire(cast: Cast, level: str, *, region: str | None = None, role: str = "reviewer") -> Reviewer:
    """A clerk at a level, in the usual place or another."""
    place = region or PLACES[level]
    staff_id = ids.new_id(cast.clock())

    def write(session: Session) -> None:
        session.add(
            Staff(
                id=staff_id,
                username=f"{level}-{place}-{staff_id}",
                name=POSTS[level],
                post=POSTS[level],
                role=role,
                level=level,
                region=place,
                password_hash="-",
                created_at=cast.clock(),
                updated_at=cast.clock(),
            )
        )

    cast.db.transact(write)
    reviewer = Reviewer(staff_id, level, place, POSTS[level])
    if region is None and role == "reviewer":
        cast.reviewers[level] = reviewer
    return reviewer


def _person(session: Session, cast: Cast, name: str, serial: int) -> int:
    now = cast.clock()
    resident_id = accounts.ensure_resident(session, cast.vault, mobile=f"138000{serial:05d}", now=now)
    accounts.put_identity(
        session,
        cast.vault,
        resident_id=resident_id,
        name=name,
        id_type="resident_id",
        id_number=id_number(serial),
        now=now,
    )
    for purpose in cast.purposes:
        consents.give(
            session, resident_id=resident_id, purpose=purpose, text_version=None, purposes=cast.purposes, now=now
        )
    return resident_id
