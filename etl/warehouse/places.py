"""Where a tenant's files are."""

from dataclasses import dataclass
from pathlib import Path

from etl.settings import Settings

__all__ = ["TenantFolder", "folder_of"]


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


def folder_of(settings: Settings, slug: str) -> TenantFolder:
    """A tenant's folder. The slug was checked when the tenant was added."""
    return TenantFolder(settings.warehouse_dir / slug)
