"""The operational store's tables. Every `_at` is a UTC instant; amounts are decimal texts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from etl.store.columns import ExactNumber, ForeignText, UtcInstant

__all__ = [
    "Alert",
    "AuditEntry",
    "Base",
    "BillCall",
    "BillCallTotal",
    "BillSession",
    "BillingSchedule",
    "BillingUsage",
    "CircuitRow",
    "Close",
    "CustomerNote",
    "EmbedLink",
    "ExportRow",
    "ExportSchedule",
    "FailureReason",
    "FleetEvent",
    "FleetLink",
    "FleetLoad",
    "FxRate",
    "KeyDesk",
    "Letter",
    "Membership",
    "NoticeRow",
    "OutboxRow",
    "RecoveryCode",
    "Run",
    "SavedViewRow",
    "SecondFactor",
    "SnapshotRow",
    "Suppression",
    "Tenant",
    "User",
    "Visit",
    "WebhookEvent",
    "WebhookSubscription",
    "WebhookTally",
]


# SQLite gives the number of a deleted row away again unless told not to; caches hold by it.
NEVER_REUSED = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """All tables; the types say how Python's are kept."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcInstant(),
        Decimal: ExactNumber(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }


class Tenant(Base):
    """One BILL organization; `credentials` is a sealed text (etl.store.secrets).

    `preferences` are its own ways to count (etl.store.preferences).
    """

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
    writes_enabled_at: Mapped[datetime | None]
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))


class User(Base):
    """A person who signs in. `password_changed_at` is None until they have a second password."""

    __tablename__ = "users"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str]
    created_at: Mapped[datetime]
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    password_changed_at: Mapped[datetime | None]

    memberships: Mapped[list["Membership"]] = relationship(cascade="all, delete-orphan")


class Membership(Base):
    """What a user may do with a tenant."""

    __tablename__ = "memberships"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))

    tenant: Mapped[Tenant] = relationship()


class Visit(Base):
    """A person signed in, in one browser; `tenant_id` and `role` narrow one that came by a link.

    `token_hash` is of the cookie, `browser_hash` of the browser that may still fetch that cookie,
    `proof_hash` of what a provider said, so that it is taken once.
    """

    __tablename__ = "visits"
    __table_args__ = (Index("visits_of_a_user", "user_id", "id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(20))
    device: Mapped[str] = mapped_column(ForeignText(200))
    opened_at: Mapped[datetime]
    used_at: Mapped[datetime]
    idle_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    tenant_id: Mapped[int | None] = mapped_column(ForeignKey("tenants.id"))
    role: Mapped[str | None] = mapped_column(String(20))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    proof_hash: Mapped[str | None] = mapped_column(String(64), unique=True)


class EmbedLink(Base):
    """A link into one tenant with one role, good once and for minutes."""

    __tablename__ = "embed_links"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    role: Mapped[str] = mapped_column(String(20))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SecondFactor(Base):
    """What a user's authenticator shares with us, sealed; it counts once it is confirmed.

    `last_step` is the newest time step a code was taken of: neither it nor an older one is again.
    """

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Base):
    """A code that stands in for the authenticator once; its row goes with it."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("recovery_codes_of_a_user", "user_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    code_hash: Mapped[str] = mapped_column(String(64))


class Run(Base):
    """One sync of one tenant. The partial index admits one running run a tenant.

    One that met a limit is pending: it goes on, under its own number, from `resumes_at`.
    `notices`: what it saw that was not expected of BILL; `scope`: what it reads again, where that
    is not all that changed.
    """

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
    error: Mapped[str | None] = mapped_column(ForeignText())
    error_kind: Mapped[str | None] = mapped_column(String(60))
    resumes_at: Mapped[datetime | None]
    is_full: Mapped[bool] = mapped_column(default=False, server_default=false())
    notices: Mapped[list[Any] | None]
    scope: Mapped[dict[str, Any] | None]


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
    newest_reason_id: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class FailureReason(Base):
    """Why a payment failed, as somebody entered it; a payment's newest row counts.

    A snapshot has those up to its `newest_reason_id`.
    """

    __tablename__ = "failure_reasons"
    __table_args__ = (
        Index("failure_reasons_of_a_tenant", "tenant_id", "payment_id", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    payment_id: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(ForeignText(500))
    entered_by: Mapped[str] = mapped_column(String(254))
    entered_at: Mapped[datetime]


class FxRate(Base):
    """What one unit of `currency` was worth in `quote` on a day, as a source said.

    Only ever added to; of several for a day the newest counts.
    """

    __tablename__ = "fx_rates"
    __table_args__ = (
        Index("fx_rates_of_a_tenant", "tenant_id", "currency", "quote", "rate_on"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    currency: Mapped[str] = mapped_column(String(3))
    quote: Mapped[str] = mapped_column(String(3))
    rate_on: Mapped[date]
    rate: Mapped[Decimal]
    source: Mapped[str] = mapped_column(ForeignText(200))
    recorded_at: Mapped[datetime]


class Close(Base):
    """A month that was closed: the snapshot it pins and its figures then. The newest row of a month
    counts."""

    __tablename__ = "closes"
    __table_args__ = (Index("closes_of_a_tenant", "tenant_id", "month", "id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    month: Mapped[str] = mapped_column(String(7))
    seq: Mapped[int]
    closed_at: Mapped[datetime]
    closed_by: Mapped[str] = mapped_column(String(254))
    figures: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64))


class ExportSchedule(Base):
    """What is exported by itself, when, and to where; claimed by a conditional update.

    `narrowing`: the fields of a Question that were given; `rhythm`: daily, weekly, monthly or
    after_sync; `on_day`: of the week (1 is Monday) or month; `target`: where, without secrets;
    `secret`: a sealed text. `due_at` is None after a sync: then `last_seq` tells what is new.
    """

    __tablename__ = "export_schedules"
    __table_args__ = (UniqueConstraint("tenant_id", "name"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(String(63))
    view: Mapped[str] = mapped_column(String(60))
    narrowing: Mapped[dict[str, Any]]
    format: Mapped[str] = mapped_column(String(10))
    rhythm: Mapped[str] = mapped_column(String(20))
    at_time: Mapped[str] = mapped_column(String(5))
    on_day: Mapped[int | None]
    day_told: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    target: Mapped[dict[str, Any]]
    secret: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    last_seq: Mapped[int | None]
    not_before: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(120))
    lease_expires_at: Mapped[datetime | None]
    claims: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    said: Mapped[str | None] = mapped_column(ForeignText())


class BillingSchedule(Base):
    """What a customer is billed every period, by terms that never change once they are kept.

    `period`: weekly, monthly, quarterly or yearly, counted from the day `anchor_on`; `billed`:
    advance or arrears; `lines`: description, quantity and price as texts. Nothing is issued that
    was due before `issue_from`, nor while `paused_at` says since when it is paused.
    """

    __tablename__ = "billing_schedules"
    __table_args__ = (UniqueConstraint("tenant_id", "name"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(String(63))
    customer_id: Mapped[str] = mapped_column(String(40))
    customer: Mapped[str] = mapped_column(ForeignText(200))
    currency: Mapped[str] = mapped_column(String(3))
    period: Mapped[str] = mapped_column(String(20))
    anchor_on: Mapped[date]
    start_on: Mapped[date]
    end_on: Mapped[date | None]
    billed: Mapped[str] = mapped_column(String(20))
    due_days: Mapped[int]
    is_prorated: Mapped[bool]
    item_id: Mapped[str | None] = mapped_column(String(40))
    lines: Mapped[list[Any]]
    issue_from: Mapped[date]
    paused_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime]


class BillingUsage(Base):
    """How many of a schedule's line of usage there were on a day; `reference` names what is noted
    once. `bill_key` names the one proposal that bills it."""

    __tablename__ = "billing_usage"
    __table_args__ = (
        UniqueConstraint("schedule_id", "reference"),
        Index("billing_usage_by_bill", "schedule_id", "bill_key"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    schedule_id: Mapped[int] = mapped_column(ForeignKey("billing_schedules.id"))
    reference: Mapped[str] = mapped_column(String(80))
    line: Mapped[str] = mapped_column(String(500))
    used_on: Mapped[date]
    quantity: Mapped[Decimal]
    bill_key: Mapped[str | None] = mapped_column(String(80))
    noted_by: Mapped[str] = mapped_column(String(254))
    noted_at: Mapped[datetime]


class ExportRow(Base):
    """An export that was taken or delivered, or could not be; kept, never changed.

    `schedule` is the name of the one that made it, None where a person took it.
    """

    __tablename__ = "exports"
    __table_args__ = (Index("exports_of_a_tenant", "tenant_id", "id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(String(254))
    schedule: Mapped[str | None] = mapped_column(String(63))
    view: Mapped[str] = mapped_column(String(60))
    filters: Mapped[dict[str, Any]]
    as_of: Mapped[date]
    snapshot_seq: Mapped[int | None]
    format: Mapped[str] = mapped_column(String(10))
    rows: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    went_to: Mapped[str] = mapped_column(ForeignText(500))
    outcome: Mapped[str] = mapped_column(String(20))
    said: Mapped[str | None] = mapped_column(ForeignText())


class OutboxRow(Base):
    """One intended effect: proposed, approved where that is asked for, dispatched once, its outcome
    on the same row.

    `receipt` numbers a tenant's actions; `bill_id` is the record it is about, `result_id` the one
    it made, `link` where a customer can pay. `expected` must still be so when it is sent. `sends`
    counts how often it went out, the first time at `sent_at`; what BILL does not show at `quiet_at`
    may be sent again.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("tenant_id", "idempotency_key"),
        Index("outbox_by_status", "status", "id"),
        Index("outbox_by_receipt", "tenant_id", "receipt", unique=True),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    idempotency_key: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    receipt: Mapped[int]
    bill_id: Mapped[str] = mapped_column(String(40))
    document: Mapped[str] = mapped_column(ForeignText(120))
    input: Mapped[dict[str, Any]]
    expected: Mapped[dict[str, Any]]
    preview: Mapped[str] = mapped_column(ForeignText())
    amount: Mapped[Decimal | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(20))
    proposed_by: Mapped[str] = mapped_column(String(254))
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(String(254))
    approved_at: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(120))
    lease_expires_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    is_sent: Mapped[bool] = mapped_column(default=False)
    sends: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    quiet_at: Mapped[datetime | None]
    result_id: Mapped[str | None] = mapped_column(ForeignText(40))
    link: Mapped[str | None] = mapped_column(ForeignText())
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(ForeignText())


class CustomerNote(Base):
    """A note on a customer, or what it promised to pay; kept here, not in BILL."""

    __tablename__ = "customer_notes"
    __table_args__ = (Index("notes_of_a_customer", "tenant_id", "customer_id", "id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"))
    customer_id: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(ForeignText())
    promised_on: Mapped[date | None]
    amount: Mapped[Decimal | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    noted_by: Mapped[str] = mapped_column(String(254))
    noted_at: Mapped[datetime]


class FleetLink(Base):
    """A tenant's FleetFlow: its mapping, its sealed secrets, and how far each way is.

    One process at a time works at it, under a lease. `place` is the last row written of the pass
    over statuses that began with snapshot `pass_seq` at `pushed_at`; `pushed_seq` is the last of
    which all is written. `loads_after` is the last id of pass `loads_pass` over loads, empty
    between passes. `hold_digest` is of the list last told, `hold_place` the snapshot and day it was
    last looked at.
    """

    __tablename__ = "fleet_links"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    mapping: Mapped[dict[str, Any]]
    sealed: Mapped[str] = mapped_column(Text)
    connected_by: Mapped[str] = mapped_column(String(254))
    connected_at: Mapped[datetime]
    owner: Mapped[str | None] = mapped_column(String(120))
    lease_expires_at: Mapped[datetime | None]
    claims: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    said: Mapped[str | None] = mapped_column(ForeignText())
    pass_seq: Mapped[int | None]
    place: Mapped[str] = mapped_column(ForeignText(), default="")
    pushed_seq: Mapped[int | None]
    pushed_at: Mapped[datetime | None]
    loads_pass: Mapped[int] = mapped_column(default=0)
    loads_after: Mapped[str] = mapped_column(ForeignText(), default="")
    loads_read_at: Mapped[datetime | None]
    hold_digest: Mapped[str | None] = mapped_column(String(64))
    hold_place: Mapped[str | None] = mapped_column(String(40))


class FleetLoad(Base):
    """A load of FleetFlow's, as it was last read.

    What of it cannot be used is empty and `fault` says so. `read_pass` is the last pass over
    FleetFlow's table that saw it, 0 of a file's; `gone_at` when one no longer did. `bill_key` names
    the one proposal that may bill it.
    """

    __tablename__ = "fleet_loads"
    __table_args__ = (
        Index("fleet_loads_by_delivery", "tenant_id", "delivered_on"),
        Index("fleet_loads_by_bill", "tenant_id", "bill_key"),
    )

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    load_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    number: Mapped[str] = mapped_column(ForeignText(100))
    customer: Mapped[str] = mapped_column(ForeignText(100))
    amount: Mapped[Decimal | None]
    currency: Mapped[str] = mapped_column(ForeignText(3))
    delivered_on: Mapped[date | None]
    fault: Mapped[str | None] = mapped_column(ForeignText(200))
    read_pass: Mapped[int] = mapped_column(default=0)
    gone_at: Mapped[datetime | None]
    bill_key: Mapped[str | None] = mapped_column(String(80))


class FleetEvent(Base):
    """A hold list to be told by webhook: its bytes are kept, so that every try is the same.

    `status`: pending, delivered, replaced (a newer list took its place) or refused.
    """

    __tablename__ = "fleet_events"
    __table_args__ = (Index("fleet_events_of_a_tenant", "tenant_id", "id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    webhook_id: Mapped[str] = mapped_column(String(80), unique=True)
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    said: Mapped[str | None] = mapped_column(ForeignText())
    delivered_at: Mapped[datetime | None]


class SavedViewRow(Base):
    """A list as somebody likes to see it: a page, and what it is narrowed to."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("tenant_id", "user_id", "page", "name"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    page: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(ForeignText(60))
    filters: Mapped[dict[str, Any]]
    is_shared: Mapped[bool]
    saved_at: Mapped[datetime]


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


class KeyDesk(Base):
    """Who calls with a developer key, who waits, and what its hour has left.

    `state` is a `billcom.admission.Desk` as JSON text; `scope` a hash of the key. One row, so
    that every decision about a key is one short transaction.
    """

    __tablename__ = "key_desks"

    scope: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(Text)


class BillSession(Base):
    """A tenant's session at BILL, sealed; and what keeps sign-ins few.

    `credentials_hash` ties it to the credentials that made it. One sign-in at a time holds
    `sign_in_lease_at`; `refused_until` and `refusal` keep what BILL said of bad ones.
    """

    __tablename__ = "bill_sessions"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    credentials_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealed: Mapped[str | None] = mapped_column(Text)
    used_at: Mapped[datetime | None]
    sign_in_lease_at: Mapped[datetime | None]
    refused_until: Mapped[datetime | None]
    refusal: Mapped[str | None] = mapped_column(ForeignText())


class CircuitRow(Base):
    """The circuit of a tenant and a host of BILL (billcom.breaker); no row means closed."""

    __tablename__ = "circuits"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    host: Mapped[str] = mapped_column(String(300), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    failures: Mapped[int]
    trips: Mapped[int]
    retry_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class Alert(Base):
    """Something an administrator must know; one open alert of a kind a tenant."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "one_open_alert_of_a_kind",
            "tenant_id",
            "kind",
            unique=True,
            sqlite_where=text("cleared_at is null"),
            postgresql_where=text("cleared_at is null"),
        ),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    kind: Mapped[str] = mapped_column(String(60))
    sentence: Mapped[str] = mapped_column(ForeignText())
    raised_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]


class Letter(Base):
    """One mail to a customer or to administrators: a row before it is sent, its outcome on it.

    `kind`: alert, failed_payment, receipt or reminder; `about`: the customer's name, or the kind of
    alert. `once` names what is written once: an alert, or a kind, customer and day. Subject and
    text are those that were handed over.
    """

    __tablename__ = "letters"
    __table_args__ = (
        UniqueConstraint("tenant_id", "once"),
        Index("letters_by_status", "status", "id"),
        Index("letters_of_a_customer", "tenant_id", "customer_id", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    kind: Mapped[str] = mapped_column(String(20))
    customer_id: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(ForeignText(200))
    once: Mapped[str] = mapped_column(String(120))
    recipients: Mapped[list[Any]]
    subject: Mapped[str] = mapped_column(ForeignText(200))
    text: Mapped[str] = mapped_column(ForeignText())
    status: Mapped[str] = mapped_column(String(20))
    written_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(120))
    lease_expires_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(ForeignText())


class NoticeRow(Base):
    """What a letter tells of: a document, or an alert, once; of reminders, each step once."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("tenant_id", "customer_id", "kind", "document_id", "step"),
        Index("notices_of_a_letter", "letter_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"))
    customer_id: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    document_id: Mapped[str] = mapped_column(String(40))
    step: Mapped[int]


class Suppression(Base):
    """Who is written to no more, or what is not reminded of: an address, customer or invoice."""

    __tablename__ = "suppressions"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(254), primary_key=True)
    reason: Mapped[str] = mapped_column(ForeignText(500))
    added_by: Mapped[str] = mapped_column(String(254))
    added_at: Mapped[datetime]


class BillCall(Base):
    """One call that went out to BILL (billcom.telemetry.Call); kept for thirty days."""

    __tablename__ = "bill_calls"
    __table_args__ = (Index("bill_calls_by_time", "at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    at: Mapped[datetime]
    endpoint: Mapped[str] = mapped_column(String(120))
    status: Mapped[int | None]
    codes: Mapped[str] = mapped_column(String(120))
    error: Mapped[str] = mapped_column(String(60))
    attempt: Mapped[int]
    waited_s: Mapped[float]
    taken_s: Mapped[float]
    size_bytes: Mapped[int]


class BillCallTotal(Base):
    """All calls ever of a tenant, endpoint and error class: sums that only grow."""

    __tablename__ = "bill_call_totals"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    endpoint: Mapped[str] = mapped_column(String(120), primary_key=True)
    error: Mapped[str] = mapped_column(String(60), primary_key=True)
    calls: Mapped[int]
    taken_s: Mapped[float]
    waited_s: Mapped[float]
    size_bytes: Mapped[int] = mapped_column(BigInteger)


class WebhookSubscription(Base):
    """BILL's subscription of a tenant, one at most. `sealed`: what was asked for until BILL has
    answered, its security key from then on; of the token in its address only the hash is kept.

    `status`: asked, on, or what BILL said last: disabled, gone.
    """

    __tablename__ = "webhook_subscriptions"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    bill_id: Mapped[str | None] = mapped_column(ForeignText(64))
    url: Mapped[str] = mapped_column(String(500))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sealed: Mapped[str]
    status: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    received: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)


class WebhookEvent(Base):
    """An event that BILL told, a hint only: handled once a sync that began later succeeded."""

    __tablename__ = "webhook_events"
    __table_args__ = (
        UniqueConstraint("tenant_id", "event_id"),
        Index("waiting_webhook_events", "handled_at", "tenant_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    event_id: Mapped[str] = mapped_column(ForeignText(80))
    type: Mapped[str] = mapped_column(ForeignText(60))
    record_id: Mapped[str | None] = mapped_column(ForeignText(64))
    happened_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(ForeignText(200))


class WebhookTally(Base):
    """What came to a tenant's address in a clock hour, by what became of it: taken, repeated (told
    before), unsigned, too_large."""

    __tablename__ = "webhook_tallies"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20), primary_key=True)
    deliveries: Mapped[int]
