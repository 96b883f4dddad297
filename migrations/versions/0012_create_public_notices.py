"""Create public notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('objection',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('notice_id', sa.BigInteger(), nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('content', sa.Text(length=16777215), nullable=False),
    sa.Column('named', sa.Boolean(), nullable=False),
    sa.Column('code_index', sa.String(length=64), nullable=False),
    sa.Column('made_on', sa.Date(), nullable=False),
    sa.Column('answer', sa.Text(length=16777215), nullable=True),
    sa.Column('upheld', sa.Boolean(), nullable=True),
    sa.Column('answered_by', sa.BigInteger(), nullable=True),
    sa.Column('post', sa.String(length=255), nullable=False),
    sa.Column('answered_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_objection')),
    sa.UniqueConstraint('code_index', name=op.f('uq_objection_code_index')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('objection', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_objection_application_id_id'), ['application_id', 'id'], unique=False)
        batch_op.create_index('ix_objection_open', ['answered_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_objection_notice_id_id'), ['notice_id', 'id'], unique=False)

    op.create_table('page_heartbeat',
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('looked_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('seen_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_page_heartbeat')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('page_outage',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('began_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('ended_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_page_outage')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('page_outage', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_page_outage_began_at'), ['began_at'], unique=False)

    op.create_table('public_notice',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('service_item', sa.String(length=64), nullable=False),
    sa.Column('service_item_version', sa.Integer(), nullable=False),
    sa.Column('level', sa.String(length=8), nullable=False),
    sa.Column('queue', sa.String(length=8), nullable=False),
    sa.Column('village', sa.String(length=12), nullable=False),
    sa.Column('town', sa.String(length=12), nullable=False),
    sa.Column('county', sa.String(length=12), nullable=False),
    sa.Column('names_village', sa.Boolean(), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('closes_on', sa.Date(), nullable=False),
    sa.Column('shown', sa.JSON(), nullable=True),
    sa.Column('ended_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('ended_as', sa.String(length=64), nullable=True),
    sa.Column('extended_days', sa.Integer(), nullable=False),
    sa.Column('extended_through', sa.Date(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_public_notice')),
    sa.UniqueConstraint('number', name=op.f('uq_public_notice_number')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('public_notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_public_notice_application_id_id'), ['application_id', 'id'], unique=False)
        batch_op.create_index('ix_public_notice_county', ['county', 'ended_at', 'closes_on', 'id'], unique=False)
        batch_op.create_index('ix_public_notice_due', ['ended_at', 'closes_on'], unique=False)
        batch_op.create_index('ix_public_notice_town', ['town', 'ended_at', 'closes_on', 'id'], unique=False)
        batch_op.create_index('ix_public_notice_village', ['village', 'ended_at', 'closes_on', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('public_notice', schema=None) as batch_op:
        batch_op.drop_index('ix_public_notice_village')
        batch_op.drop_index('ix_public_notice_town')
        batch_op.drop_index('ix_public_notice_due')
        batch_op.drop_index('ix_public_notice_county')
        batch_op.drop_index(batch_op.f('ix_public_notice_application_id_id'))

    op.drop_table('public_notice')
    with op.batch_alter_table('page_outage', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_page_outage_began_at'))

    op.drop_table('page_outage')
    op.drop_table('page_heartbeat')
    with op.batch_alter_table('objection', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_objection_notice_id_id'))
        batch_op.drop_index(batch_op.f('ix_objection_application_id_id'))

    op.drop_table('objection')
