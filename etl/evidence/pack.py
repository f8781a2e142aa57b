"""A zip that proves a figure: what entered it and what did not, with a hash of every file."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from etl.evidence.document import as_document, narrowing_facts, question_facts
from etl.explanations.explanation import Explanation
from etl.exports import make_export
from etl.reading import Published
from etl.store.access import Grant

__all__ = ["FILES", "FORMAT", "MANIFEST", "Pack", "Taking", "make_pack", "proving_files"]

FORMAT = 1
MANIFEST = "manifest.json"
FILES = (
    "README.txt",
    "figure.csv",
    "inputs.csv",
    "exclusions.csv",
    "rates.csv",
    "explanation.json",
    "checks.json",
)
# A zip keeps when its files were changed: always the first moment it knows.
STAMP = (1980, 1, 1, 0, 0, 0)

README = """\
Evidence for {title} ({metric}) of {tenant_name} ({tenant})
at the end of {as_of}, in the days of {time_zone}.

What it says: {definition}

figure.csv        the figure
inputs.csv        every document or event that enters it, the columns it counts in, and its amount
exclusions.csv    every document or event that was looked at and left out, and why
rates.csv         the exchange rates that were used; empty where none was
explanation.json  definition, formula with its sums, counts, reasons, age of the data
checks.json       what was compared with BILL when the data was published, and what differed; empty
                  where the figure is of what was known on a past day
manifest.json     the SHA-256 of every file, what was asked, and of which data

The amounts of inputs.csv, added up by the columns they count in, give the money of figure.csv to
the cent; explanation.json says so under adds_up. Amounts are plain decimals; text that a
spreadsheet would run has an apostrophe in front.

The same question of the same data gives the same files, byte for byte. Only manifest.json differs
from one taking to the next, under taking: who took it, when, when BILL had last been read, and the
hash at the head of the audit trail.

tieout explain --verify FILE compares the hashes, and, while the data is still held, works all of
it out again.
"""


@dataclass(frozen=True, slots=True)
class Taking:
    """What differs from one pack of the same figure to the next."""

    at: datetime
    by: str
    audit_head: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A zip and a name for it, in which nothing is that a person typed."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Of the whole file."""
        return hashlib.sha256(self.content).hexdigest()


def make_pack(
    grant: Grant,
    explanation: Explanation,
    published: Published,
    *,
    snapshot_sha256: str | None,
    taking: Taking,
) -> Pack:
    """The pack of an explanation that holds all its inputs and exclusions."""
    files = proving_files(grant, explanation, published)
    manifest = _manifest(grant, explanation, published, snapshot_sha256, taking)
    manifest["files"] = {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    figures = explanation.figures
    name = f"{grant.tenant}-{figures.metric.name}-{figures.as_of.isoformat()}-evidence.zip"
    return Pack(name, _zipped({**files, MANIFEST: _json(manifest)}))


def proving_files(grant: Grant, explanation: Explanation, published: Published) -> dict[str, bytes]:
    """All files but the manifest: the same for the same question and snapshot."""
    tables = {
        "figure.csv": explanation.figures,
        "inputs.csv": explanation.inputs,
        "exclusions.csv": explanation.exclusions,
        "rates.csv": explanation.rates,
    }
    content = {name: make_export(grant, of, published).content for name, of in tables.items()}
    content["README.txt"] = _readme(grant, explanation).encode()
    content["explanation.json"] = _json(
        as_document(grant, explanation, published, with_lists=False)
    )
    content["checks.json"] = _json(_checks(explanation, published))
    return {name: content[name] for name in FILES}


def _checks(explanation: Explanation, published: Published) -> list[dict[str, Any]]:
    """None of what was known on a day: the checks are of what is published now."""
    return [] if explanation.figures.question.known_on else list(published.checks)


def _readme(grant: Grant, explanation: Explanation) -> str:
    figures = explanation.figures
    return README.format(
        title=figures.metric.title,
        metric=figures.metric.name,
        definition=figures.metric.definition,
        tenant=grant.tenant,
        tenant_name=" ".join(grant.tenant_name.split()),
        as_of=figures.as_of.isoformat(),
        time_zone=grant.time_zone,
    )


def _manifest(
    grant: Grant,
    explanation: Explanation,
    published: Published,
    snapshot_sha256: str | None,
    taking: Taking,
) -> dict[str, Any]:
    figures = explanation.figures
    return {
        "format": FORMAT,
        "metric": figures.metric.name,
        "tenant": grant.tenant,
        "as_of": figures.as_of.isoformat(),
        "time_zone": grant.time_zone,
        "question": question_facts(figures.question),
        **narrowing_facts(explanation.narrowing),
        "snapshot": {"seq": published.seq, "sha256": snapshot_sha256},
        "taking": {
            "at": taking.at.isoformat(timespec="seconds"),
            "by": taking.by,
            "bill_read_at": published.read_at.isoformat(timespec="seconds"),
            "audit_head": taking.audit_head,
        },
    }


def _json(document: Any) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same on every system
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, compresslevel=6)
    return whole.getvalue()
