"""outcome survives closing; counts know no category."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tip", sa.Column("outcome", sa.String(length=16), nullable=True))
    op.drop_table("tip_count")
    _counts()


def downgrade() -> None:
    op.drop_table("tip_count")
    _counts(sa.Column("category", sa.String(length=24), nullable=False))
    op.drop_column("tip", "outcome")


def _counts(*category: sa.Column[str]) -> None:
    """The table has counted nothing so far: it is made anew."""
    names = ["county", "year", *(column.name for column in category), "outcome"]
    op.create_table(
        "tip_count",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        *category,
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*names, name=op.f("pk_tip_count")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
