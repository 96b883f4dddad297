"""Create residents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('partner_invitation',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('inviter_id', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.Text(length=16777215), nullable=True),
    sa.Column('code_index', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('expires_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('accepted_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_invitation')),
    sa.UniqueConstraint('code_index', name=op.f('uq_partner_invitation_code_index')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('partner_invitation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_partner_invitation_inviter_id_id'), ['inviter_id', 'id'], unique=False)

    op.create_table('resident',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('mobile', sa.Text(length=16777215), nullable=True),
    sa.Column('mobile_index', sa.String(length=64), nullable=True),
    sa.Column('name', sa.Text(length=16777215), nullable=True),
    sa.Column('name_masked', sa.String(length=255), nullable=False),
    sa.Column('id_type', sa.String(length=16), nullable=True),
    sa.Column('id_number', sa.Text(length=16777215), nullable=True),
    sa.Column('id_index', sa.String(length=64), nullable=True),
    sa.Column('identity_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('care_mode', sa.Boolean(), nullable=False),
    sa.Column('partner_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('updated_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('erased_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resident')),
    sa.UniqueConstraint('mobile_index', name=op.f('uq_resident_mobile_index')),
    sa.UniqueConstraint('partner_id', name=op.f('uq_resident_partner_id')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('resident', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_resident_id_index'), ['id_index'], unique=False)

    op.create_table('resident_consent',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('purpose', sa.String(length=64), nullable=False),
    sa.Column('text_version', sa.String(length=64), nullable=False),
    sa.Column('act', sa.String(length=10), nullable=False),
    sa.Column('at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.CheckConstraint("act IN ('given', 'withdrawn')", name=op.f('ck_resident_consent_act')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resident_consent')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('resident_consent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_resident_consent_resident_id_id'), ['resident_id', 'id'], unique=False)

    op.create_table('resident_export',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('content', sa.Text(length=16777215), nullable=True),
    sa.Column('requested_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('ready_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('expires_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resident_export')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('resident_export', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_resident_export_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_resident_export_resident_id_id'), ['resident_id', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('resident_export', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_resident_export_resident_id_id'))
        batch_op.drop_index(batch_op.f('ix_resident_export_expires_at'))

    op.drop_table('resident_export')
    with op.batch_alter_table('resident_consent', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_resident_consent_resident_id_id'))

    op.drop_table('resident_consent')
    with op.batch_alter_table('resident', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_resident_id_index'))

    op.drop_table('resident')
    with op.batch_alter_table('partner_invitation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_partner_invitation_inviter_id_id'))

    op.drop_table('partner_invitation')
