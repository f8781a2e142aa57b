"""Where a tenant's files are."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from etl.settings import Settings

__all__ = ["TenantFolder", "folder_of"]

DIGITS = 16  # of a fingerprint: enough to tell what one tenant ever published


@dataclass(frozen=True, slots=True)
class TenantFolder:
    """One tenant's folder; no other tenant's file is ever in it."""

    path: Path

    @property
    def work(self) -> Path:
        """The writer's file."""
        return self.path / "work.duckdb"

    @property
    def snapshots(self) -> Path:
        """The folder of published snapshots."""
        return self.path / "snapshots"

    def snapshot(self, seq: int) -> Path:
        """The file of one snapshot."""
        return self.snapshots / f"{seq:08d}.duckdb"

    @property
    def known(self) -> Path:
        """The folder of snapshots of what was known on a day."""
        return self.snapshots / "known"

    def known_file(self, known_on: date, fingerprint: str) -> Path:
        """The file of what was known on a day, by the fingerprint of what it is made of."""
        return self.known / f"{known_on:%Y%m%d}-{fingerprint[:DIGITS]}.duckdb"

    def known_files(self, known_on: date) -> list[Path]:
        """Those there are of a day: one, but for the moment in which another takes its place."""
        return sorted(self.known.glob(f"{known_on:%Y%m%d}-{'[0-9a-f]' * DIGITS}.duckdb"))


def folder_of(settings: Settings, slug: str) -> TenantFolder:
    """A tenant's folder. The slug was checked when the tenant was added."""
    return TenantFolder(settings.warehouse_dir / slug)
