"""The operational store's tables. Every `_at` is a UTC instant; money is not kept here."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

__all__ = [
    "ApiHour",
    "AuditEntry",
    "Base",
    "CallPlace",
    "Membership",
    "OutboxRow",
    "Run",
    "SnapshotRow",
    "Tenant",
    "User",
]


class UtcInstant(TypeDecorator[datetime]):
    """An aware instant, kept as UTC: SQLite would drop the zone and hand back a naive time."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To naive UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Back to an aware instant."""
        return value.replace(tzinfo=UTC) if value else None


# SQLite gives the number of a deleted row away again unless told not to; caches hold by it.
NEVER_REUSED = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """All tables; the types say how Python's are kept."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcInstant(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }


class Tenant(Base):
    """One BILL organization; `credentials` is a sealed text (etl.store.secrets)."""

    __tablename__ = "tenants"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    environment: Mapped[str] = mapped_column(String(20))
    base_url: Mapped[str] = mapped_column(String(500))
    organization_id: Mapped[str] = mapped_column(String(40))
    time_zone: Mapped[str] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    credentials: Mapped[str]
    created_at: Mapped[datetime]


class User(Base):
    """A person who signs in with a password."""

    __tablename__ = "users"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str]
    created_at: Mapped[datetime]
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]

    memberships: Mapped[list["Membership"]] = relationship(cascade="all, delete-orphan")


class Membership(Base):
    """What a user may do with a tenant."""

    __tablename__ = "memberships"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))

    tenant: Mapped[Tenant] = relationship()


class Run(Base):
    """One sync of one tenant. The partial index admits one running run a tenant."""

    __tablename__ = "runs"
    __table_args__ = (
        Index(
            "one_running_run_a_tenant",
            "tenant_id",
            unique=True,
            sqlite_where=text("status = 'running'"),
            postgresql_where=text("status = 'running'"),
        ),
        Index("runs_of_a_tenant", "tenant_id", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    status: Mapped[str] = mapped_column(String(20))
    trigger: Mapped[str] = mapped_column(String(20))
    owner: Mapped[str] = mapped_column(String(120))
    started_at: Mapped[datetime]
    lease_expires_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    rows: Mapped[dict[str, Any]] = mapped_column(default=dict)
    api_calls: Mapped[int] = mapped_column(default=0)
    snapshot_seq: Mapped[int | None]
    checks: Mapped[list[Any] | None]
    error: Mapped[str | None]
    error_kind: Mapped[str | None] = mapped_column(String(60))


class SnapshotRow(Base):
    """A published snapshot; the highest `seq` of a tenant is the current one."""

    __tablename__ = "snapshots"
    __table_args__ = (UniqueConstraint("tenant_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    seq: Mapped[int]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    published_at: Mapped[datetime]
    fingerprint: Mapped[str] = mapped_column(String(200))
    checks: Mapped[list[Any]] = mapped_column(default=list)


class OutboxRow(Base):
    """One intended effect in BILL: proposed, dispatched once, its outcome on the same row."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("tenant_id", "idempotency_key"),
        Index("outbox_by_status", "status", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    idempotency_key: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    bill_id: Mapped[str] = mapped_column(String(40))
    document: Mapped[str] = mapped_column(String(120))
    input: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(20))
    proposed_by: Mapped[str] = mapped_column(String(254))
    proposed_at: Mapped[datetime]
    owner: Mapped[str | None] = mapped_column(String(120))
    lease_expires_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    is_sent: Mapped[bool] = mapped_column(default=False)
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class AuditEntry(Base):
    """Who did what to which tenant; each entry's hash covers the one before."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(254))
    tenant: Mapped[str | None] = mapped_column(String(63))
    what: Mapped[str] = mapped_column(String(60))
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hash: Mapped[str] = mapped_column(String(64))


class ApiHour(Base):
    """Calls a tenant made to BILL in one clock hour."""

    __tablename__ = "api_hours"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    hour_at: Mapped[datetime] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(default=0)


class CallPlace(Base):
    """One of the three places in flight of a developer key and organization."""

    __tablename__ = "call_places"

    scope: Mapped[str] = mapped_column(String(64), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    holder: Mapped[str | None] = mapped_column(String(120))
    lease_expires_at: Mapped[datetime | None]
