"""Keep the text of service items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('service_item_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('source_text', sa.Text(length=16777215), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('service_item_version', schema=None) as batch_op:
        batch_op.drop_column('source_text')
