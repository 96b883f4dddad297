"""What is counted: one row of facts per case without a person in it, and the rating 好差评."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Code, Id, Ref, Region, Sealed, table

#: Everything a statistic adds up, so that no row has to be looked at beside the index.
_SUMMED = ("worked_days", "on_time", "corrections", "score", "service_item")


class CaseFact(Base):
    """The countable side of one case, written by the workers; no name, no hash of a person, no clerk."""

    __tablename__ = "case_fact"
    __table_args__ = table(
        Index("ix_case_fact_county_received", "county", "received_on", "town", "service_item"),
        Index("ix_case_fact_county_decided", "county", "decided_on", "town", *_SUMMED),
        Index("ix_case_fact_town_received", "town", "received_on", "village", "service_item"),
        Index("ix_case_fact_town_decided", "town", "decided_on", "village", *_SUMMED),
        Index("ix_case_fact_village_received", "village", "received_on"),
        Index("ix_case_fact_village_decided", "village", "decided_on"),
    )

    application_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    service_item: Mapped[Code]
    village: Mapped[Region]
    town: Mapped[Region]
    county: Mapped[Region]
    received_on: Mapped[date]
    decided_on: Mapped[date | None]
    #: approved, rejected, withdrawn, lapsed
    outcome: Mapped[Code | None]
    #: Working days from submission to decision, pauses taken out.
    worked_days: Mapped[int | None]
    on_time: Mapped[bool | None]
    corrections: Mapped[int] = mapped_column(default=0)
    score: Mapped[int | None]
    #: The sequence of the case's chain these values follow from: an older reading never overwrites a newer one.
    sequence: Mapped[int]


class Rating(Base):
    """好差评 of one case, once; a bad one (1 or 2) is worked off by the office above."""

    __tablename__ = "rating"
    __table_args__ = table(
        Index("ix_rating_county_open", "county", "duty", "worked_off_at", "id"),
        Index("ix_rating_town_open", "town", "duty", "worked_off_at", "id"),
    )

    id: Mapped[Id]
    application_id: Mapped[Ref] = mapped_column(unique=True)
    town: Mapped[Region]
    county: Mapped[Region]
    #: 1 very bad … 5 very good (GB/T 39735)
    score: Mapped[int]
    #: The level of the office that answers a bad one, above the one that decided; NULL: nobody has to.
    duty: Mapped[str | None] = mapped_column(String(8))
    #: Codes of ``ratings.TAGS``.
    tags: Mapped[list[Any]]
    #: place: rating|comment|id, sealed with the person's key.
    comment: Mapped[Sealed | None]
    rated_at: Mapped[datetime]
    #: What the office did about it; place: rating|answer|id.
    answer: Mapped[Sealed | None]
    worked_off_by: Mapped[Ref | None]
    worked_off_at: Mapped[datetime | None]
