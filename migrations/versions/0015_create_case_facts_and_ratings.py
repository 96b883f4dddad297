"""Create case facts and ratings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('case_fact',
    sa.Column('application_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('service_item', sa.String(length=64), nullable=False),
    sa.Column('village', sa.String(length=12), nullable=False),
    sa.Column('town', sa.String(length=12), nullable=False),
    sa.Column('county', sa.String(length=12), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=True),
    sa.Column('outcome', sa.String(length=64), nullable=True),
    sa.Column('worked_days', sa.Integer(), nullable=True),
    sa.Column('on_time', sa.Boolean(), nullable=True),
    sa.Column('corrections', sa.Integer(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('application_id', name=op.f('pk_case_fact')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('case_fact', schema=None) as batch_op:
        batch_op.create_index(
            'ix_case_fact_county_decided', ['county', 'decided_on', 'town', 'worked_days', 'on_time', 'corrections', 'score', 'service_item'], unique=False
        )
        batch_op.create_index('ix_case_fact_county_received', ['county', 'received_on', 'town', 'service_item'], unique=False)
        batch_op.create_index(
            'ix_case_fact_town_decided', ['town', 'decided_on', 'village', 'worked_days', 'on_time', 'corrections', 'score', 'service_item'], unique=False
        )
        batch_op.create_index('ix_case_fact_town_received', ['town', 'received_on', 'village', 'service_item'], unique=False)
        batch_op.create_index('ix_case_fact_village_decided', ['village', 'decided_on'], unique=False)
        batch_op.create_index('ix_case_fact_village_received', ['village', 'received_on'], unique=False)

    op.create_table('case_retention',
    sa.Column('application_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('ended_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('destroy_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('destroyed_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('application_id', name=op.f('pk_case_retention')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('case_retention', schema=None) as batch_op:
        batch_op.create_index('ix_case_retention_due', ['destroyed_at', 'destroy_at'], unique=False)

    # Cases that ended before: their day is reckoned by the first sweep, from the version of the item they keep.
    op.execute(
        "INSERT INTO case_retention (application_id, ended_at) SELECT id, decided_at FROM application"
        " WHERE decided_at IS NOT NULL AND status IN ('approved', 'issued', 'rejected', 'withdrawn')"
    )
    op.create_table('rating',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('town', sa.String(length=12), nullable=False),
    sa.Column('county', sa.String(length=12), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('duty', sa.String(length=8), nullable=True),
    sa.Column('tags', sa.JSON(), nullable=False),
    sa.Column('comment', sa.Text(length=16777215), nullable=True),
    sa.Column('rated_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('answer', sa.Text(length=16777215), nullable=True),
    sa.Column('worked_off_by', sa.BigInteger(), nullable=True),
    sa.Column('worked_off_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rating')),
    sa.UniqueConstraint('application_id', name=op.f('uq_rating_application_id')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('rating', schema=None) as batch_op:
        batch_op.create_index('ix_rating_county_open', ['county', 'duty', 'worked_off_at', 'id'], unique=False)
        batch_op.create_index('ix_rating_town_open', ['town', 'duty', 'worked_off_at', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('case_retention', schema=None) as batch_op:
        batch_op.drop_index('ix_case_retention_due')

    op.drop_table('case_retention')
    with op.batch_alter_table('rating', schema=None) as batch_op:
        batch_op.drop_index('ix_rating_town_open')
        batch_op.drop_index('ix_rating_county_open')

    op.drop_table('rating')
    with op.batch_alter_table('case_fact', schema=None) as batch_op:
        batch_op.drop_index('ix_case_fact_village_received')
        batch_op.drop_index('ix_case_fact_village_decided')
        batch_op.drop_index('ix_case_fact_town_received')
        batch_op.drop_index('ix_case_fact_town_decided')
        batch_op.drop_index('ix_case_fact_county_received')
        batch_op.drop_index('ix_case_fact_county_decided')

    op.drop_table('case_fact')
