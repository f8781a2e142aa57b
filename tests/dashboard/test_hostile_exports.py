"""A book full of hostile texts, read from BILL: every file made of it is safe to open."""

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from dashboard import reads
from etl.desk import Desk
from etl.exports.csv_file import FORMULA_STARTS
from etl.metrics.catalogue import CATALOGUE
from etl.metrics.figures import Question
from tests import hostile
from tests.dashboard.conftest import _shown
from tests.dashboard.hostile_world import SLUG, rows
from tests.dashboard.world import World

STATED = (hostile.SCRIPT, hostile.RIGHT_TO_LEFT, hostile.LINES, hostile.LONG)
VIEWS = [name for name, entry in CATALOGUE.items() if not entry.metric.needs_reporting]


@pytest.fixture
def world(hostile_book: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield from _shown(hostile_book, monkeypatch)


@pytest.mark.parametrize("metric", VIEWS)
def test_every_view_is_safe_in_every_format(world: World, metric: str) -> None:
    desk, olga = reads.desk(), world.people["olga"]
    seq, about = desk.published(olga, SLUG).seq, asked_of(desk, olga, metric)
    made = {
        form: desk.export(olga, SLUG, metric, about, seq, format_=form)[1]
        for form in ("csv", "xlsx", "parquet")
    }
    table = pq.read_table(io.BytesIO(made["parquet"]))
    expect_disarmed(made["csv"], table)
    expect_no_formula(made["xlsx"], table.num_rows)


def asked_of(desk: Desk, who: int, metric: str) -> Question:
    """The metric of the customer, or the record, that has the most to tell."""
    invoice = rows(desk, who, "invoices", limit=1)[0]
    needs = CATALOGUE[metric].metric
    narrowed = {
        "customer": invoice["customer_id"] if needs.needs_customer else None,
        "record": invoice["invoice_id"] if needs.needs_record else None,
    }
    return Question(as_of=desk.today(who, SLUG), **narrowed)


def expect_disarmed(content: bytes, table: Any) -> None:
    """Every text is what it was, but for an apostrophe where a spreadsheet would run it."""
    header, *lines = csv.reader(io.StringIO(content.decode(), newline=""))
    assert len(lines) == table.num_rows
    for name, *cells in zip(header, *lines, strict=True):
        texts = table[name].to_pylist()
        if not any(isinstance(text, str) for text in texts):
            continue
        for cell, text in zip(cells, texts, strict=True):
            is_formula = (text or "").lstrip(" ")[:1] in FORMULA_STARTS if text else False
            assert cell == (f"'{text}" if is_formula else text or "")


def expect_no_formula(content: bytes, count: int) -> None:
    sheet = load_workbook(io.BytesIO(content))["Data"]
    cells = [cell for line in sheet.iter_rows() for cell in line]
    assert sheet.max_row == count + 1
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "inlineStr"}
    assert [cell for cell in cells if cell.hyperlink] == []


@pytest.mark.parametrize("name", STATED)
def test_a_statement_on_paper_is_paper(world: World, name: str) -> None:
    desk, olga = reads.desk(), world.people["olga"]
    seq, on = desk.published(olga, SLUG).seq, desk.today(olga, SLUG)
    customer = next(r for r in rows(desk, olga, "customers") if r["customer"] == name.strip())
    _file, content = desk.statement_pdf(olga, SLUG, customer["customer_id"], None, on, seq)
    read = PdfReader(io.BytesIO(content))
    assert "Statement of account" in read.pages[0].extract_text()
    assert [sign for sign in (b"/JavaScript", b"/URI", b"/Annots") if sign in content] == []


def test_timeline_worklist_and_evidence_are_safe_as_well(world: World) -> None:
    desk, olga = reads.desk(), world.people["olga"]
    seq, on = desk.published(olga, SLUG).seq, desk.today(olga, SLUG)
    customer_id = rows(desk, olga, "customers")[0]["customer_id"]
    _name, timeline = desk.export_timeline(olga, SLUG, customer_id, on, seq)
    _name, worklist = desk.export_worklist(olga, SLUG, Question(on), seq)
    pack = desk.evidence(olga, SLUG, "open_items", Question(on), seq)
    with zipfile.ZipFile(io.BytesIO(pack.content)) as packed:
        files = [packed.read(name) for name in packed.namelist() if name.endswith(".csv")]
    assert files
    for content in (timeline, worklist, *files):
        cells = [
            cell for line in csv.reader(io.StringIO(content.decode(), newline="")) for cell in line
        ]
        armed = [c for c in cells if c.lstrip(" ")[:1] in FORMULA_STARTS and not is_number(c)]
        assert [c for c in armed if c] == []


def is_number(cell: str) -> bool:
    return cell.removeprefix("-").replace(".", "", 1).isdigit()
