"""Receipts, approval, expiry and what was sent, on every action; notes on customers."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LASTS = timedelta(days=7)


def upgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("receipt", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("expected", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("preview", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("amount", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("currency", sa.String(length=3), nullable=True))
        batch_op.add_column(sa.Column("expires_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("approved_by", sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column("approved_at", sa.DateTime(), nullable=True))
        batch_op.add_column(
            sa.Column("sends", sa.Integer(), nullable=False, server_default=sa.text("0"))
        )
        batch_op.add_column(sa.Column("sent_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("quiet_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("result_id", sa.String(length=40), nullable=True))
    _fill()
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        for name, kind in (
            ("receipt", sa.Integer()),
            ("expected", sa.JSON()),
            ("preview", sa.String()),
            ("expires_at", sa.DateTime()),
        ):
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        batch_op.alter_column("sends", existing_type=sa.Integer(), server_default=None)
        batch_op.create_index("outbox_by_receipt", ["tenant_id", "receipt"], unique=True)

    op.create_table(
        "customer_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("noted_by", sa.String(length=254), nullable=False),
        sa.Column("noted_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("customer_notes", schema=None) as batch_op:
        batch_op.create_index(
            "notes_of_a_customer", ["tenant_id", "customer_id", "id"], unique=False
        )


def _fill() -> None:
    """What older actions did not have; their input is in the new form."""
    connection = op.get_bind()
    outbox = sa.table(
        "outbox",
        sa.column("id", sa.Integer()),
        sa.column("tenant_id", sa.Integer()),
        sa.column("bill_id", sa.String()),
        sa.column("input", sa.JSON()),
        sa.column("proposed_at", sa.DateTime()),
        sa.column("receipt", sa.Integer()),
        sa.column("expected", sa.JSON()),
        sa.column("preview", sa.String()),
        sa.column("expires_at", sa.DateTime()),
        sa.column("is_sent", sa.Boolean()),
        sa.column("sends", sa.Integer()),
        sa.column("sent_at", sa.DateTime()),
    )
    receipts: dict[int, int] = {}
    for row in connection.execute(sa.select(outbox).order_by(outbox.c.id)).all():
        receipts[row.tenant_id] = receipts.get(row.tenant_id, 0) + 1
        amount = row.input.get("expected", {}).get("open_amount")
        connection.execute(
            outbox.update()
            .where(outbox.c.id == row.id)
            .values(
                receipt=receipts[row.tenant_id],
                input={"id": row.bill_id} | (row.input.get("body") or {}),
                expected={f"open {row.bill_id}": amount} if amount else {},
                preview="",
                expires_at=row.proposed_at + LASTS,
                sends=1 if row.is_sent else 0,
                sent_at=row.proposed_at if row.is_sent else None,
            )
        )


def downgrade() -> None:
    op.drop_table("customer_notes")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("outbox_by_receipt")
        for name in (
            "result_id",
            "quiet_at",
            "sent_at",
            "sends",
            "approved_at",
            "approved_by",
            "expires_at",
            "currency",
            "amount",
            "preview",
            "expected",
            "receipt",
        ):
            batch_op.drop_column(name)
