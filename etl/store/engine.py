"""Opening the operational store: its sessions and its migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from etl.errors import StoreError
from etl.settings import Settings
from etl.store.databases import Database, database_of

__all__ = ["HEAD", "Store", "open_store"]

HEAD = "0014"  # the newest file in migrations/versions; a test holds the two together
MIGRATIONS = Path(__file__).parent / "migrations"


class Store:
    """Sessions of the operational store. A database that fails raises StoreError."""

    def __init__(self, database: Database) -> None:
        self.engine = database.engine
        self._database = database
        self._sessions = sessionmaker(database.engine, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back on an error."""
        with self._told(), self._sessions.begin() as session:
            yield session

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A bare connection in one transaction, for what must be quick."""
        with self._told(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads, sees one state throughout, and waits for no writer."""
        with self._told(), self._sessions(bind=self._database.reader) as session:
            yield session

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as failure:
            raise StoreError(self._database.told(failure)) from failure


def open_store(settings: Settings) -> Store:
    """The store, migrated to the newest version. Raises StoreError with a sentence."""
    _make_folder(settings.data_dir)
    database = database_of(settings)
    try:
        _migrate(database)
    except (OSError, DBAPIError) as failure:
        raise StoreError(database.told(failure)) from None
    return Store(database)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as failure:
        raise StoreError(
            f"The data folder {folder} cannot be used ({failure}): check TIEOUT_DATA_DIR and its "
            "permissions."
        ) from None


def _migrate(database: Database) -> None:
    with database.reader.connect() as connection:
        if _version(connection) == HEAD:
            return
    with database.migrating() as connection:
        if _version(connection) != HEAD:
            _upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    # Alembic takes a while to import and is rarely needed.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util.exc import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise StoreError(
            "The operational store was written by a newer Tieout: update this one."
        ) from None
