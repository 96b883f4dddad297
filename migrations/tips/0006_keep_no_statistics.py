"""keep no statistics of tips: MariaDB writes the second of the last recount beside a table's name into its own tables."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    *("day_key", "investigator", "mailbox", "reward", "tip", "tip_chunk", "tip_count", "tip_entry", "tip_key"),
    *("tip_log", "tip_state", "unlocked", "used"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE `{table}` STATS_PERSISTENT=0")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE `{table}` STATS_PERSISTENT=DEFAULT")
