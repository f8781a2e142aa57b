"""Everything the environment may say, read once into one frozen object."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from etl.errors import SettingsError

__all__ = ["Settings", "bill_environment", "load_settings", "storage_keys", "user_password"]

ROOT = Path(__file__).resolve().parent.parent
BILLCOM_VARIABLES = (
    "BILLCOM_API_KEY",
    "BILLCOM_USERNAME",
    "BILLCOM_PASSWORD",
    "BILLCOM_ORG_ID",
    "BILLCOM_ENVIRONMENT",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """`data_dir` absolute; times in seconds; `secret_key` None means: kept in `data_dir`."""

    data_dir: Path
    database_url: str = field(repr=False)
    secret_key: str | None = field(repr=False)
    sync_every_s: int
    hourly_budget: int
    key_hourly_budget: int
    lookback_s: int
    smtp_url: str | None = field(default=None, repr=False)
    smtp_from: str | None = None

    @property
    def warehouse_dir(self) -> Path:
        """The folder with one folder a tenant."""
        return self.data_dir / "warehouse"


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Settings of `env` (the process's own by default). Raises SettingsError naming a variable."""
    env = os.environ if env is None else env
    data_dir = Path(env.get("TIEOUT_DATA_DIR") or ROOT / "data").expanduser().absolute()
    return Settings(
        data_dir=data_dir,
        database_url=_database_url(env, data_dir),
        secret_key=env.get("TIEOUT_SECRET_KEY") or None,
        sync_every_s=_whole(env, "TIEOUT_SYNC_EVERY_S", default=300, least=5),
        hourly_budget=_whole(env, "TIEOUT_HOURLY_BUDGET", default=1000, least=1),
        key_hourly_budget=_whole(env, "TIEOUT_KEY_HOURLY_BUDGET", default=19_800, least=1),
        lookback_s=_whole(env, "TIEOUT_LOOKBACK_S", default=600, least=0),
        smtp_url=_smtp_url(env),
        smtp_from=env.get("TIEOUT_SMTP_FROM") or None,
    )


def _smtp_url(env: Mapping[str, str]) -> str | None:
    url = env.get("TIEOUT_SMTP_URL")
    if not url:
        return None
    if re.fullmatch(r"smtps?://(?:[^@/\s]+@)?[^@/:\s]+(?::\d{1,5})?/?", url):
        return url
    # The value itself is not told: it may hold a password.
    raise SettingsError(
        "TIEOUT_SMTP_URL must read smtp://user:password@host:587 or smtps://user:password@host:465,"
        " with signs like @ and / in a password written as %40 and %2F."
    )


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("TIEOUT_DATABASE_URL")
    if not url:
        return f"sqlite:///{data_dir / 'tieout.db'}"
    if url.startswith("sqlite:///") or _is_postgresql(url):
        return url
    # The value itself is not told: it may hold a password.
    raise SettingsError(
        "TIEOUT_DATABASE_URL must read postgresql://user:password@host/database or "
        "sqlite:///file, with signs like @ and / in a password written as %40 and %2F."
    )


def _is_postgresql(text: str) -> bool:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        return False
    if url.drivername != "postgresql" or not url.database:
        return False
    # A password among the options, or one whose second half is taken for the host, would be
    # shown wherever the address is.
    return "password" not in url.query and "@" not in (url.host or "")


def _whole(env: Mapping[str, str], name: str, *, default: int, least: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < least:
        raise SettingsError(f"{name} must be a whole number of at least {least}, not “{text}”.")
    return int(text)


def bill_environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """What BILL's users call their connection: the BILLCOM_ variables that are set."""
    env = os.environ if env is None else env
    return {name: env[name] for name in BILLCOM_VARIABLES if env.get(name)}


def storage_keys(env: Mapping[str, str] | None = None) -> tuple[str, str] | None:
    """AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, to be sealed with an export's schedule."""
    env = os.environ if env is None else env
    key_id, secret = env.get("AWS_ACCESS_KEY_ID"), env.get("AWS_SECRET_ACCESS_KEY")
    return (key_id, secret) if key_id and secret else None


def user_password(env: Mapping[str, str] | None = None) -> str | None:
    """TIEOUT_USER_PASSWORD, for adding users from a script."""
    env = os.environ if env is None else env
    return env.get("TIEOUT_USER_PASSWORD") or None
