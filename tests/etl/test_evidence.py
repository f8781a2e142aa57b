"""Evidence packs: the same bytes for the same figure, every change found, every taking audited."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from etl.desk import Desk
from etl.errors import NoSnapshotError, UsageError
from etl.evidence.document import (
    narrowing_facts,
    question_facts,
    read_narrowing,
    read_question,
)
from etl.evidence.pack import FILES, MANIFEST, Pack
from etl.evidence.verification import Verdict, verify
from etl.explanations.explanation import EVERYTHING, Narrowing
from etl.metrics.figures import Question
from etl.reading import Reader
from etl.store import audit
from etl.store.models import AuditEntry
from etl.warehouse.places import folder_of
from tests.dashboard.world import World, make_world, publish
from tests.etl.books import golden

JUNE = Question(as_of=date(2025, 6, 30))
HOSTILE = '=HYPERLINK("http://x.example","pay")\r\n\x1b[31m../../etc/passwd'


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("evidence") / "data")
    yield made
    made.office.store.engine.dispose()


@pytest.fixture
def own_world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path / "data")
    yield made
    made.office.store.engine.dispose()


def taken(
    world: World, metric: str = "ar_aging", narrowing: Narrowing = EVERYTHING, slug: str = "harbor"
) -> Pack:
    desk, who = Desk(world.settings, world.office.store), world.people["alice"]
    seq = desk.published(who, slug).seq
    return desk.evidence(who, slug, metric, JUNE, seq, narrowing)


def files_of(pack: Pack) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pack.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def verdict(world: World, content: bytes, path: Path) -> Verdict:
    path.write_bytes(content)
    store = world.office.store
    return verify(path, Reader(world.settings, store), store)


def repacked(pack: Pack, change: Callable[[dict[str, bytes]], None]) -> bytes:
    files = files_of(pack)
    change(files)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return whole.getvalue()


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_a_pack_holds_what_it_says_with_a_hash_of_each(world: World) -> None:
    pack = taken(world)
    files = files_of(pack)
    assert list(files) == [*FILES, MANIFEST]
    manifest = json.loads(files[MANIFEST])
    assert manifest["files"] == {name: hashlib.sha256(files[name]).hexdigest() for name in FILES}
    assert (manifest["tenant"], manifest["as_of"], manifest["time_zone"]) == (
        "harbor",
        "2025-06-30",
        "UTC",
    )
    snapshot = folder_of(world.settings, "harbor").snapshot(manifest["snapshot"]["seq"])
    assert manifest["snapshot"]["sha256"] == hashlib.sha256(snapshot.read_bytes()).hexdigest()
    assert pack.name == "harbor-ar_aging-2025-06-30-evidence.zip"
    assert json.loads(files["explanation.json"])["adds_up"] is True
    assert {check["check"] for check in json.loads(files["checks.json"])} >= {"balances_match_bill"}


def test_its_inputs_add_up_to_its_figure(world: World) -> None:
    files = files_of(taken(world))
    (usd,) = [row for row in rows(files["figure.csv"]) if row["currency"] == "USD"]
    inputs = [row for row in rows(files["inputs.csv"]) if row["currency"] == "USD"]
    for column in ("current", "d31_60", "d91_plus", "gross", "unapplied", "net"):
        counted = [Decimal(row["amount"]) for row in inputs if column in row["columns"].split()]
        assert sum(counted) == Decimal(usd[column])
    assert rows(files["rates.csv"]) == []


def test_taken_again_only_the_taking_differs(world: World) -> None:
    first, second = files_of(taken(world)), files_of(taken(world))
    assert {name: first[name] for name in FILES} == {name: second[name] for name in FILES}
    before, after = json.loads(first[MANIFEST]), json.loads(second[MANIFEST])
    assert before.pop("taking")["audit_head"] != after.pop("taking")["audit_head"]
    assert before == after


def test_every_taking_is_in_the_audit_trail(own_world: World) -> None:
    with own_world.office.store.read() as session:
        head = audit.head(session)
    pack = taken(own_world)
    with own_world.office.store.read() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert (entry.what, entry.actor, entry.tenant) == (
            "evidence.taken",
            "alice@harbor.example",
            "harbor",
        )
        assert entry.detail == {"metric": "ar_aging", "sha256": pack.sha256}
        assert audit.first_break(session) is None
    assert json.loads(files_of(pack)[MANIFEST])["taking"]["audit_head"] == head


def test_a_whole_pack_holds(world: World, tmp_path: Path) -> None:
    narrowing = Narrowing((("currency", "USD"),), "d31_60")
    found = verdict(world, taken(world, narrowing=narrowing).content, tmp_path / "e.zip")
    assert found.holds
    assert found.data == "same"
    assert any(sentence.startswith("Taken by alice@harbor") for sentence in found.sentences())


def test_an_altered_file_is_named(world: World, tmp_path: Path) -> None:
    def alter(files: dict[str, bytes]) -> None:
        files["inputs.csv"] = files["inputs.csv"].replace(b"400.00", b"900.00")

    found = verdict(world, repacked(taken(world), alter), tmp_path / "e.zip")
    assert found.altered == ("inputs.csv",)
    assert (found.holds, found.taken) == (False, None)
    assert "Altered since it was taken: inputs.csv." in found.sentences()


def test_a_pack_altered_with_its_hashes_is_found_by_its_data_and_the_trail(
    world: World, tmp_path: Path
) -> None:
    def forge(files: dict[str, bytes]) -> None:
        files["figure.csv"] = files["figure.csv"].replace(b"1450.00", b"9450.00")
        manifest = json.loads(files[MANIFEST])
        manifest["files"]["figure.csv"] = hashlib.sha256(files["figure.csv"]).hexdigest()
        files[MANIFEST] = json.dumps(manifest).encode()

    found = verdict(world, repacked(taken(world), forge), tmp_path / "e.zip")
    assert found.altered == ()
    assert (found.data, found.differing, found.taken) == ("differs", ("figure.csv",), None)
    assert not found.holds


def test_a_pack_of_data_that_is_gone_still_holds(own_world: World, tmp_path: Path) -> None:
    pack = taken(own_world)
    seq = json.loads(files_of(pack)[MANIFEST])["snapshot"]["seq"]
    folder_of(own_world.settings, "harbor").snapshot(seq).unlink()
    found = verdict(own_world, pack.content, tmp_path / "e.zip")
    assert (found.data, found.holds) == ("gone", True)


def test_a_pack_of_a_later_snapshot_is_still_compared_with_its_own(
    own_world: World, tmp_path: Path
) -> None:
    pack = taken(own_world)
    publish(own_world.office, "harbor", golden(), findings=2)
    assert verdict(own_world, pack.content, tmp_path / "e.zip").data == "same"


def test_a_snapshot_whose_file_was_changed_is_told(own_world: World, tmp_path: Path) -> None:
    pack = taken(own_world)
    seq = json.loads(files_of(pack)[MANIFEST])["snapshot"]["seq"]
    with folder_of(own_world.settings, "harbor").snapshot(seq).open("ab") as file:
        file.write(b"more")
    found = verdict(own_world, pack.content, tmp_path / "e.zip")
    assert (found.data, found.holds) == ("altered", False)


def test_a_pack_of_another_house_is_compared_with_itself(world: World, tmp_path: Path) -> None:
    def elsewhere(files: dict[str, bytes]) -> None:
        files[MANIFEST] = files[MANIFEST].replace(b'"harbor"', b'"far-away"')

    found = verdict(world, repacked(taken(world), elsewhere), tmp_path / "e.zip")
    assert (found.data, found.holds) == ("elsewhere", True)


def without(name: str) -> Callable[[dict[str, bytes]], None]:
    def drop(files: dict[str, bytes]) -> None:
        files.pop(name)

    return drop


def with_manifest(**changed: Any) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        files[MANIFEST] = json.dumps(json.loads(files[MANIFEST]) | changed).encode()

    return change


@pytest.mark.parametrize(
    "change",
    [
        without(MANIFEST),
        without("inputs.csv"),
        with_manifest(format=99),
        with_manifest(snapshot=[]),
        with_manifest(question={"moon": "full"}),
        with_manifest(question={"as_of": 7}),
        with_manifest(row=["x"]),
        lambda files: files.update({MANIFEST: b"[1]"}),
        lambda files: files.update({MANIFEST: b"\xff"}),
        lambda files: files.update({"../../evil": b"x"}),
    ],
)
def test_what_is_no_pack_gets_one_sentence(
    world: World, tmp_path: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    with pytest.raises(UsageError, match="pack"):
        verdict(world, repacked(taken(world), change), tmp_path / "e.zip")


def test_names_that_would_do_something_stay_text(own_world: World) -> None:
    book = golden()
    book["customers"] = [
        record | {"name": HOSTILE} if record["id"] == "C1" else record
        for record in book["customers"]
    ]
    publish(own_world.office, "harbor", book)
    files = files_of(taken(own_world, "open_items"))
    names = {row["customer"] for row in rows(files["inputs.csv"]) if row["customer_id"] == "C1"}
    assert names == {f"'{HOSTILE}"}
    assert set(files) == {*FILES, MANIFEST}


def test_one_tenants_pack_holds_nothing_of_another(world: World) -> None:
    for slug, foreign in (("harbor", b"7777.77"), ("quay", b"1450.00")):
        assert all(foreign not in content for content in files_of(taken(world, slug=slug)).values())


def test_a_snapshot_there_never_was_cannot_be_proven(world: World) -> None:
    desk, who = Desk(world.settings, world.office.store), world.people["alice"]
    with pytest.raises(NoSnapshotError):
        desk.evidence(who, "harbor", "ar_aging", JUNE, 9_999)


@pytest.mark.parametrize(
    "question",
    [
        JUNE,
        Question(JUNE.as_of, from_on=date(2025, 1, 1), to_on=date(2025, 3, 31), currency="USD"),
        Question(JUNE.as_of, basis="invoice", edges=(7, 14), grace_days=3, customer="C1"),
        Question(JUNE.as_of, known_on=date(2025, 7, 3), reporting="USD"),
    ],
)
def test_a_question_reads_back_as_it_was(question: Question) -> None:
    assert read_question(json.loads(json.dumps(question_facts(question)))) == question


def test_a_narrowing_reads_back_as_it_was() -> None:
    narrowing = Narrowing((("currency", "USD"), ("month", "2025-06")), "amount")
    assert read_narrowing(json.loads(json.dumps(narrowing_facts(narrowing)))) == narrowing
