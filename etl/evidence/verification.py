"""Whether an evidence pack is whole, and whether its data still says the same."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from etl.errors import NoSnapshotError, TieoutError, UsageError
from etl.evidence.document import read_narrowing, read_question
from etl.evidence.pack import FILES, FORMAT, MANIFEST, proving_files
from etl.reading import Reader
from etl.store import audit
from etl.store.access import command_line_grant
from etl.store.engine import Store
from etl.store.tenants import find_tenant

__all__ = ["Verdict", "read_pack", "verify"]

# What zipfile and json raise for files that are no zip, damaged, sealed, or hold something else.
UNREADABLE = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, RuntimeError)
MOST_BYTES = 2**30  # unpacked, of one file: more is no evidence of ours


@dataclass(frozen=True, slots=True)
class PackFiles:
    """What a pack holds: its manifest, the other files, and the SHA-256 of the zip."""

    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]
    sha256: str

    @property
    def altered(self) -> tuple[str, ...]:
        """The files that are not what the manifest says."""
        said = self.manifest.get("files")
        hashes = said if isinstance(said, dict) else {}
        return tuple(
            name
            for name in FILES
            if hashes.get(name) != hashlib.sha256(self.files[name]).hexdigest()
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of a pack.

    `altered`: files that are not what the manifest says. `taken`: the audit trail's word, or None
    where it knows of no such file. `data`: `same`, `differs`, `altered`, `gone` or `elsewhere`, for
    a snapshot that gives the same again, gives something else, is not the file it was, is no longer
    held, or is of a tenant that is not here.
    """

    altered: tuple[str, ...]
    taken: str | None
    data: str
    differing: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        is_known = self.taken is not None or self.data == "elsewhere"
        return not self.altered and is_known and self.data in {"same", "gone", "elsewhere"}

    def sentences(self) -> list[str]:
        """For a person, one a line."""
        names = ", ".join(self.altered)
        return [
            f"Altered since it was taken: {names}." if self.altered else "Every file is as taken.",
            self.taken or "The audit trail knows no such pack: it was changed, or not taken here.",
            self._of_data(),
        ]

    def _of_data(self) -> str:
        match self.data:
            case "same":
                return "Its snapshot is held and gives the same again."
            case "gone":
                return "Its snapshot is no longer held: it cannot be worked out again."
            case "elsewhere":
                return "Its tenant is not here: only the hashes could be compared."
            case "altered":
                return "Its snapshot's file is not the one it was taken from."
        return f"Its snapshot is held and gives something else: {', '.join(self.differing)}."


def read_pack(path: Path) -> PackFiles:
    """The files of a pack; UsageError where it is none."""
    try:
        content = path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            found = {info.filename: _unpacked(archive, info) for info in archive.infolist()}
        manifest = json.loads(found.pop(MANIFEST), parse_float=Decimal)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ):
        raise _no_pack(path) from None
    is_ours = isinstance(manifest, dict) and manifest.get("format") == FORMAT
    if not is_ours or set(found) != set(FILES):
        raise _no_pack(path)
    return PackFiles(manifest, found, hashlib.sha256(content).hexdigest())


def _no_pack(path: Path) -> UsageError:
    return UsageError(f"{path} is not a whole evidence pack of tieout explain --pack.")


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.file_size > MOST_BYTES:
        raise zipfile.BadZipFile
    return archive.read(info)


def verify(path: Path, reader: Reader, store: Store) -> Verdict:
    """Compares a pack with itself, with the audit trail, and with its snapshot where it is held."""
    pack = read_pack(path)
    with store.read() as session:
        entry = audit.sealed(session, "evidence.taken", pack.sha256)
        taken = None
        if entry:
            taken = f"Taken by {entry.actor} at {entry.at.isoformat(timespec='seconds')}."
    data, differing = _again(pack, reader, store)
    return Verdict(pack.altered, taken, data, differing)


def _again(pack: PackFiles, reader: Reader, store: Store) -> tuple[str, tuple[str, ...]]:
    manifest = pack.manifest
    try:
        seq, sha256 = manifest["snapshot"]["seq"], manifest["snapshot"]["sha256"]
        slug, metric = str(manifest["tenant"]), str(manifest["metric"])
        question, narrowing = read_question(manifest["question"]), read_narrowing(manifest)
    except (KeyError, TypeError, ValueError):
        raise UsageError("The pack's manifest does not say what it was taken from.") from None
    try:
        with store.read() as session:
            grant = command_line_grant(find_tenant(session, slug))
    except TieoutError:
        return "elsewhere", ()
    published = reader.published_as(grant, seq) if isinstance(seq, int) else None
    if published is None:
        return "gone", ()
    if not question.known_on and (held := reader.file_digest(grant, seq)) != sha256:
        return ("altered" if held else "gone"), ()
    try:
        explanation = reader.explanation(grant, metric, question, seq, narrowing)
    except NoSnapshotError:
        return "gone", ()
    except TieoutError:
        return "differs", FILES
    return _compared(pack.files, proving_files(grant, explanation, published))


def _compared(
    taken: Mapping[str, bytes], again: Mapping[str, bytes]
) -> tuple[str, tuple[str, ...]]:
    differing = tuple(name for name in FILES if taken[name] != again[name])
    return ("differs" if differing else "same"), differing
