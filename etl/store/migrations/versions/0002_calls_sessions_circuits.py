"""Calls, sessions and circuits, shared by all processes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

IS_OPEN = sa.text("cleared_at is null")


def upgrade() -> None:
    op.create_table(
        "key_desks",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope"),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("raised_at", sa.DateTime(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index(
            "one_open_alert_of_a_kind",
            ["tenant_id", "kind"],
            unique=True,
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        )

    op.create_table(
        "bill_call_totals",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("endpoint", sa.String(length=120), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("taken_s", sa.Double(), nullable=False),
        sa.Column("waited_s", sa.Double(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
        ),
        sa.PrimaryKeyConstraint("tenant_id", "endpoint", "error"),
    )
    op.create_table(
        "bill_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("endpoint", sa.String(length=120), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("codes", sa.String(length=120), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("waited_s", sa.Double(), nullable=False),
        sa.Column("taken_s", sa.Double(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("bill_calls", schema=None) as batch_op:
        batch_op.create_index("bill_calls_by_time", ["at"], unique=False)

    op.create_table(
        "bill_sessions",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("credentials_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.Column("sign_in_lease_at", sa.DateTime(), nullable=True),
        sa.Column("refused_until", sa.DateTime(), nullable=True),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
        ),
        sa.PrimaryKeyConstraint("tenant_id", "credentials_hash"),
    )
    op.create_table(
        "circuits",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trips", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
        ),
        sa.PrimaryKeyConstraint("tenant_id", "host"),
    )
    op.drop_table("call_places")
    op.drop_table("api_hours")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("resumes_at", sa.DateTime(), nullable=True))
        batch_op.add_column(
            sa.Column("is_full", sa.Boolean(), nullable=False, server_default=sa.false())
        )

    with op.batch_alter_table("tenants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("writes_enabled_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("tenants", schema=None) as batch_op:
        batch_op.drop_column("writes_enabled_at")

    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_column("resumes_at")
        batch_op.drop_column("is_full")

    op.create_table(
        "api_hours",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("hour_at", sa.DateTime(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
        ),
        sa.PrimaryKeyConstraint("tenant_id", "hour_at"),
    )
    op.create_table(
        "call_places",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("scope", "place"),
    )
    op.drop_table("circuits")
    op.drop_table("bill_sessions")
    with op.batch_alter_table("bill_calls", schema=None) as batch_op:
        batch_op.drop_index("bill_calls_by_time")

    op.drop_table("bill_calls")
    op.drop_table("bill_call_totals")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_index(
            "one_open_alert_of_a_kind",
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        )

    op.drop_table("alerts")
    op.drop_table("key_desks")
