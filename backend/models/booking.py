"""Bookings 预约 of seats, the wait-list 候补 and the offers made from it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Code, Id, Ref, Sealed, states, table

PLANS = ["first", "second", "third", "later"]
WHOSE = ["booker", "partner", "companion", "walk_in"]


class Booking(Base):
    """One visit of one person or of a couple; both seats belong to it or none."""

    __tablename__ = "booking"
    __table_args__ = table(
        states("status", ["held", "confirmed", "checked_in", "completed", "cancelled", "missed"]),
        states("plan", PLANS),
        Index("ix_booking_day", "station", "day", "starts_at", "id"),
        Index("ix_booking_slot", "slot_id", "status"),
        Index("ix_booking_holds", "status", "held_until"),
        Index("ix_booking_ends", "status", "ends_at"),
        Index(None, "resident_id", "id"),
        Index(None, "partner_id", "id"),
    )

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=1)
    #: What people type or read out at the station; 8 letters.
    code: Mapped[str] = mapped_column(String(8), unique=True)
    station: Mapped[Code]
    slot_id: Mapped[Ref]
    day: Mapped[date]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    #: Who booked; ``None``: a walk-in without an account.
    resident_id: Mapped[Ref | None]
    #: The spouse with an account of their own.
    partner_id: Mapped[Ref | None]
    seats: Mapped[int]
    #: The name of a spouse without an account, or of a walk-in. With a ``resident_id`` sealed by that person's key,
    #: else by the vault; place: booking|companion|id
    companion: Mapped[Sealed | None]
    plan: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(12))
    held_until: Mapped[datetime | None]
    #: Counts the changes of the time: SEQUENCE of the calendar file, and the age of the check-in code.
    sequence: Mapped[int] = mapped_column(default=0)
    #: The signed check-in code of this ``sequence``; "" until it is confirmed.
    token: Mapped[str] = mapped_column(Text(1024), default="")
    #: registered, living; "" where the station asks nobody.
    residence: Mapped[str] = mapped_column(String(12), default="")
    #: Whose share of the day it counts against; "" where towns have none.
    town: Mapped[str] = mapped_column(String(12), default="")
    #: person, expired, station; "" while it goes on or when it was completed.
    ended_as: Mapped[str] = mapped_column(String(12), default="")
    #: The slot was withdrawn, and since then the couple knows that it has to look for another time itself.
    choosing_since: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}


class BookingSeat(Base):
    """One seat of a booking and whose it is.

    The two keys are what the database enforces: one active booking a person, one free checkup a person and plan.
    """

    __tablename__ = "booking_seat"
    __table_args__ = table(states("whose", WHOSE), Index(None, "booking_id", "id"))

    id: Mapped[Id]
    booking_id: Mapped[Ref]
    whose: Mapped[str] = mapped_column(String(10))
    resident_id: Mapped[Ref | None]
    #: The person (of a linked couple of whom one comes: the smaller account) while it is active; NULL afterwards.
    active_key: Mapped[Ref | None] = mapped_column(unique=True)
    #: ``<person>:<plan>`` while it is active and for ever once completed.
    plan_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    #: Which checks were done, JSON list of codes; sealed like the companion's name, place: booking_seat|items|id
    items: Mapped[Sealed | None]


class WaitlistEntry(Base):
    """Somebody waits for a seat on any day of a range; the first who fits gets the offer."""

    __tablename__ = "waitlist_entry"
    __table_args__ = table(
        Index("ix_waitlist_entry_line", "station", "ended_at", "id"),
        Index("ix_waitlist_entry_over", "ended_at", "last_day"),
        Index(None, "resident_id", "id"),
        Index(None, "partner_id", "id"),
    )

    id: Mapped[Id]
    station: Mapped[Code]
    first_day: Mapped[date]
    last_day: Mapped[date]
    resident_id: Mapped[Ref]
    partner_id: Mapped[Ref | None]
    seats: Mapped[int]
    #: Sealed by the person's key; place: waitlist_entry|companion|id
    companion: Mapped[Sealed | None]
    plan: Mapped[str] = mapped_column(String(8))
    residence: Mapped[str] = mapped_column(String(12), default="")
    town: Mapped[str] = mapped_column(String(12), default="")
    #: The person (of a linked couple the smaller account) while waiting: one entry at a time; NULL afterwards.
    active_key: Mapped[Ref | None] = mapped_column(unique=True)
    #: Offers made to it, those of them that ran out without an answer, and seats that passed a couple, who need two.
    offers: Mapped[int] = mapped_column(default=0)
    silent: Mapped[int] = mapped_column(default=0)
    passed: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: taken, left, over, booked; why the waiting ended.
    ended_as: Mapped[str] = mapped_column(String(12), default="")


class SeatOffer(Base):
    """Seats kept for one couple for a short time: from the wait-list, or in place of a slot that was withdrawn."""

    __tablename__ = "seat_offer"
    __table_args__ = table(
        states("kind", ["wait", "move"]),
        Index("ix_seat_offer_open", "ended_at", "expires_at"),
        Index(None, "entry_id", "id"),
        Index(None, "booking_id", "id"),
        Index(None, "resident_id", "id"),
        Index(None, "partner_id", "id"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(8))
    #: Of a ``wait`` offer.
    entry_id: Mapped[Ref | None]
    #: Of a ``move`` offer: the booking whose slot was withdrawn; of an accepted ``wait`` offer: what became of it.
    booking_id: Mapped[Ref | None]
    resident_id: Mapped[Ref]
    partner_id: Mapped[Ref | None]
    station: Mapped[Code]
    slot_id: Mapped[Ref]
    starts_at: Mapped[datetime]
    seats: Mapped[int]
    town: Mapped[str] = mapped_column(String(12), default="")
    #: One open offer an entry or booking: its id while open; NULL afterwards.
    open_key: Mapped[Ref | None] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: accepted, declined, expired, withdrawn
    ended_as: Mapped[str] = mapped_column(String(12), default="")
