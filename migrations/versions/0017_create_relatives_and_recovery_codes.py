"""Create relatives and recovery codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('recovery_code',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('code_index', sa.String(length=64), nullable=False),
    sa.Column('used_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
    sa.UniqueConstraint('code_index', name=op.f('uq_recovery_code_code_index')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recovery_code_staff_id_used_at'), ['staff_id', 'used_at'], unique=False)

    op.create_table('staff_relative',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('person_index', sa.String(length=64), nullable=False),
    sa.Column('declared_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_relative')),
    sa.UniqueConstraint('staff_id', 'person_index', name=op.f('uq_staff_relative_staff_id_person_index')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('staff_relative', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_relative_person_index'), ['person_index'], unique=False)

    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.add_column(sa.Column('away_until', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('digest_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('password_stale', sa.Boolean(), nullable=True))
        batch_op.create_index(batch_op.f('ix_staff_person_index'), ['person_index'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_person_index'))
        batch_op.drop_column('password_stale')
        batch_op.drop_column('digest_on')
        batch_op.drop_column('away_until')

    with op.batch_alter_table('staff_relative', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_relative_person_index'))

    op.drop_table('staff_relative')
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recovery_code_staff_id_used_at'))

    op.drop_table('recovery_code')
