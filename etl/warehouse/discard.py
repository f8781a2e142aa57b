"""Putting a tenant's files out of use at one stroke, and deleting them in peace."""

import shutil
from pathlib import Path

from etl.settings import Settings
from etl.warehouse.places import folder_of

__all__ = ["put_back", "set_aside", "sweep"]


def _discarded(settings: Settings, slug: str) -> Path:
    return settings.warehouse_dir / ".discarded" / slug  # no slug begins with a dot


def set_aside(settings: Settings, slug: str, name: str) -> None:
    """Takes a tenant's folder, where there is one, from its place under a name never used before.

    Renaming is one step: whoever is killed leaves all of the folder in place or none of it.
    """
    folder = folder_of(settings, slug).path
    if folder.exists():
        place = _discarded(settings, slug)
        place.mkdir(parents=True, exist_ok=True)
        folder.rename(place / name)


def put_back(settings: Settings, slug: str, name: str) -> None:
    """Takes `set_aside` back, where it found a folder."""
    aside = _discarded(settings, slug) / name
    if aside.exists():
        aside.rename(folder_of(settings, slug).path)


def sweep(settings: Settings, slug: str) -> None:
    """Deletes what was set aside, now or by one that was killed."""
    place = _discarded(settings, slug)
    if place.exists():
        shutil.rmtree(place)
