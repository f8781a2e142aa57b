"""Weekly billing of loads by itself; channels beside mail; a tenant's own words."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("fleet_links", schema=None) as batch_op:
        batch_op.add_column(sa.Column("billing_since", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("billed_week", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("bill_not_before", sa.DateTime(), nullable=True))
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("channel", sa.String(length=40), nullable=False, server_default="")
        )
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.alter_column("channel", server_default=None)
    op.create_table(
        "notice_channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(length=254), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "letter_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(length=254), nullable=False),
        sa.Column("set_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "kind", "version"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("letter_words")
    op.drop_table("notice_channels")
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.drop_column("channel")
    with op.batch_alter_table("fleet_links", schema=None) as batch_op:
        batch_op.drop_column("bill_not_before")
        batch_op.drop_column("billed_week")
        batch_op.drop_column("billing_since")
