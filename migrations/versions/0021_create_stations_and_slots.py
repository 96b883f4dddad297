"""Create stations and slots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('slot',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('station', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('starts_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('ends_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.Column('resting', sa.Integer(), nullable=False),
    sa.Column('opens_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('closes_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('capped', sa.Boolean(), nullable=False),
    sa.Column('shared', sa.Boolean(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_slot')),
    sa.UniqueConstraint('station', 'starts_at', name=op.f('uq_slot_station_starts_at')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('slot', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_slot_station_day'), ['station', 'day'], unique=False)
        batch_op.create_index(batch_op.f('ix_slot_withdrawn_at_starts_at'), ['withdrawn_at', 'starts_at'], unique=False)

    op.create_table('slot_return',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('station', sa.String(length=64), nullable=False),
    sa.Column('slot_id', sa.BigInteger(), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('released_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('released', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_slot_return')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('slot_return', schema=None) as batch_op:
        batch_op.create_index('ix_slot_return_due', ['released_at', 'due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_slot_return_slot_id'), ['slot_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_slot_return_station_released_at'), ['station', 'released_at'], unique=False)

    op.create_table('station',
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('name_en', sa.String(length=255), nullable=False),
    sa.Column('region', sa.String(length=12), nullable=False),
    sa.Column('county', sa.String(length=12), nullable=False),
    sa.Column('address', sa.String(length=255), nullable=False),
    sa.Column('phone', sa.String(length=32), nullable=False),
    sa.Column('directions', sa.String(length=255), nullable=False),
    sa.Column('fasting_hours', sa.Integer(), nullable=False),
    sa.Column('marriage_certificate', sa.Boolean(), nullable=False),
    sa.Column('residence_months', sa.Integer(), nullable=False),
    sa.Column('missed', sa.Integer(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('updated_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_station')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('station', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_station_county_code'), ['county', 'code'], unique=False)

    op.create_table('station_day',
    sa.Column('station', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('cap', sa.Integer(), nullable=False),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('station', 'day', name=op.f('pk_station_day')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('station_exception',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('station', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('hours', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(length=255), nullable=False),
    sa.CheckConstraint("kind IN ('closed', 'open')", name=op.f('ck_station_exception_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_station_exception')),
    sa.UniqueConstraint('station', 'day', name=op.f('uq_station_exception_station_day')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('station_rules',
    sa.Column('station', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('hours', sa.JSON(), nullable=False),
    sa.Column('slot_minutes', sa.Integer(), nullable=False),
    sa.Column('seats_per_slot', sa.Integer(), nullable=False),
    sa.Column('daily_cap', sa.Integer(), nullable=False),
    sa.Column('town_quotas', sa.JSON(), nullable=False),
    sa.Column('lead_minutes', sa.Integer(), nullable=False),
    sa.Column('horizon_days', sa.Integer(), nullable=False),
    sa.Column('release_time', sa.String(length=5), nullable=False),
    sa.Column('updated_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('station', name=op.f('pk_station_rules')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('town_day',
    sa.Column('station', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('town', sa.String(length=12), nullable=False),
    sa.Column('cap', sa.Integer(), nullable=False),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('station', 'day', 'town', name=op.f('pk_town_day')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )


def downgrade() -> None:
    op.drop_table('town_day')
    op.drop_table('station_rules')
    op.drop_table('station_exception')
    op.drop_table('station_day')
    with op.batch_alter_table('station', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_station_county_code'))

    op.drop_table('station')
    with op.batch_alter_table('slot_return', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_slot_return_station_released_at'))
        batch_op.drop_index(batch_op.f('ix_slot_return_slot_id'))
        batch_op.drop_index('ix_slot_return_due')

    op.drop_table('slot_return')
    with op.batch_alter_table('slot', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_slot_withdrawn_at_starts_at'))
        batch_op.drop_index(batch_op.f('ix_slot_station_day'))

    op.drop_table('slot')
