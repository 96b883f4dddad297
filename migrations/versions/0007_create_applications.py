"""Create applications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('application',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('number', sa.String(length=24), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('service_item', sa.String(length=64), nullable=False),
    sa.Column('service_item_version', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('region', sa.String(length=12), nullable=False),
    sa.Column('village', sa.String(length=12), nullable=False),
    sa.Column('town', sa.String(length=12), nullable=False),
    sa.Column('county', sa.String(length=12), nullable=False),
    sa.Column('answers', sa.Text(length=16777215), nullable=False),
    sa.Column('holder', sa.Text(length=16777215), nullable=True),
    sa.Column('holder_masked', sa.String(length=255), nullable=False),
    sa.Column('holder_name_index', sa.String(length=64), nullable=True),
    sa.Column('holder_id_index', sa.String(length=64), nullable=True),
    sa.Column('mobile_index', sa.String(length=64), nullable=True),
    sa.Column('mandate_id', sa.BigInteger(), nullable=True),
    sa.Column('level', sa.String(length=8), nullable=False),
    sa.Column('queue', sa.String(length=8), nullable=False),
    sa.Column('decided_level', sa.String(length=8), nullable=False),
    sa.Column('claimed_by', sa.BigInteger(), nullable=True),
    sa.Column('claimed_until', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('fence', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('submitted_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('accepted_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('decided_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('legal_due_on', sa.Date(), nullable=True),
    sa.Column('due_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('paused_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('warn_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('expires_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('expiry_warned_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('audit_sequence', sa.Integer(), nullable=False),
    sa.Column('audit_head', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('updated_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.CheckConstraint("status IN ('draft', 'submitted', 'in_review', 'correction', 'in_notice', 'approved', 'issued', 'rejected', 'withdrawn')", name=op.f('ck_application_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application')),
    sa.UniqueConstraint('number', name=op.f('uq_application_number')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.create_index('ix_application_claim', ['claimed_by', 'claimed_until'], unique=False)
        batch_op.create_index('ix_application_county_due', ['county', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_application_county_queue', ['county', 'queue', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_application_county_status', ['county', 'status', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_application_expiry', ['status', 'expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_application_holder_id_index'), ['holder_id_index'], unique=False)
        batch_op.create_index(batch_op.f('ix_application_holder_name_index'), ['holder_name_index'], unique=False)
        batch_op.create_index('ix_application_mine', ['resident_id', 'created_at', 'id'], unique=False)
        batch_op.create_index('ix_application_status_due', ['status', 'due_at'], unique=False)
        batch_op.create_index('ix_application_town_due', ['town', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_application_town_queue', ['town', 'queue', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_application_town_status', ['town', 'status', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_application_village_due', ['village', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_application_village_queue', ['village', 'queue', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_application_village_status', ['village', 'status', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_application_warning', ['status', 'warn_at'], unique=False)

    op.create_table('application_history',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('move', sa.String(length=64), nullable=False),
    sa.Column('from_status', sa.String(length=16), nullable=False),
    sa.Column('to_status', sa.String(length=16), nullable=False),
    sa.Column('level', sa.String(length=8), nullable=False),
    sa.Column('actor_kind', sa.String(length=16), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('post', sa.String(length=255), nullable=False),
    sa.Column('note', sa.Text(length=16777215), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_history')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('application_history', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_application_history_subject_id_id'), ['subject_id', 'id'], unique=False)

    op.create_table('application_revision',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('answers', sa.Text(length=16777215), nullable=False),
    sa.Column('materials', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('pdf_key', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_revision')),
    sa.UniqueConstraint('application_id', 'revision', name=op.f('uq_application_revision_application_id_revision')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('correction',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('level', sa.String(length=8), nullable=False),
    sa.Column('opened_by', sa.BigInteger(), nullable=False),
    sa.Column('content', sa.Text(length=16777215), nullable=False),
    sa.Column('opened_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('closed_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('correction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_correction_application_id_id'), ['application_id', 'id'], unique=False)

    op.create_table('cosignature',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('code_index', sa.String(length=64), nullable=False),
    sa.Column('invited_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('expires_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('signer_id', sa.BigInteger(), nullable=True),
    sa.Column('signer_masked', sa.String(length=255), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('signed_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cosignature')),
    sa.UniqueConstraint('application_id', name=op.f('uq_cosignature_application_id')),
    sa.UniqueConstraint('code_index', name=op.f('uq_cosignature_code_index')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('mandate',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('relation', sa.String(length=64), nullable=False),
    sa.Column('principal', sa.Text(length=16777215), nullable=False),
    sa.Column('text_version', sa.String(length=64), nullable=False),
    sa.Column('recorded_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mandate')),
    sa.UniqueConstraint('application_id', name=op.f('uq_mandate_application_id')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('staff_notice',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('region', sa.String(length=12), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_notice')),
    sa.UniqueConstraint('application_id', 'kind', 'due_on', name=op.f('uq_staff_notice_application_id_kind_due_on')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('staff_notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_notice_region_id'), ['region', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('staff_notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_notice_region_id'))

    op.drop_table('staff_notice')
    op.drop_table('mandate')
    op.drop_table('cosignature')
    with op.batch_alter_table('correction', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_correction_application_id_id'))

    op.drop_table('correction')
    op.drop_table('application_revision')
    with op.batch_alter_table('application_history', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_application_history_subject_id_id'))

    op.drop_table('application_history')
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.drop_index('ix_application_warning')
        batch_op.drop_index('ix_application_village_status')
        batch_op.drop_index('ix_application_village_queue')
        batch_op.drop_index('ix_application_village_due')
        batch_op.drop_index('ix_application_town_status')
        batch_op.drop_index('ix_application_town_queue')
        batch_op.drop_index('ix_application_town_due')
        batch_op.drop_index('ix_application_status_due')
        batch_op.drop_index('ix_application_mine')
        batch_op.drop_index(batch_op.f('ix_application_holder_name_index'))
        batch_op.drop_index(batch_op.f('ix_application_holder_id_index'))
        batch_op.drop_index('ix_application_expiry')
        batch_op.drop_index('ix_application_county_status')
        batch_op.drop_index('ix_application_county_queue')
        batch_op.drop_index('ix_application_county_due')
        batch_op.drop_index('ix_application_claim')

    op.drop_table('application')
