"""The installation itself: settings, data folder, operational store, secret key."""

import os
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from etl.doctor.check import Check
from etl.doctor.finding import Finding, failed, ok, skipped, warning
from etl.errors import StoreError
from etl.mail.smtp import can_mail, knock
from etl.settings import Settings, load_settings
from etl.store import audit
from etl.store.engine import HEAD, Store, open_store
from etl.store.models import Tenant
from etl.store.secrets import SecretBox, open_box
from etl.store.tenants import all_tenants

__all__ = ["HOUSE", "House", "room"]

LOW_BYTES, LEAST_BYTES = 2 * 10**9, 2 * 10**8


@dataclass(slots=True)
class House:
    """What the checks open, each for those that follow."""

    env: Mapping[str, str] | None = None
    settings: Settings | None = None
    store: Store | None = None
    box: SecretBox | None = None

    @property
    def known_settings(self) -> Settings:
        """The settings; only asked for once they were read."""
        if self.settings is None:
            raise StoreError("The settings were not read.")
        return self.settings

    @property
    def open_store(self) -> Store:
        """The store; only asked for once it was opened."""
        if self.store is None:
            raise StoreError("The operational store is not open.")
        return self.store


def settings(house: House) -> Finding:
    """Whether every variable makes sense."""
    house.settings = load_settings(house.env)
    return ok(f"read; data in {house.settings.data_dir}")


def data_folder(house: House) -> Finding:
    """Whether it is there, writable, its owner's alone, and on a disk with room."""
    folder = house.known_settings.data_dir
    if not folder.is_dir():
        return failed(
            f"{folder} is not there",
            "set TIEOUT_DATA_DIR to where the data is; for a new installation, tieout tenant add "
            "makes the folder",
        )
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return failed(f"{folder} cannot be written", f"chown it to this user: {folder}")
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        return warning(f"{folder} is open to other users of this machine", f"chmod 700 {folder}")
    return room(folder)


def room(folder: Path) -> Finding:
    """What is free on the folder's disk."""
    free = shutil.disk_usage(folder).free
    said = f"{folder}, {free / 10**9:.1f} GB free"
    if free < LEAST_BYTES:
        return failed(said, "make room on its disk: a sync cannot publish")
    return ok(said) if free >= LOW_BYTES else warning(said, "make room on its disk soon")


def operational_store(house: House) -> Finding:
    """Whether it opens, and is of this version."""
    house.store = open_store(house.known_settings)
    with house.store.read() as session:
        version = session.scalar(text("select version_num from alembic_version"))
        count = len(all_tenants(session))
    if version != HEAD:
        return failed(f"version {version}, not {HEAD}", "update Tieout and start it once")
    return ok(f"version {version}; tenants: {count}")


def audit_trail(house: House) -> Finding:
    """Whether no entry was changed or removed."""
    with house.open_store.read() as session:
        broken = audit.first_break(session)
    if broken is None:
        return ok("whole")
    return failed(
        f"entry {broken} is not as it was written, or the one before it is gone",
        "find out who could write to the store; restore it from a backup of before",
    )


def secret_key(house: House) -> Finding:
    """Whether it opens the credentials of every tenant."""
    known = house.known_settings
    with house.open_store.read() as session:
        tenants = all_tenants(session)
    kept = known.data_dir / "secret.key"
    if not known.secret_key and not kept.exists():
        if tenants:
            return failed(f"{kept} is gone", _give_anew(tenants))
        return skipped("there is none yet: it is made with the first tenant")
    house.box = box = open_box(known)
    closed = [tenant for tenant in tenants if not _opens(box, tenant)]
    if closed:
        names = ", ".join(tenant.slug for tenant in closed)
        return failed(
            f"the credentials of {names} were sealed with another key", _give_anew(closed)
        )
    if not known.secret_key and stat.S_IMODE(kept.stat().st_mode) & 0o077:
        return warning(f"{kept} can be read by other users", f"chmod 600 {kept}")
    return ok(f"opens the credentials kept; tenants: {len(tenants)}")


def _opens(box: SecretBox, tenant: Tenant) -> bool:
    try:
        box.open(tenant.credentials)
    except StoreError:
        return False
    return True


def _give_anew(tenants: list[Tenant]) -> str:
    slugs = "; ".join(f"tieout tenant credentials {tenant.slug}" for tenant in tenants)
    return f"restore secret.key or TIEOUT_SECRET_KEY from the backup, or give them anew: {slugs}"


def mail(house: House) -> Finding:
    """Whether there is a mail server, and it lets us in."""
    if not can_mail(house.known_settings):
        return skipped("no mail server is set", "set TIEOUT_SMTP_URL and TIEOUT_SMTP_FROM")
    knock(house.known_settings)
    return ok(f"lets us in; mail comes from {house.known_settings.smtp_from}")


HOUSE = (
    Check("settings", settings),
    Check("data folder", data_folder, needs=("settings",)),
    Check("mail", mail, needs=("settings",)),
    Check("operational store", operational_store, needs=("data folder",)),
    Check("audit trail", audit_trail, needs=("operational store",)),
    Check("secret key", secret_key, needs=("operational store",)),
)
