"""The tables of the tip line 举报: a database of its own, without a column that could tell who or at what time.

Dates only (China), random ids (UUIDv4, hex), no foreign keys, nothing counted by the database: neither a row nor
its neighbours say when it came. What people wrote is sealed (``kernel.sealing``); what stands in the clear is what the
office needs before anything is opened.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from sqlalchemy import BigInteger, Date, Index, Integer, LargeBinary, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates

from backend.lifecycles.tip import KeyStatus, RewardStatus, TipStatus
from backend.models.base import CONVENTION, states

#: UUIDv4, 32 hex digits.
Uuid = Annotated[str, mapped_column(String(32))]
UuidKey = Annotated[str, mapped_column(String(32), primary_key=True)]
Hash = Annotated[str, mapped_column(String(64))]
Bytes = Annotated[bytes, mapped_column(LargeBinary(2**24 - 1))]
Short = Annotated[bytes, mapped_column(LargeBinary(255))]


class TipsBase(DeclarativeBase):
    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {date: Date(), int: Integer()}
    #: WITHOUT ROWID: SQLite would number the rows in the order of their coming. STATS_PERSISTENT=0: MariaDB would keep
    #: the second of its last recount, and it recounts small tables after nearly every row.
    __table_args__: Any = {
        "mysql_charset": "utf8mb4",
        "mysql_collate": "utf8mb4_bin",
        "mysql_stats_persistent": "0",
        "sqlite_with_rowid": False,
    }


def table(*parts: Any) -> tuple[Any, ...]:
    return (*parts, TipsBase.__table_args__)


class Tip(TipsBase):
    """One tip as everybody with the database may see it: a status and days."""

    __tablename__ = "tip"
    __table_args__ = table(states("status", TipStatus), Index(None, "county", "received_on", "id"))

    id: Mapped[UuidKey]
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(16))
    #: Six digits.
    county: Mapped[str] = mapped_column(String(6))
    received_on: Mapped[date]
    #: When the investigators could see it: ``None`` until the next batch.
    released_on: Mapped[date | None]
    moved_on: Mapped[date]
    #: 3 and 15 working days after the release.
    acknowledge_by: Mapped[date | None]
    answer_by: Mapped[date | None]
    acknowledged_on: Mapped[date | None]
    answered_on: Mapped[date | None]
    #: A day was missed: the city-level oversight is asked to look.
    escalated_on: Mapped[date | None]
    closed_on: Mapped[date | None] = mapped_column(index=True)
    #: ``substantiated`` or ``unsubstantiated``, also after it was closed; for counts without names.
    outcome: Mapped[str | None] = mapped_column(String(16))
    #: Keyed hash of the target's name and place.
    target_index: Mapped[Hash] = mapped_column(index=True)
    #: The tip about the same target that goes on instead of this one.
    merged_into: Mapped[str | None] = mapped_column(String(32), index=True)
    #: Counts what was written into it: the next entry's number.
    entries: Mapped[int] = mapped_column(default=0)

    __mapper_args__ = {"version_id_col": version}

    @validates("status")
    def _keep_outcome(self, _name: str, status: str) -> str:
        """Closing keeps what was found, reopening forgets it; whichever way a tip is moved."""
        if status != TipStatus.CLOSED:
            self.outcome = status if status in (TipStatus.SUBSTANTIATED, TipStatus.UNSUBSTANTIATED) else None
        return status


class TipKey(TipsBase):
    """The tip's key, sealed to one holder: an investigator's id, ``reporter``, ``oversight`` or ``recovery``."""

    __tablename__ = "tip_key"
    __table_args__ = table(Index(None, "holder", "tip_id"))

    tip_id: Mapped[UuidKey]
    holder: Mapped[UuidKey]
    sealed: Mapped[Short]


class TipEntry(TipsBase):
    """Something written into a tip: ``report message evidence finding transfer reward``.

    ``key``: the entry's own key under the tip's; ``None``: destroyed, and with it the content.
    """

    __tablename__ = "tip_entry"
    __table_args__ = table(Index(None, "tip_id", "number"))

    id: Mapped[UuidKey]
    tip_id: Mapped[Uuid]
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    #: ``reporter`` or ``office``
    author: Mapped[str] = mapped_column(String(8))
    day: Mapped[date]
    key: Mapped[bytes | None] = mapped_column(LargeBinary(255))
    #: JSON, padded and sealed; of evidence its name, type and size.
    content: Mapped[bytes | None] = mapped_column(LargeBinary(2**24 - 1))
    #: Counts the redactions.
    edition: Mapped[int] = mapped_column(default=1)


class TipChunk(TipsBase):
    """A piece of a sealed stream: number 0 is its header."""

    __tablename__ = "tip_chunk"
    __table_args__ = table()

    entry_id: Mapped[UuidKey]
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[Bytes]


class Mailbox(TipsBase):
    """Where the holder of a receipt code comes back to. Gone with the withdrawal."""

    __tablename__ = "mailbox"
    __table_args__ = table()

    tip_id: Mapped[UuidKey]
    #: Keyed hash of the first eight digits.
    locator: Mapped[Hash] = mapped_column(unique=True)
    salt: Mapped[Short]
    #: The public half of the key that the code and the passphrase give.
    public: Mapped[Short]
    #: Counts the codes: a token of an older one is worth nothing.
    generation: Mapped[int] = mapped_column(default=1)


class Investigator(TipsBase):
    """The key of an investigator 核查员. ``staff_id`` is a number of the other database and nothing more."""

    __tablename__ = "investigator"
    __table_args__ = table(states("status", KeyStatus), Index(None, "county", "status"))

    id: Mapped[UuidKey]
    version: Mapped[int] = mapped_column(default=1)
    staff_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    status: Mapped[str] = mapped_column(String(16))
    county: Mapped[str] = mapped_column(String(6))
    region: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(255))
    post: Mapped[str] = mapped_column(String(255))
    #: ``investigate``: opens tips; ``reward``: opens nothing but the names of those who are paid by transfer.
    duty: Mapped[str] = mapped_column(String(16))
    public: Mapped[Short]
    #: The private half under a key from the passphrase (Argon2id).
    wrapped: Mapped[Short]
    salt: Mapped[Short]
    #: Ids of the two who let this key in.
    backed_by: Mapped[str | None] = mapped_column(String(32))
    admitted_by: Mapped[str | None] = mapped_column(String(32))
    moved_on: Mapped[date]

    __mapper_args__ = {"version_id_col": version}


class Unlocked(TipsBase):
    """An investigator's private key for a quarter of an hour, sealed under a secret that only their browser has."""

    __tablename__ = "unlocked"
    __table_args__ = table()

    #: SHA-256 of the secret.
    id: Mapped[Hash] = mapped_column(primary_key=True)
    investigator_id: Mapped[Uuid] = mapped_column(index=True)
    day: Mapped[date]
    sealed: Mapped[Bytes]


class DayKey(TipsBase):
    """The key of one day, sealed: of challenges, tickets and tokens. Destroyed after the next day."""

    __tablename__ = "day_key"
    __table_args__ = table()

    day: Mapped[date] = mapped_column(primary_key=True)
    sealed: Mapped[Short]


class Used(TipsBase):
    """A challenge or ticket that was used: its HMAC under that day's key."""

    __tablename__ = "used"
    __table_args__ = table()

    digest: Mapped[Hash] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(index=True)


class TipLog(TipsBase):
    """What an investigator did with a tip: seen, opened, asked, handed over. Never what it says."""

    __tablename__ = "tip_log"
    __table_args__ = table(Index(None, "tip_id", "day"))

    id: Mapped[UuidKey]
    tip_id: Mapped[Uuid]
    day: Mapped[date]
    investigator_id: Mapped[Uuid]
    act: Mapped[str] = mapped_column(String(32))
    #: The entry it was about.
    entry_id: Mapped[str | None] = mapped_column(String(32))


class Reward(TipsBase):
    """One line of the ledger 奖励: a claim number and an amount, never the tip."""

    __tablename__ = "reward"
    __table_args__ = table(states("status", RewardStatus), Index(None, "status", "pay_on"))

    id: Mapped[UuidKey]
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(16))
    county: Mapped[str] = mapped_column(String(6))
    #: Ten digits that the reporter finds in the mailbox.
    claim_number: Mapped[str] = mapped_column(String(16), unique=True)
    #: Yuan.
    amount: Mapped[int]
    #: SHA-256 of the proof that only the holder of the receipt code can make.
    proof: Mapped[Hash]
    #: ``counter``, ``charity`` or ``transfer``
    way: Mapped[str | None] = mapped_column(String(16))
    #: Name and account, sealed to the reward officer alone (``transfer``).
    payee: Mapped[bytes | None] = mapped_column(LargeBinary(2**24 - 1))
    first_release: Mapped[str | None] = mapped_column(String(32))
    second_release: Mapped[str | None] = mapped_column(String(32))
    pay_on: Mapped[date | None]
    moved_on: Mapped[date]

    __mapper_args__ = {"version_id_col": version}


class TipCount(TipsBase):
    """What survives shredding: how many of a year and an outcome. Cells below 5 are never shown.

    No category: it lies sealed in the tip, and whoever shreds has no key.
    """

    __tablename__ = "tip_count"
    __table_args__ = table()

    county: Mapped[str] = mapped_column(String(6), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[int]


class TipState(TipsBase):
    """What the sweeps remember: the last batch (``2026-11-23#1``), the day of the last digest."""

    __tablename__ = "tip_state"
    __table_args__ = table()

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(64))
