"""Create messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('message',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('template', sa.String(length=64), nullable=False),
    sa.Column('event', sa.String(length=120), nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=True),
    sa.Column('application_number', sa.String(length=24), nullable=True),
    sa.Column('content', sa.Text(length=16777215), nullable=False),
    sa.Column('sent_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('read_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('resident_id', 'template', 'event', name=op.f('uq_message_resident_id_template_event')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index('ix_message_inbox', ['resident_id', 'sent_at', 'id'], unique=False)
        batch_op.create_index('ix_message_unread', ['resident_id', 'read_at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('ix_message_unread')
        batch_op.drop_index('ix_message_inbox')

    op.drop_table('message')
