"""Create benefits and payments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('bank_return',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('batch_id', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('imported_by', sa.BigInteger(), nullable=False),
    sa.Column('imported_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('paid', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('sums', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_return')),
    sa.UniqueConstraint('batch_id', 'digest', name=op.f('uq_bank_return_batch_id_digest')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('benefit_recipient',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('helped', sa.Boolean(), nullable=False),
    sa.Column('granted_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('service_item', sa.String(length=64), nullable=False),
    sa.Column('village', sa.String(length=12), nullable=False),
    sa.Column('town', sa.String(length=12), nullable=False),
    sa.Column('county', sa.String(length=12), nullable=False),
    sa.Column('holder_masked', sa.String(length=255), nullable=False),
    sa.Column('person_index', sa.String(length=64), nullable=False),
    sa.Column('occasion', sa.String(length=20), nullable=False),
    sa.Column('amount_class', sa.String(length=64), nullable=False),
    sa.Column('account', sa.Text(length=16777215), nullable=False),
    sa.Column('started_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('end_reason', sa.String(length=64), nullable=True),
    sa.Column('audit_sequence', sa.Integer(), nullable=False),
    sa.Column('audit_head', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('updated_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_benefit_recipient')),
    sa.UniqueConstraint('application_id', name=op.f('uq_benefit_recipient_application_id')),
    sa.UniqueConstraint('service_item', 'person_index', 'occasion', name=op.f('uq_benefit_recipient_service_item_person_index_occasion')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('benefit_recipient', schema=None) as batch_op:
        batch_op.create_index('ix_benefit_recipient_county', ['county', 'service_item', 'id'], unique=False)
        batch_op.create_index('ix_benefit_recipient_mine', ['resident_id', 'id'], unique=False)
        batch_op.create_index('ix_benefit_recipient_town', ['town', 'service_item', 'id'], unique=False)
        batch_op.create_index('ix_benefit_recipient_village', ['village', 'service_item', 'id'], unique=False)

    op.create_table('benefit_term',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('recipient_id', sa.BigInteger(), nullable=False),
    sa.Column('application_id', sa.BigInteger(), nullable=False),
    sa.Column('amount_class', sa.String(length=64), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_benefit_term')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('benefit_term', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_benefit_term_recipient_id_from_on'), ['recipient_id', 'from_on'], unique=False)

    op.create_table('confirmation',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('campaign_id', sa.BigInteger(), nullable=False),
    sa.Column('recipient_id', sa.BigInteger(), nullable=False),
    sa.Column('village', sa.String(length=12), nullable=False),
    sa.Column('town', sa.String(length=12), nullable=False),
    sa.Column('county', sa.String(length=12), nullable=False),
    sa.Column('waiting', sa.String(length=64), nullable=True),
    sa.Column('asked_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('reminders', sa.Integer(), nullable=False),
    sa.Column('next_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('offer', sa.String(length=64), nullable=True),
    sa.Column('offered_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('confirmed_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('confirmed_way', sa.String(length=64), nullable=True),
    sa.Column('change', sa.Text(length=16777215), nullable=True),
    sa.Column('changed_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('reviewed_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('reviewed_by', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_confirmation')),
    sa.UniqueConstraint('campaign_id', 'recipient_id', name=op.f('uq_confirmation_campaign_id_recipient_id')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('confirmation', schema=None) as batch_op:
        batch_op.create_index('ix_confirmation_answers', ['campaign_id', 'confirmed_at', 'changed_at', 'reviewed_at', 'offer'], unique=False)
        batch_op.create_index('ix_confirmation_county', ['county', 'waiting', 'id'], unique=False)
        batch_op.create_index('ix_confirmation_next', ['next_at', 'id'], unique=False)
        batch_op.create_index('ix_confirmation_recipient', ['recipient_id', 'id'], unique=False)
        batch_op.create_index('ix_confirmation_town', ['town', 'waiting', 'id'], unique=False)
        batch_op.create_index('ix_confirmation_village', ['village', 'waiting', 'id'], unique=False)

    op.create_table('confirmation_campaign',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('county', sa.String(length=12), nullable=False),
    sa.Column('service_item', sa.String(length=64), nullable=False),
    sa.Column('period', sa.String(length=8), nullable=False),
    sa.Column('opened_by', sa.BigInteger(), nullable=False),
    sa.Column('opened_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('answer_by', sa.Date(), nullable=False),
    sa.Column('reached', sa.BigInteger(), nullable=True),
    sa.Column('opened', sa.Integer(), nullable=False),
    sa.Column('closed_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_confirmation_campaign')),
    sa.UniqueConstraint('county', 'service_item', 'period', name=op.f('uq_confirmation_campaign_county_service_item_period')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('payment',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('reference', sa.String(length=16), nullable=False),
    sa.Column('recipient_id', sa.BigInteger(), nullable=False),
    sa.Column('county', sa.String(length=12), nullable=False),
    sa.Column('town', sa.String(length=12), nullable=False),
    sa.Column('service_item', sa.String(length=64), nullable=False),
    sa.Column('period', sa.String(length=8), nullable=False),
    sa.Column('amount_class', sa.String(length=64), nullable=False),
    sa.Column('fen', sa.BigInteger(), nullable=False),
    sa.Column('batch_id', sa.BigInteger(), nullable=True),
    sa.Column('paid_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('failed_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment')),
    sa.UniqueConstraint('recipient_id', 'service_item', 'period', name=op.f('uq_payment_recipient_id_service_item_period')),
    sa.UniqueConstraint('reference', name=op.f('uq_payment_reference')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.create_index('ix_payment_batch', ['batch_id', 'id'], unique=False)
        batch_op.create_index('ix_payment_failed', ['county', 'failed_at', 'id'], unique=False)
        batch_op.create_index('ix_payment_period', ['county', 'service_item', 'period', 'id'], unique=False)

    op.create_table('payment_attempt',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('batch_id', sa.BigInteger(), nullable=False),
    sa.Column('payment_id', sa.BigInteger(), nullable=False),
    sa.Column('amount_class', sa.String(length=64), nullable=False),
    sa.Column('fen', sa.BigInteger(), nullable=False),
    sa.Column('account', sa.Text(length=16777215), nullable=False),
    sa.Column('difference', sa.String(length=64), nullable=True),
    sa.Column('outcome', sa.String(length=64), nullable=True),
    sa.Column('reason', sa.Text(length=16777215), nullable=True),
    sa.Column('answered_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_attempt')),
    sa.UniqueConstraint('batch_id', 'payment_id', name=op.f('uq_payment_attempt_batch_id_payment_id')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('payment_attempt', schema=None) as batch_op:
        batch_op.create_index('ix_payment_attempt_payment', ['payment_id', 'id'], unique=False)

    op.create_table('payment_batch',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('county', sa.String(length=12), nullable=False),
    sa.Column('region', sa.String(length=12), nullable=False),
    sa.Column('service_item', sa.String(length=64), nullable=False),
    sa.Column('period', sa.String(length=8), nullable=False),
    sa.Column('prepared_by', sa.BigInteger(), nullable=False),
    sa.Column('prepared_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('approved_by', sa.BigInteger(), nullable=True),
    sa.Column('approved_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('discarded_by', sa.BigInteger(), nullable=True),
    sa.Column('discarded_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('discard_reason', sa.Text(length=16777215), nullable=True),
    sa.Column('exported_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('settled_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('checksum', sa.String(length=64), nullable=False),
    sa.Column('differences', sa.JSON(), nullable=False),
    sa.Column('audit_sequence', sa.Integer(), nullable=False),
    sa.Column('audit_head', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_batch')),
    sa.UniqueConstraint('number', name=op.f('uq_payment_batch_number')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('payment_batch', schema=None) as batch_op:
        batch_op.create_index('ix_payment_batch_county', ['county', 'id'], unique=False)
        batch_op.create_index('ix_payment_batch_region', ['region', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('payment_batch', schema=None) as batch_op:
        batch_op.drop_index('ix_payment_batch_region')
        batch_op.drop_index('ix_payment_batch_county')

    op.drop_table('payment_batch')
    with op.batch_alter_table('payment_attempt', schema=None) as batch_op:
        batch_op.drop_index('ix_payment_attempt_payment')

    op.drop_table('payment_attempt')
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.drop_index('ix_payment_period')
        batch_op.drop_index('ix_payment_failed')
        batch_op.drop_index('ix_payment_batch')

    op.drop_table('payment')
    op.drop_table('confirmation_campaign')
    with op.batch_alter_table('confirmation', schema=None) as batch_op:
        batch_op.drop_index('ix_confirmation_village')
        batch_op.drop_index('ix_confirmation_town')
        batch_op.drop_index('ix_confirmation_recipient')
        batch_op.drop_index('ix_confirmation_next')
        batch_op.drop_index('ix_confirmation_county')
        batch_op.drop_index('ix_confirmation_answers')

    op.drop_table('confirmation')
    with op.batch_alter_table('benefit_term', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_benefit_term_recipient_id_from_on'))

    op.drop_table('benefit_term')
    with op.batch_alter_table('benefit_recipient', schema=None) as batch_op:
        batch_op.drop_index('ix_benefit_recipient_village')
        batch_op.drop_index('ix_benefit_recipient_town')
        batch_op.drop_index('ix_benefit_recipient_mine')
        batch_op.drop_index('ix_benefit_recipient_county')

    op.drop_table('benefit_recipient')
    op.drop_table('bank_return')
