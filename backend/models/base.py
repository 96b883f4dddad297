"""The base of every row and the one type map: how Python values stand in MariaDB and SQLite."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, DateTime, Dialect, Integer, MetaData, String, Text
from sqlalchemy.dialects.mysql import DATETIME
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, naive UTC with microseconds in the database."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


#: An id made by ``kernel.ids.new_id``.
Id = Annotated[int, mapped_column(BigInteger, primary_key=True, autoincrement=False)]
#: An id counted by the database, where order of insertion matters (outbox, history).
AutoId = Annotated[
    int,
    mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
]
Ref = Annotated[int, mapped_column(BigInteger)]
Code = Annotated[str, mapped_column(String(64))]
Region = Annotated[str, mapped_column(String(12))]
Hash = Annotated[str, mapped_column(String(64))]
Words = Annotated[str, mapped_column(String(255))]
#: ``v1|kid|nonce|ciphertext``
Sealed = Annotated[str, mapped_column(Text(2**24 - 1))]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {
        datetime: UtcDateTime(),
        date: Date(),
        int: Integer(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }
    #: Byte equality on both engines: no case folding, 𠮷 and emoji intact.
    __table_args__: Any = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}


def table(*parts: Any) -> tuple[Any, ...]:
    """``__table_args__`` with constraints and indexes before the common options."""
    return (*parts, Base.__table_args__)


def states(column: str, names: type[StrEnum] | list[str]) -> CheckConstraint:
    """A CHECK that holds a status column to the states of its lifecycle."""
    values = ", ".join(f"'{name}'" for name in (names if isinstance(names, list) else [n.value for n in names]))
    return CheckConstraint(f"{column} IN ({values})", name=column)
