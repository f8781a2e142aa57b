"""As first reported: figures of what was known on a day are those that were given on that day."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from etl.back_office import open_back_office
from etl.errors import NoSnapshotError, StoreError, UsageError
from etl.evidence.taking import take
from etl.evidence.verification import verify
from etl.explanations.explanation import EVERYTHING
from etl.exports import as_json, file_name, make_export
from etl.jobs.know_past import end_of, know_past
from etl.metrics.catalogue import CATALOGUE
from etl.reading import asked
from etl.settings import load_settings
from etl.warehouse.past import KEPT
from etl.warehouse.places import folder_of
from etl.warehouse.snapshot import open_work
from tests.etl.lived import Life, day, lives

DAYS = ("2026-03-02", "2026-03-05", "2026-03-09", "2026-03-31")
Given = dict[str, tuple[tuple[Any, ...], ...]]
Lived = tuple[Life, Life, dict[str, Given]]


def all_figures(life: Life, on: str, known_on: str | None = None) -> Given:
    """Every metric there is, as of a day."""
    reader, grant = life.reader, life.grant
    seq = reader.published(grant).seq
    given = {}
    for name, entry in CATALOGUE.items():
        question = replace(
            asked(grant, name, as_of=day(on)),
            customer=life.named["Harlow"] if entry.metric.needs_customer else None,
            record=life.named["Harlow"] if entry.metric.needs_record else None,
            reporting="EUR" if entry.metric.needs_reporting else None,
            known_on=day(known_on) if known_on else None,
        )
        given[name] = reader.figures(grant, name, question, seq).rows
    return given


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """A month of two tenants, and what the first one's pages said on its days."""
    path = tmp_path_factory.mktemp("lived")
    office = open_back_office(load_settings({"TIEOUT_DATA_DIR": str(path)}))
    with lives(office, "2026-03-02T15:00:00", "cascade", "quay") as (cascade, quay):
        given = dict(_lived(cascade))
        quay.customer("Harlow")
        quay.invoice("Q-1", "Harlow", "77.00", "2026-03-02", "2026-03-20")
        quay.sync()
        yield cascade, quay, given


def _lived(life: Life) -> Iterator[tuple[str, Given]]:
    book, named = life.book, life.named
    life.customer("Harlow")
    life.customer("Birch")
    life.invoice("1001", "Harlow", "450.10", "2026-03-02", "2026-03-09")
    life.invoice("1002", "Birch", "1200.00", "2026-02-20", "2026-03-01")
    account = book.add_bank_account(named["Harlow"])
    charge = book.charge_customer(
        {
            "customerId": named["Harlow"],
            "fundingAccount": {"id": account, "type": "BANK_ACCOUNT"},
            "invoicePayments": [{"invoiceId": named["1001"], "amount": "450.10"}],
            "paymentDate": "2026-03-04",
        }
    )
    life.sync()
    yield DAYS[0], all_figures(life, DAYS[0])
    life.at("2026-03-05T18:00:00")
    book.settle_payment(str(charge["id"]))
    life.pay("P-1", "Birch", "700.00", "2026-03-01", {"1002": "600.00"})
    life.sync()
    yield DAYS[1], all_figures(life, DAYS[1])
    life.at("2026-03-10T03:00:00")  # still the 9th in Chicago
    book.void_payment(str(charge["id"]))
    life.sync()
    yield DAYS[2], all_figures(life, DAYS[2])
    life.at("2026-03-10T06:00:00")  # now it is the 10th there
    book.change_customer(named["Birch"], {"name": "Birch and Sons"})
    book.archive_invoice(named["1001"])
    life.invoice("1003", "Birch", "310.00", "2026-03-08", "2026-03-15")
    life.sync()
    life.at("2026-04-01T04:00:00")  # the last hour of March there
    life.pay("P-2", "Birch", "310.00", "2026-03-09", {"1003": "310.00"})
    life.sync()
    yield DAYS[3], all_figures(life, DAYS[3])
    life.at("2026-04-20T15:00:00")
    life.pay("P-3", "Birch", "600.00", "2026-03-05", {"1002": "600.00"})
    life.invoice("1004", "Harlow", "99.00", "2026-03-03", "2026-03-05")
    book.change_invoice(named["1003"], {"dueDate": "2026-03-12"})
    life.sync()


@pytest.mark.parametrize("on", DAYS)
def test_what_was_known_on_a_day_gives_every_figure_given_that_day(lived: Lived, on: str) -> None:
    life, _quay, given = lived
    know_past(life.office.settings, life.tenant, day(on), day("2026-04-20"))
    assert all_figures(life, on, known_on=on) == given[on]
    restated = all_figures(life, on)
    assert {name for name in restated if restated[name] != given[on][name]} >= {
        "ar_aging",
        "open_items",
        "summary",
    }


def test_the_day_is_the_tenants(lived: Lived) -> None:
    assert end_of(day("2026-03-07"), "America/Chicago").isoformat() == "2026-03-08T06:00:00+00:00"
    assert end_of(day("2026-03-08"), "America/Chicago").isoformat() == "2026-03-09T05:00:00+00:00"


def test_built_once_it_is_read_without_the_history(
    lived: Lived,
) -> None:
    life = lived[0]
    settings, tenant, on = life.office.settings, life.tenant, day(DAYS[0])
    know_past(settings, tenant, on, day("2026-04-20"))
    (file,) = folder_of(settings, "cascade").known_files(on)
    before = file.stat().st_ino
    know_past(settings, tenant, on, day("2026-04-20"))
    assert file.stat().st_ino == before
    with open_work(folder_of(settings, "cascade")):  # as a sync has it
        assert all_figures(life, DAYS[0], known_on=DAYS[0])["invoices"]
        with pytest.raises(StoreError, match="a sync has it open"):
            know_past(settings, tenant, day(DAYS[1]), day("2026-04-20"))


def test_another_setting_of_the_tenant_builds_the_day_anew(
    lived: Lived,
) -> None:
    life = lived[0]
    settings, tenant, on = life.office.settings, life.tenant, day(DAYS[1])
    know_past(settings, tenant, on, day("2026-04-20"))
    before = folder_of(settings, "cascade").known_files(on)
    tenant.preferences = {"default_terms_days": 10}
    know_past(settings, tenant, on, day("2026-04-20"))
    after = folder_of(settings, "cascade").known_files(on)
    assert len(before) == len(after) == 1
    assert before != after
    assert list(folder_of(settings, "cascade").path.glob(".past-*")) == []


def test_days_to_come_and_days_before_the_first_sync_are_refused(
    lived: Lived,
) -> None:
    life = lived[0]
    with pytest.raises(UsageError, match="not known yet"):
        know_past(life.office.settings, life.tenant, day("2026-04-21"), day("2026-04-20"))
    with pytest.raises(NoSnapshotError, match="Nothing had been read of cascade by 2026-03-01"):
        know_past(life.office.settings, life.tenant, day("2026-03-01"), day("2026-04-20"))


def test_a_day_that_nobody_built_is_said_so_by_the_reader(
    lived: Lived,
) -> None:
    with pytest.raises(NoSnapshotError, match="--known-on 2026-03-17"):
        all_figures(lived[0], DAYS[0], known_on="2026-03-17")


def test_two_tenants_know_nothing_of_each_other(
    lived: Lived,
) -> None:
    _cascade, quay, _given = lived
    know_past(quay.office.settings, quay.tenant, day("2026-04-20"), day("2026-04-20"))
    known = all_figures(quay, "2026-04-20", known_on="2026-04-20")
    assert [row[1] for row in known["invoices"]] == ["Q-1"]


def test_only_the_days_asked_for_last_are_kept(lived: Lived) -> None:
    life = lived[0]
    for number in range(2, 2 + KEPT + 2):
        on = day(f"2026-03-{number:02d}")
        know_past(life.office.settings, life.tenant, on, day("2026-04-20"))
    kept = sorted(
        file.name[:8] for file in folder_of(life.office.settings, "cascade").known.iterdir()
    )
    assert len(kept) == KEPT
    assert kept[0] == "20260304"


def test_exports_and_json_say_when_it_was_known(lived: Lived) -> None:
    life = lived[0]
    know_past(life.office.settings, life.tenant, day(DAYS[3]), day("2026-04-20"))
    reader, grant = life.reader, life.grant
    question = replace(asked(grant, "ar_aging", as_of=day(DAYS[3])), known_on=day(DAYS[3]))
    published = reader.published(grant)
    figures = reader.figures(grant, "ar_aging", question, published.seq)
    document = as_json(grant, figures)
    assert document["known_on"] == "2026-03-31"
    assert document["snapshot"] < published.seq
    facts = make_export(grant, figures, published).facts
    assert facts["known_on"] == "2026-03-31"
    assert "ties_out" not in facts
    assert file_name(grant, figures) == "cascade-ar_aging-2026-03-31-known-2026-03-31.csv"
    plain = reader.figures(grant, "ar_aging", replace(question, known_on=None), published.seq)
    assert "known_on" not in as_json(grant, plain)


def test_evidence_of_what_was_known_holds_until_it_gives_something_else(
    lived: Lived, tmp_path: Path
) -> None:
    life, on = lived[0], day(DAYS[3])
    know_past(life.office.settings, life.tenant, on, day("2026-04-20"))
    reader, grant, store = life.reader, life.grant, life.office.store
    question = replace(asked(grant, "ar_aging", as_of=on), known_on=on)
    seq = reader.published(grant).seq
    pack = take(reader, store, grant, "ar_aging", question, seq, EVERYTHING, life.office.clock)
    file = tmp_path / "known.zip"
    file.write_bytes(pack.content)
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert json.loads(archive.read("checks.json")) == []
        assert "ties_out" not in json.loads(archive.read("explanation.json"))["data"]
    assert manifest["snapshot"] == {"seq": seq, "sha256": None}
    assert manifest["question"]["known_on"] == DAYS[3]
    found = verify(file, life.reader, store)
    assert (found.altered, found.data, found.holds) == ((), "same", True)
    for known in folder_of(life.office.settings, "cascade").known_files(on):
        known.unlink()
    assert verify(file, life.reader, store).data == "gone"
