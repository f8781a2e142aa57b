"""Everything the environment may say, read once into one frozen object."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from etl.errors import SettingsError

__all__ = [
    "LOOPBACK",
    "Provider",
    "Settings",
    "bill_environment",
    "fleetflow_variable",
    "load_settings",
    "storage_keys",
    "user_password",
]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ROOT = Path(__file__).resolve().parent.parent
BILLCOM_VARIABLES = (
    "BILLCOM_API_KEY",
    "BILLCOM_USERNAME",
    "BILLCOM_PASSWORD",
    "BILLCOM_ORG_ID",
    "BILLCOM_ENVIRONMENT",
)


WAYS_IN = ("both", "password", "provider")


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID Connect provider that people may sign in with."""

    client_id: str
    client_secret: str = field(repr=False)
    metadata_url: str


@dataclass(frozen=True, slots=True)
class Settings:
    """`data_dir` absolute; times in seconds; `secret_key` None means: kept in `data_dir`.

    `password_days` 0 lets passwords grow old; `sign_in_by` is both, password or provider.
    """

    data_dir: Path
    database_url: str = field(repr=False)
    secret_key: str | None = field(repr=False)
    sync_every_s: int
    hourly_budget: int
    key_hourly_budget: int
    lookback_s: int
    idle_s: int
    visit_s: int
    password_days: int
    public_url: str
    embed_origins: tuple[str, ...]
    sign_in_by: str
    provider: Provider | None
    smtp_url: str | None = field(repr=False)
    smtp_from: str | None

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
        idle_s=_whole(env, "TIEOUT_IDLE_S", default=4 * 3600, least=60),
        visit_s=_whole(env, "TIEOUT_VISIT_S", default=12 * 3600, least=60),
        password_days=_whole(env, "TIEOUT_PASSWORD_DAYS", default=0, least=0),
        public_url=_web_address(
            "TIEOUT_PUBLIC_URL", env.get("TIEOUT_PUBLIC_URL") or "http://127.0.0.1:8501"
        ),
        embed_origins=tuple(
            _web_address("TIEOUT_EMBED_ORIGINS", origin)
            for origin in env.get("TIEOUT_EMBED_ORIGINS", "").split()
        ),
        sign_in_by=_way_in(env),
        provider=_provider(env),
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


def _web_address(name: str, text: str) -> str:
    """An origin such as https://tieout.example; plain HTTP only to this machine."""
    parts = urlsplit(text)
    is_here = parts.scheme == "http" and parts.hostname in LOOPBACK
    plain = re.fullmatch(r"https?://[a-zA-Z0-9.:\[\]-]+/?", text)
    if plain is None or not (parts.scheme == "https" or is_here):
        raise SettingsError(
            f"{name} must hold addresses like https://tieout.example, not “{text}”."
        )
    return text.rstrip("/")


def _way_in(env: Mapping[str, str]) -> str:
    way = env.get("TIEOUT_SIGN_IN_BY") or "both"
    if way not in WAYS_IN:
        raise SettingsError(f"TIEOUT_SIGN_IN_BY must be one of {', '.join(WAYS_IN)}, not “{way}”.")
    if way == "provider" and _provider(env) is None:
        raise SettingsError("TIEOUT_SIGN_IN_BY is provider: set TIEOUT_OIDC_CLIENT_ID with it.")
    return way


def _provider(env: Mapping[str, str]) -> Provider | None:
    names = ("TIEOUT_OIDC_CLIENT_ID", "TIEOUT_OIDC_CLIENT_SECRET", "TIEOUT_OIDC_METADATA_URL")
    given = [env.get(name) or "" for name in names]
    if not any(given):
        return None
    if not all(given):
        missing = names[given.index("")]
        raise SettingsError(f"{missing} is missing: a provider needs {', '.join(names)}.")
    return Provider(*given)


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


def fleetflow_variable(name: str, env: Mapping[str, str] | None = None) -> str:
    """A variable that a mapping names, FLEETFLOW_…, to be sealed; SettingsError without it."""
    env = os.environ if env is None else env
    if not env.get(name):
        raise SettingsError(f"{name} is not set: the mapping names it, so give it a value.")
    return env[name]


def storage_keys(env: Mapping[str, str] | None = None) -> tuple[str, str] | None:
    """AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, to be sealed with an export's schedule."""
    env = os.environ if env is None else env
    key_id, secret = env.get("AWS_ACCESS_KEY_ID"), env.get("AWS_SECRET_ACCESS_KEY")
    return (key_id, secret) if key_id and secret else None


def user_password(env: Mapping[str, str] | None = None) -> str | None:
    """TIEOUT_USER_PASSWORD, for adding users from a script."""
    env = os.environ if env is None else env
    return env.get("TIEOUT_USER_PASSWORD") or None
