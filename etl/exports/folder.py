"""Exports into a folder of this machine."""

import os
from pathlib import Path

from etl.errors import DeliveryError
from etl.exports.parcel import Parcel

__all__ = ["into_folder", "write_whole"]


def into_folder(parcel: Parcel, path: str) -> str:
    """Writes the file and, beside it, its facts; gives the file's path."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{parcel.name}.facts.json", parcel.facts_json.encode())
        write_whole(folder / parcel.name, parcel.content)
    except OSError as error:
        raise DeliveryError(
            f"The folder {folder} cannot be written ({error.strerror}): make room for it, or "
            "correct its permissions."
        ) from None
    return str(folder / parcel.name)


def write_whole(path: Path, content: bytes) -> None:
    """Whole or not at all: a reader never sees half a file."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
