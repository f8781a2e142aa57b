"""The statement as PDF, read back: everything on it, on as many pages as it takes."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from etl.errors import UsageError
from etl.exports import format_of, make_statement, statement_name
from etl.exports.statement import Account, Party, Statement
from etl.exports.statement_pdf import statement_pdf
from etl.metrics.figures import Figures, Question
from etl.metrics.statement import CUSTOMER_STATEMENT
from etl.reading import Reader
from etl.store.access import Grant, command_line_grant
from etl.store.tenants import find_tenant
from tests.dashboard.world import World, make_world
from tests.etl.test_export_formats import HOSTILE
from tests.etl.test_exports import GRANT, METRIC, PUBLISHED

FIRST, ON = date(2026, 1, 1), date(2026, 11, 23)
D = Decimal


def line(on: date, event: str, amount: str | None, balance: str, document: str = "") -> Any:
    return {
        "on": on,
        "event": event,
        "document": document,
        "amount": amount and D(amount),
        "balance": D(balance),
    }


def account(
    currency: str = "USD", events: int = 2, document: str = "INV-", closing: str = "99.95"
) -> Account:
    middle = [
        line(FIRST + timedelta(number), "invoice_issued", "10.50", "7.00", f"{document}{number}")
        for number in range(events)
    ]
    opening = line(FIRST, "opening_balance", None, "1234.50")
    return Account(currency, [opening, *middle, line(ON, "closing_balance", None, closing)])


def pdf(accounts: Sequence[Account], name: str = "Harlow", grant: Grant = GRANT) -> bytes:
    read_at = datetime(2026, 11, 23, tzinfo=UTC)
    party = Party(name, "payables@harlow.example")
    return statement_pdf(grant, Statement(party, FIRST, ON, read_at, accounts))


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_it_says_who_owes_whom_what_and_when() -> None:
    (page,) = pages(pdf([account()]))
    for text in ("Cascade", "Harlow", "payables@harlow.example", "America/Chicago"):
        assert text in page
    assert "1 January 2026 to 23 November 2026" in page
    assert "Balance due on 23 November 2026\nUSD 99.95" in page
    for text in ("Opening balance", "1,234.50", "Invoice issued", "INV-1", "Closing balance"):
        assert text in page


def test_what_a_customer_paid_too_much_is_in_their_favour() -> None:
    (page,) = pages(pdf([account(closing="-99.95")]))
    assert "In your favour on 23 November 2026\nUSD 99.95" in page
    assert "−99.95" in page.partition("Closing balance")[2]
    assert "Balance due" not in page


def test_a_long_one_goes_on_with_its_headings_and_numbers_its_pages() -> None:
    found = pages(pdf([account(events=80)]))
    assert len(found) == 3
    assert all("Document" in page for page in found)
    assert [f"Page {number} of 3" in page for number, page in enumerate(found, 1)] == [True] * 3
    assert sum(page.count("INV-") for page in found) == 80


def test_each_currency_has_its_own_block_and_ages() -> None:
    canadian = account("CAD")
    dollars = Account("USD", account().lines, [("Current", D("1.00")), ("Unapplied", D("-3.00"))])
    (page,) = pages(pdf([canadian, dollars]))
    assert page.index("Account in CAD") < page.index("Account in USD")
    assert "−3.00" in page.partition("Open by days past due")[2]
    assert page.count("Open by days past due") == 1


def test_accents_are_written_and_what_the_font_lacks_is_a_question_mark() -> None:
    (page,) = pages(pdf([account()], name="Łódź Sønner 漢 🚚 Ž"))
    assert "Łódź Sønner ? ? Ž" in page


@pytest.mark.parametrize("text", [*HOSTILE, "nul\0here", "", "**bold** --x--", "{nb}", "\ud800"])
def test_no_text_breaks_it(text: str) -> None:
    assert pages(pdf([account(document=text)], name=text))


def test_the_same_figures_are_the_same_file() -> None:
    assert pdf([account()]) == pdf([account()])


def test_nothing_to_state_is_said() -> None:
    assert "nothing is open" in pages(pdf([]))[0]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("statements"))


def stated(world: World, slug: str, customer: str, **more: Any) -> tuple[str, bytes]:
    with world.office.store.read() as session:
        grant = command_line_grant(find_tenant(session, slug))
    reader = Reader(world.settings, world.office.store)
    published = reader.published(grant)
    question = Question(date(2025, 6, 30), customer=customer, **more)
    figures = reader.figures(grant, CUSTOMER_STATEMENT.name, question, published.seq)
    made = make_statement(reader, grant, figures, published)
    assert (made.facts["format"], made.facts["rows"]) == ("pdf", len(figures.rows))
    return statement_name(grant, figures), made.content


def test_it_holds_the_lines_and_ages_of_the_metrics(world: World) -> None:
    name, content = stated(world, "harbor", "C1", from_on=date(2025, 5, 1))
    assert name == "harbor-statement-C1-2025-06-30.pdf"
    (page,) = pages(content)
    assert "Customer C1\nc1@carrier.example\n1 May 2025 to 30 June 2025" in page
    assert "USD 780.00" in page
    for row in ("Invoice issued I2 500.00 900.00", "Payment received I1 −600.00 400.00"):
        assert row in page
    ages = page.partition("Open by days past due")[2].partition("Account in")[0].split()
    assert ages[-6:] == ["500.00", "0.00", "400.00", "0.00", "0.00", "−120.00"]


def test_without_a_first_day_it_is_of_ninety_days(world: World) -> None:
    assert "2 April 2025 to 30 June 2025" in pages(stated(world, "harbor", "C1")[1])[0]


def test_another_tenants_customer_has_no_statement(world: World) -> None:
    with pytest.raises(UsageError, match="no such customer"):
        stated(world, "harbor", "Q1")


def test_other_figures_are_no_statement(world: World) -> None:
    figures = Figures(METRIC, Question(ON), 7, (), 0)
    with pytest.raises(UsageError, match="Only customer_statement can be a PDF"):
        make_statement(Reader(world.settings, world.office.store), GRANT, figures, PUBLISHED)


def test_a_file_named_so_is_a_pdf() -> None:
    assert format_of(str(Path("a/b.PDF"))) == "pdf"
