"""Weekly billing of loads by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("fleet_links", schema=None) as batch_op:
        batch_op.add_column(sa.Column("billing_since", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("billed_week", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("bill_not_before", sa.DateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("fleet_links", schema=None) as batch_op:
        batch_op.drop_column("bill_not_before")
        batch_op.drop_column("billed_week")
        batch_op.drop_column("billing_since")
