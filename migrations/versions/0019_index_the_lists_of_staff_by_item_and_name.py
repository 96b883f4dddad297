"""Index the lists of staff by item and name."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_application_town_item", "application", ["town", "service_item", "due_at", "id"])
    op.create_index("ix_application_county_item", "application", ["county", "service_item", "due_at", "id"])
    op.create_index("ix_application_name", "application", ["holder_name_index", "county", "id"])
    op.drop_index("ix_application_holder_name_index", table_name="application")


def downgrade() -> None:
    op.create_index("ix_application_holder_name_index", "application", ["holder_name_index"])
    op.drop_index("ix_application_name", table_name="application")
    op.drop_index("ix_application_county_item", table_name="application")
    op.drop_index("ix_application_town_item", table_name="application")
