"""create deliveries preferences and credits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('delivery',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('event', sa.String(length=120), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('then', sa.String(length=64), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('content', sa.Text(length=16777215), nullable=True),
    sa.Column('not_after', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('application_id', sa.BigInteger(), nullable=True),
    sa.Column('provider_ref', sa.String(length=64), nullable=True),
    sa.Column('error', sa.String(length=64), nullable=True),
    sa.Column('created_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('updated_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('sent_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.CheckConstraint("status IN ('waiting', 'sent', 'delivered', 'failed', 'expired', 'doubtful', 'dropped')", name=op.f('ck_delivery_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('resident_id', 'kind', 'event', 'channel', name=op.f('uq_delivery_resident_id_kind_event_channel')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_application_id_id'), ['application_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_provider_ref'), ['provider_ref'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_resident_id_id'), ['resident_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_status_updated_at'), ['status', 'updated_at'], unique=False)

    op.create_table('notification_preference',
    sa.Column('resident_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('choices', sa.JSON(), nullable=False),
    sa.Column('quiet_from', sa.Integer(), nullable=True),
    sa.Column('quiet_to', sa.Integer(), nullable=True),
    sa.Column('stopped_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('updated_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('resident_id', name=op.f('pk_notification_preference')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('provider',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('open_until', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('second', sa.BigInteger(), nullable=False),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_provider')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('sms_month',
    sa.Column('month', sa.String(length=64), nullable=False),
    sa.Column('messages', sa.Integer(), nullable=False),
    sa.Column('parts', sa.Integer(), nullable=False),
    sa.Column('cost', sa.BigInteger(), nullable=False),
    sa.Column('exhausted_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('month', name=op.f('pk_sms_month')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('wechat_binding',
    sa.Column('resident_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('openid', sa.Text(length=16777215), nullable=False),
    sa.Column('openid_index', sa.String(length=64), nullable=False),
    sa.Column('bound_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('resident_id', name=op.f('pk_wechat_binding')),
    sa.UniqueConstraint('openid_index', name=op.f('uq_wechat_binding_openid_index')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('wechat_choice',
    sa.Column('openid_index', sa.String(length=64), nullable=False),
    sa.Column('template', sa.String(length=64), nullable=False),
    sa.Column('refused_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('openid_index', 'template', name=op.f('pk_wechat_choice')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    op.create_table('wechat_credit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('openid_index', sa.String(length=64), nullable=False),
    sa.Column('template', sa.String(length=64), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('granted_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('spent_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('delivery_id', sa.BigInteger(), nullable=True),
    sa.Column('revoked_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wechat_credit')),
    sa.UniqueConstraint('source', name=op.f('uq_wechat_credit_source')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('wechat_credit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_wechat_credit_delivery_id'), ['delivery_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_wechat_credit_openid_index_template_spent_at_revoked_at_id'), ['openid_index', 'template', 'spent_at', 'revoked_at', 'id'], unique=False)

    op.create_table('wechat_event',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_wechat_event')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('wechat_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_wechat_event_at'), ['at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('wechat_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_wechat_event_at'))

    op.drop_table('wechat_event')
    with op.batch_alter_table('wechat_credit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_wechat_credit_openid_index_template_spent_at_revoked_at_id'))
        batch_op.drop_index(batch_op.f('ix_wechat_credit_delivery_id'))

    op.drop_table('wechat_credit')
    op.drop_table('wechat_choice')
    op.drop_table('wechat_binding')
    op.drop_table('sms_month')
    op.drop_table('provider')
    op.drop_table('notification_preference')
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_delivery_status_updated_at'))
        batch_op.drop_index(batch_op.f('ix_delivery_resident_id_id'))
        batch_op.drop_index(batch_op.f('ix_delivery_provider_ref'))
        batch_op.drop_index(batch_op.f('ix_delivery_application_id_id'))

    op.drop_table('delivery')
