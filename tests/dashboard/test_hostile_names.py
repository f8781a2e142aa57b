"""A book full of hostile texts, read from BILL: every page shows them as text."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import navigation, reads
from dashboard.safe_text import called, plain
from tests import hostile
from tests.dashboard.conftest import _shown, opened, rendered
from tests.dashboard.hostile_world import rows
from tests.dashboard.world import World

PAGES = tuple(line.file.removesuffix(".py") for line in navigation.PAGES)
SECTIONS = ("runs", "bill", "outbox", "audit", "tenant", "people")
# As Streamlit would read them, and not as they are.
SHOWN = (hostile.SCRIPT, hostile.MARKDOWN, hostile.LINES, hostile.RIGHT_TO_LEFT, hostile.LONG)
ACTIVE = tuple(text for text in hostile.TEXTS if plain(text) != text)


@pytest.fixture
def world(hostile_book: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield from _shown(hostile_book, monkeypatch)


def expect_text(app: AppTest) -> None:
    """No fault, and nothing of a hostile text where it would be more than text."""
    assert not app.exception
    assert not app.error
    for told in rendered(app):
        assert [text for text in ACTIVE if text in told] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_them_as_text(world: World, page: str) -> None:
    app = opened(world, "olga", page)
    expect_text(app)
    assert app.dataframe


@pytest.mark.parametrize("section", SECTIONS)
def test_so_does_every_section_of_operations(world: World, section: str) -> None:
    expect_text(opened(world, "olga", "operations", section=section))


@pytest.mark.parametrize("name", SHOWN)
def test_a_customer_of_such_a_name_has_a_page(world: World, name: str) -> None:
    desk, olga = reads.desk(), world.people["olga"]
    found = [row for row in rows(desk, olga, "customers") if row["customer"] == name.strip()]
    app = opened(world, "olga", "customers", customer=found[0]["customer_id"])
    expect_text(app)
    assert called(name) in [title.value for title in app.subheader]


def test_a_table_holds_them_whole(world: World) -> None:
    told = opened(world, "olga", "customers").dataframe[0].value["customer"]
    assert set(told) == {text.strip() for text in hostile.TEXTS}
    number = invoice_of(world, hostile.MARKDOWN)
    lines = opened(world, "olga", "invoices", invoice=number).dataframe[1].value["description"]
    assert set(lines) <= {text.strip() for text in hostile.TEXTS}


def test_a_choice_among_them_reads_as_it_was_typed(world: World) -> None:
    offered = opened(world, "olga", "receivables").selectbox(key="statement-hostile").options
    assert offered
    assert set(offered) <= {text.strip() for text in hostile.TEXTS}


def test_an_invoice_and_each_of_its_parts_open(world: World) -> None:
    app = opened(world, "olga", "invoices", invoice=invoice_of(world, hostile.MARKDOWN))
    for part in ("Lines", "Payments and credits", "Changes"):
        app.segmented_control(key="invoice-part").set_value(part).run()
        expect_text(app)
    for button in ("offer-invoice.email", "offer-invoice.payment_link", "offer-invoice.archive"):
        app.button(key=button).click().run()
        expect_text(app)
        app.button(key="cancel-action").click().run()


def invoice_of(world: World, number: str) -> str:
    found = rows(reads.desk(), world.people["olga"], "invoices", state="overdue")
    return next(row["invoice_id"] for row in found if row["invoice_number"] == number)
