"""FleetFlow: a tenant's link to it, its loads, and hold lists to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fleet_links",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("connected_by", sa.String(length=254), nullable=False),
        sa.Column("connected_at", sa.DateTime(), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(), nullable=True),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("pass_seq", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("pushed_seq", sa.Integer(), nullable=True),
        sa.Column("pushed_at", sa.DateTime(), nullable=True),
        sa.Column("loads_pass", sa.Integer(), nullable=False),
        sa.Column("loads_after", sa.String(), nullable=False),
        sa.Column("loads_read_at", sa.DateTime(), nullable=True),
        sa.Column("hold_digest", sa.String(length=64), nullable=True),
        sa.Column("hold_place", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        sa.PrimaryKeyConstraint("tenant_id"),
    )
    op.create_table(
        "fleet_loads",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("load_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("customer", sa.String(length=100), nullable=False),
        sa.Column("amount", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("fault", sa.String(length=200), nullable=True),
        sa.Column("read_pass", sa.Integer(), nullable=False),
        sa.Column("gone_at", sa.DateTime(), nullable=True),
        sa.Column("bill_key", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        sa.PrimaryKeyConstraint("tenant_id", "load_id"),
    )
    with op.batch_alter_table("fleet_loads", schema=None) as batch_op:
        batch_op.create_index("fleet_loads_by_delivery", ["tenant_id", "delivered_on"])
        batch_op.create_index("fleet_loads_by_bill", ["tenant_id", "bill_key"])
    op.create_table(
        "fleet_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(), nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("webhook_id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("fleet_events", schema=None) as batch_op:
        batch_op.create_index("fleet_events_of_a_tenant", ["tenant_id", "id"])


def downgrade() -> None:
    op.drop_table("fleet_events")
    op.drop_table("fleet_loads")
    op.drop_table("fleet_links")
