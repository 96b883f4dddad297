"""Create certificates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('certificate',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('decision', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('type', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=255), nullable=False),
    sa.Column('holder_masked', sa.String(length=255), nullable=False),
    sa.Column('issuer', sa.String(length=255), nullable=False),
    sa.Column('issued_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('kid', sa.String(length=8), nullable=False),
    sa.Column('token', sa.String(length=400), nullable=False),
    sa.Column('facts', sa.Text(length=16777215), nullable=False),
    sa.Column('code_index', sa.String(length=64), nullable=False),
    sa.Column('code_tries', sa.Integer(), nullable=False),
    sa.Column('code_tries_on', sa.Date(), nullable=True),
    sa.Column('revoked_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('revoke_reason', sa.String(length=64), nullable=True),
    sa.Column('rendered_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('pdf_key', sa.String(length=120), nullable=True),
    sa.Column('png_key', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate')),
    sa.UniqueConstraint('application_id', 'decision', name=op.f('uq_certificate_application_id_decision')),
    sa.UniqueConstraint('number', name=op.f('uq_certificate_number')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.create_index('ix_certificate_expiry', ['expires_on', 'id'], unique=False)
        batch_op.create_index('ix_certificate_mine', ['resident_id', 'issued_at', 'id'], unique=False)
        batch_op.create_index('ix_certificate_revoked', ['revoked_at'], unique=False)

    op.create_table('certificate_sequence',
    sa.Column('series', sa.String(length=24), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('series', name=op.f('pk_certificate_sequence')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('receipt',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('service_item', sa.String(length=64), nullable=False),
    sa.Column('service_name', sa.String(length=255), nullable=False),
    sa.Column('office', sa.String(length=255), nullable=False),
    sa.Column('submitted_on', sa.Date(), nullable=False),
    sa.Column('kid', sa.String(length=8), nullable=False),
    sa.Column('token', sa.String(length=400), nullable=False),
    sa.Column('rendered_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('pdf_key', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt')),
    sa.UniqueConstraint('application_id', name=op.f('uq_receipt_application_id')),
    sa.UniqueConstraint('number', name=op.f('uq_receipt_number')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('signing_key',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('kid', sa.String(length=8), nullable=False),
    sa.Column('algorithm', sa.String(length=16), nullable=False),
    sa.Column('public', sa.String(length=255), nullable=False),
    sa.Column('private', sa.Text(length=16777215), nullable=False),
    sa.Column('turn', sa.String(length=8), nullable=True),
    sa.Column('created_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('retired_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signing_key')),
    sa.UniqueConstraint('kid', name=op.f('uq_signing_key_kid')),
    sa.UniqueConstraint('turn', name=op.f('uq_signing_key_turn')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )


def downgrade() -> None:
    op.drop_table('signing_key')
    op.drop_table('receipt')
    op.drop_table('certificate_sequence')
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.drop_index('ix_certificate_revoked')
        batch_op.drop_index('ix_certificate_mine')
        batch_op.drop_index('ix_certificate_expiry')

    op.drop_table('certificate')
