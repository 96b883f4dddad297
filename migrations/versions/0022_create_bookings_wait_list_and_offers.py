"""Create bookings wait-list and offers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('booking',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=8), nullable=False),
    sa.Column('station', sa.String(length=64), nullable=False),
    sa.Column('slot_id', sa.BigInteger(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('starts_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('ends_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=True),
    sa.Column('partner_id', sa.BigInteger(), nullable=True),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('companion', sa.Text(length=16777215), nullable=True),
    sa.Column('plan', sa.String(length=8), nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('held_until', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('token', sa.Text(length=1024), nullable=False),
    sa.Column('residence', sa.String(length=12), nullable=False),
    sa.Column('town', sa.String(length=12), nullable=False),
    sa.Column('ended_as', sa.String(length=12), nullable=False),
    sa.Column('choosing_since', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('created_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('updated_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.CheckConstraint("plan IN ('first', 'second', 'third', 'later')", name=op.f('ck_booking_plan')),
    sa.CheckConstraint("status IN ('held', 'confirmed', 'checked_in', 'completed', 'cancelled', 'missed')", name=op.f('ck_booking_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_booking')),
    sa.UniqueConstraint('code', name=op.f('uq_booking_code')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('booking', schema=None) as batch_op:
        batch_op.create_index('ix_booking_day', ['station', 'day', 'starts_at', 'id'], unique=False)
        batch_op.create_index('ix_booking_ends', ['status', 'ends_at'], unique=False)
        batch_op.create_index('ix_booking_holds', ['status', 'held_until'], unique=False)
        batch_op.create_index(batch_op.f('ix_booking_partner_id_id'), ['partner_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_booking_resident_id_id'), ['resident_id', 'id'], unique=False)
        batch_op.create_index('ix_booking_slot', ['slot_id', 'status'], unique=False)

    op.create_table('booking_seat',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('booking_id', sa.BigInteger(), nullable=False),
    sa.Column('whose', sa.String(length=10), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=True),
    sa.Column('active_key', sa.BigInteger(), nullable=True),
    sa.Column('plan_key', sa.String(length=80), nullable=True),
    sa.Column('items', sa.Text(length=16777215), nullable=True),
    sa.CheckConstraint("whose IN ('booker', 'partner', 'companion', 'walk_in')", name=op.f('ck_booking_seat_whose')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_booking_seat')),
    sa.UniqueConstraint('active_key', name=op.f('uq_booking_seat_active_key')),
    sa.UniqueConstraint('plan_key', name=op.f('uq_booking_seat_plan_key')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('booking_seat', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_booking_seat_booking_id_id'), ['booking_id', 'id'], unique=False)

    op.create_table('seat_offer',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('entry_id', sa.BigInteger(), nullable=True),
    sa.Column('booking_id', sa.BigInteger(), nullable=True),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('partner_id', sa.BigInteger(), nullable=True),
    sa.Column('station', sa.String(length=64), nullable=False),
    sa.Column('slot_id', sa.BigInteger(), nullable=False),
    sa.Column('starts_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('town', sa.String(length=12), nullable=False),
    sa.Column('open_key', sa.BigInteger(), nullable=True),
    sa.Column('made_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('expires_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('ended_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('ended_as', sa.String(length=12), nullable=False),
    sa.CheckConstraint("kind IN ('wait', 'move')", name=op.f('ck_seat_offer_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seat_offer')),
    sa.UniqueConstraint('open_key', name=op.f('uq_seat_offer_open_key')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('seat_offer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_seat_offer_booking_id_id'), ['booking_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_seat_offer_entry_id_id'), ['entry_id', 'id'], unique=False)
        batch_op.create_index('ix_seat_offer_open', ['ended_at', 'expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_seat_offer_partner_id_id'), ['partner_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_seat_offer_resident_id_id'), ['resident_id', 'id'], unique=False)

    op.create_table('waitlist_entry',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('station', sa.String(length=64), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('partner_id', sa.BigInteger(), nullable=True),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('companion', sa.Text(length=16777215), nullable=True),
    sa.Column('plan', sa.String(length=8), nullable=False),
    sa.Column('residence', sa.String(length=12), nullable=False),
    sa.Column('town', sa.String(length=12), nullable=False),
    sa.Column('active_key', sa.BigInteger(), nullable=True),
    sa.Column('offers', sa.Integer(), nullable=False),
    sa.Column('silent', sa.Integer(), nullable=False),
    sa.Column('passed', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
    sa.Column('ended_at', sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=True),
    sa.Column('ended_as', sa.String(length=12), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waitlist_entry')),
    sa.UniqueConstraint('active_key', name=op.f('uq_waitlist_entry_active_key')),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_bin'
    )
    with op.batch_alter_table('waitlist_entry', schema=None) as batch_op:
        batch_op.create_index('ix_waitlist_entry_line', ['station', 'ended_at', 'id'], unique=False)
        batch_op.create_index('ix_waitlist_entry_over', ['ended_at', 'last_day'], unique=False)
        batch_op.create_index(batch_op.f('ix_waitlist_entry_partner_id_id'), ['partner_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_waitlist_entry_resident_id_id'), ['resident_id', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('waitlist_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_waitlist_entry_resident_id_id'))
        batch_op.drop_index(batch_op.f('ix_waitlist_entry_partner_id_id'))
        batch_op.drop_index('ix_waitlist_entry_over')
        batch_op.drop_index('ix_waitlist_entry_line')

    op.drop_table('waitlist_entry')
    with op.batch_alter_table('seat_offer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_seat_offer_resident_id_id'))
        batch_op.drop_index(batch_op.f('ix_seat_offer_partner_id_id'))
        batch_op.drop_index('ix_seat_offer_open')
        batch_op.drop_index(batch_op.f('ix_seat_offer_entry_id_id'))
        batch_op.drop_index(batch_op.f('ix_seat_offer_booking_id_id'))

    op.drop_table('seat_offer')
    with op.batch_alter_table('booking_seat', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_booking_seat_booking_id_id'))

    op.drop_table('booking_seat')
    with op.batch_alter_table('booking', schema=None) as batch_op:
        batch_op.drop_index('ix_booking_slot')
        batch_op.drop_index(batch_op.f('ix_booking_resident_id_id'))
        batch_op.drop_index(batch_op.f('ix_booking_partner_id_id'))
        batch_op.drop_index('ix_booking_holds')
        batch_op.drop_index('ix_booking_ends')
        batch_op.drop_index('ix_booking_day')

    op.drop_table('booking')
