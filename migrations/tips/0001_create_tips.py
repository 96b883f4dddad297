"""create tips."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_key",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(length=255), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_day_key")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "investigator",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("post", sa.String(length=255), nullable=False),
        sa.Column("duty", sa.String(length=16), nullable=False),
        sa.Column("public", sa.LargeBinary(length=255), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(length=255), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=255), nullable=False),
        sa.Column("backed_by", sa.String(length=32), nullable=True),
        sa.Column("admitted_by", sa.String(length=32), nullable=True),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.CheckConstraint("status IN ('waiting', 'backed', 'active', 'ended')", name=op.f("ck_investigator_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_investigator")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_investigator_staff_id")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("investigator", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_investigator_county_status"), ["county", "status"], unique=False)

    op.create_table(
        "mailbox",
        sa.Column("tip_id", sa.String(length=32), nullable=False),
        sa.Column("locator", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=255), nullable=False),
        sa.Column("public", sa.LargeBinary(length=255), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tip_id", name=op.f("pk_mailbox")),
        sa.UniqueConstraint("locator", name=op.f("uq_mailbox_locator")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reward",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("claim_number", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("proof", sa.String(length=64), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=True),
        sa.Column("payee", sa.LargeBinary(length=16777215), nullable=True),
        sa.Column("first_release", sa.String(length=32), nullable=True),
        sa.Column("second_release", sa.String(length=32), nullable=True),
        sa.Column("pay_on", sa.Date(), nullable=True),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "status IN ('offered', 'claimed', 'released', 'paid', 'lapsed')", name=op.f("ck_reward_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward")),
        sa.UniqueConstraint("claim_number", name=op.f("uq_reward_claim_number")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("reward", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reward_status_pay_on"), ["status", "pay_on"], unique=False)

    op.create_table(
        "tip",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("acknowledge_by", sa.Date(), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("escalated_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("target_index", sa.String(length=64), nullable=False),
        sa.Column("merged_into", sa.String(length=32), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('received', 'verifying', 'need_more', 'transferred', 'substantiated', 'unsubstantiated', 'closed')",
            name=op.f("ck_tip_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("tip", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tip_closed_on"), ["closed_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_tip_county_received_on_id"), ["county", "received_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tip_merged_into"), ["merged_into"], unique=False)
        batch_op.create_index(batch_op.f("ix_tip_target_index"), ["target_index"], unique=False)

    op.create_table(
        "tip_chunk",
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(length=16777215), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "number", name=op.f("pk_tip_chunk")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tip_count",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("county", "year", "outcome", name=op.f("pk_tip_count")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tip_entry",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("tip_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=255), nullable=True),
        sa.Column("content", sa.LargeBinary(length=16777215), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_entry")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("tip_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tip_entry_tip_id_number"), ["tip_id", "number"], unique=False)

    op.create_table(
        "tip_key",
        sa.Column("tip_id", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(length=255), nullable=False),
        sa.PrimaryKeyConstraint("tip_id", "holder", name=op.f("pk_tip_key")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("tip_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tip_key_holder_tip_id"), ["holder", "tip_id"], unique=False)

    op.create_table(
        "tip_log",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("tip_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("investigator_id", sa.String(length=32), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("entry_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_log")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("tip_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tip_log_tip_id_day"), ["tip_id", "day"], unique=False)

    op.create_table(
        "tip_state",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tip_state")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unlocked",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("investigator_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(length=16777215), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unlocked")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("unlocked", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unlocked_investigator_id"), ["investigator_id"], unique=False)

    op.create_table(
        "used",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_stats_persistent="0",
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("used", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_used_day"), ["day"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("used", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_used_day"))

    op.drop_table("used")
    with op.batch_alter_table("unlocked", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unlocked_investigator_id"))

    op.drop_table("unlocked")
    op.drop_table("tip_state")
    with op.batch_alter_table("tip_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tip_log_tip_id_day"))

    op.drop_table("tip_log")
    with op.batch_alter_table("tip_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tip_key_holder_tip_id"))

    op.drop_table("tip_key")
    with op.batch_alter_table("tip_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tip_entry_tip_id_number"))

    op.drop_table("tip_entry")
    op.drop_table("tip_count")
    op.drop_table("tip_chunk")
    with op.batch_alter_table("tip", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tip_target_index"))
        batch_op.drop_index(batch_op.f("ix_tip_merged_into"))
        batch_op.drop_index(batch_op.f("ix_tip_county_received_on_id"))
        batch_op.drop_index(batch_op.f("ix_tip_closed_on"))

    op.drop_table("tip")
    with op.batch_alter_table("reward", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reward_status_pay_on"))

    op.drop_table("reward")
    op.drop_table("mailbox")
    with op.batch_alter_table("investigator", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_investigator_county_status"))

    op.drop_table("investigator")
    op.drop_table("day_key")
