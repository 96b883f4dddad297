"""Create collections and home visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('collection',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('county', sa.String(length=12), nullable=False),
    sa.Column('way', sa.String(length=64), nullable=False),
    sa.Column('asked_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('done_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('post', sa.String(length=255), nullable=False),
    sa.Column('purge_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_collection')),
    sa.UniqueConstraint('application_id', name=op.f('uq_collection_application_id')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('collection', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_collection_county_done_at_id'), ['county', 'done_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_collection_purge_at'), ['purge_at'], unique=False)

    op.create_table('home_visit',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('town', sa.String(length=12), nullable=False),
    sa.Column('starts_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('ends_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('offered_by', sa.BigInteger(), nullable=False),
    sa.Column('agreed_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('made_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('cancelled_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('cancelled_by', sa.String(length=64), nullable=True),
    sa.Column('reminded_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_home_visit')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('home_visit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_home_visit_application_id_id'), ['application_id', 'id'], unique=False)
        batch_op.create_index('ix_home_visit_soon', ['starts_at', 'reminded_at'], unique=False)
        batch_op.create_index('ix_home_visit_town', ['town', 'starts_at', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('home_visit', schema=None) as batch_op:
        batch_op.drop_index('ix_home_visit_town')
        batch_op.drop_index('ix_home_visit_soon')
        batch_op.drop_index(batch_op.f('ix_home_visit_application_id_id'))

    op.drop_table('home_visit')
    with op.batch_alter_table('collection', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_collection_purge_at'))
        batch_op.drop_index(batch_op.f('ix_collection_county_done_at_id'))

    op.drop_table('collection')
