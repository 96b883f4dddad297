"""What administrators change: calendars, the record of their acts, and the heads that sign each day's audit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import AutoId, Base, Code, Hash, Id, Ref, Words, table


class CalendarYear(Base):
    """The holidays and make-up workdays of one year; a row wins over the file of that year."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(default=1)
    #: ``{name, first, last}`` with ISO days; and the weekend days worked instead, ISO.
    holidays: Mapped[list[Any]]
    workdays: Mapped[list[Any]]
    #: The notice it follows, e.g. 国办发明电〔2025〕7 号.
    source: Mapped[Words]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}


class Journal(Base):
    """The chain of everything administrators do (one row; its entries are ``audit_entry`` of this row)."""

    __tablename__ = "journal"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(32), unique=True)
    audit_sequence: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[str] = mapped_column(String(64), default="")


class JournalLine(Base):
    """What one act was about; the chain commits to it."""

    __tablename__ = "journal_line"
    __table_args__ = table(Index(None, "at", "id"))

    id: Mapped[AutoId]
    #: The sequence of its entry in the chain of the journal.
    sequence: Mapped[int] = mapped_column(unique=True)
    at: Mapped[datetime]
    staff_id: Mapped[Ref | None]
    post: Mapped[Words]
    act: Mapped[Code]
    #: What it was done to: an account's name, an office's code, an item with its version, a year.
    subject: Mapped[Words]
    #: Whose administrators may read it: 12 digits, "" for what concerns the whole installation.
    region: Mapped[str] = mapped_column(String(12), default="")
    #: {field: [before, after]}; no personal values.
    changes: Mapped[dict[str, Any] | None]


class AuditDay(Base):
    """The signed head of one day: every audit row of that day, in order, and the head of the day before."""

    __tablename__ = "audit_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    #: Rows with ``first_id <= id <= last_id``; both 0 on a day without any.
    first_id: Mapped[int] = mapped_column(BigInteger)
    last_id: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int]
    #: SHA-256 (hex) over the day before's head and the hashes of the rows, joined by newlines.
    head: Mapped[Hash]
    kid: Mapped[str] = mapped_column(String(8))
    #: Compact JWS over {day, first, last, count, head}.
    token: Mapped[str] = mapped_column(Text(2048))
    signed_at: Mapped[datetime]


class AuditPrint(Base):
    """Short prints of a day's rows, so that a row that was changed, taken out or slipped in can be named."""

    __tablename__ = "audit_print"

    day: Mapped[date] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: base64 of 8 bytes per row in order of ids: id minus ``first_id`` and the first four bytes of its hash.
    prints: Mapped[str] = mapped_column(Text(65535))
