"""remember the last no at wechat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('wechat_choice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('refused_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('wechat_choice', schema=None) as batch_op:
        batch_op.drop_column('refused_at')
