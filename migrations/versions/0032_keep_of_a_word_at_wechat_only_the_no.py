"""Keep of what people say at WeChat only the no: nothing ever read the rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("wechat_choice", schema=None) as batch_op:
        batch_op.drop_column("said_at")
        batch_op.drop_column("accepts")


def downgrade() -> None:
    moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    with op.batch_alter_table("wechat_choice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("accepts", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("said_at", moment, nullable=False, server_default="2026-01-01 00:00:00"))
