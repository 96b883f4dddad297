"""Create checkup results and follow-ups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('checkup_result',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('booking_id', sa.BigInteger(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('risk', sa.Text(length=16777215), nullable=True),
    sa.Column('document_id', sa.BigInteger(), nullable=True),
    sa.Column('ready_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkup_result')),
    sa.UniqueConstraint('booking_id', 'resident_id', name=op.f('uq_checkup_result_booking_id_resident_id')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('checkup_result', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_checkup_result_resident_id_id'), ['resident_id', 'id'], unique=False)

    op.create_table('follow_up',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('person', sa.String(length=64), nullable=False),
    sa.Column('who', sa.Text(length=16777215), nullable=False),
    sa.Column('station', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('ask_on', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('stop_index', sa.String(length=64), nullable=False),
    sa.Column('asked_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_up')),
    sa.UniqueConstraint('person', 'kind', name=op.f('uq_follow_up_person_kind')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('follow_up', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_follow_up_asked_at_ask_on'), ['asked_at', 'ask_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_follow_up_stop_index'), ['stop_index'], unique=False)
        batch_op.create_index(batch_op.f('ix_follow_up_until'), ['until'], unique=False)

    op.create_table('follow_up_answer',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('station', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('content', sa.Text(length=16777215), nullable=False),
    sa.Column('answered_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('seen_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('purge_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_up_answer')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('follow_up_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_follow_up_answer_purge_at'), ['purge_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_follow_up_answer_station_id'), ['station', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('follow_up_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_follow_up_answer_station_id'))
        batch_op.drop_index(batch_op.f('ix_follow_up_answer_purge_at'))

    op.drop_table('follow_up_answer')
    with op.batch_alter_table('follow_up', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_follow_up_until'))
        batch_op.drop_index(batch_op.f('ix_follow_up_stop_index'))
        batch_op.drop_index(batch_op.f('ix_follow_up_asked_at_ask_on'))

    op.drop_table('follow_up')
    with op.batch_alter_table('checkup_result', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_checkup_result_resident_id_id'))

    op.drop_table('checkup_result')
