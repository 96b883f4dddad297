"""Prolong applications with pauses notes and questions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('application_pause',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('began_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('ended_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_pause')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('application_pause', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_application_pause_application_id_id'), ['application_id', 'id'], unique=False)

    op.create_table('case_seen',
    sa.Column('staff_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('application_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('staff_id', 'application_id', name=op.f('pk_case_seen')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('internal_note',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('post', sa.String(length=255), nullable=False),
    sa.Column('text', sa.Text(length=16777215), nullable=False),
    sa.Column('at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_internal_note')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('internal_note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_internal_note_application_id_id'), ['application_id', 'id'], unique=False)

    op.create_table('question',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('post', sa.String(length=255), nullable=False),
    sa.Column('text', sa.Text(length=16777215), nullable=False),
    sa.Column('asked_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('reply', sa.Text(length=16777215), nullable=True),
    sa.Column('replied_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_question_application_id_id'), ['application_id', 'id'], unique=False)

    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.add_column(sa.Column('ended_as', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('previous_id', sa.BigInteger(), nullable=True))

    with op.batch_alter_table('correction', schema=None) as batch_op:
        batch_op.add_column(sa.Column('closed_as', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('ordinal', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('reason_code', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('waits_for', sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column('consented_by', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('edited_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True))
        batch_op.add_column(sa.Column('reminded_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True))
        batch_op.create_index('ix_correction_consent', ['waits_for', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('correction', schema=None) as batch_op:
        batch_op.drop_index('ix_correction_consent')
        batch_op.drop_column('reminded_at')
        batch_op.drop_column('edited_at')
        batch_op.drop_column('consented_by')
        batch_op.drop_column('waits_for')
        batch_op.drop_column('reason_code')
        batch_op.drop_column('ordinal')
        batch_op.drop_column('closed_as')

    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.drop_column('previous_id')
        batch_op.drop_column('ended_as')

    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_question_application_id_id'))

    op.drop_table('question')
    with op.batch_alter_table('internal_note', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_internal_note_application_id_id'))

    op.drop_table('internal_note')
    op.drop_table('case_seen')
    with op.batch_alter_table('application_pause', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_application_pause_application_id_id'))

    op.drop_table('application_pause')
