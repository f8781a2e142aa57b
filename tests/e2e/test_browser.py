"""A person in a real Chromium: signs in, looks, downloads, acts; BILL's book shows it."""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from billcom.sandbox.faults import Fault
from dashboard.navigation import FOR_ADMINISTRATORS
from dashboard.navigation import PAGES as PAGE_LINES
from etl.desk import Desk, open_desk
from etl.metrics.figures import Question
from etl.settings import load_settings
from etl.store import users
from etl.store.engine import open_store
from etl.store.tenants import prefer
from tests.e2e.accessibility import violations
from tests.e2e.conftest import PASSWORD, Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WAIT_MS = 30_000
SIZES = {"wide": {"width": 1440, "height": 1000}, "phone": {"width": 390, "height": 844}}
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
PAGES = tuple(line.title for line in PAGE_LINES + FOR_ADMINISTRATORS)
# Where axe-core looks: the other two have the same elements, and it takes its time.
LOOKED_AT = {("wide", "light"), ("phone", "dark")}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=SIZES["wide"], accept_downloads=True)
    context.set_default_timeout(WAIT_MS)
    yield context.new_page()
    context.close()


def sign_in(page: Page, product: Product, email: str, path: str = "/") -> None:
    page.goto(product.url + path)
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Sign out")).to_be_visible(timeout=WAIT_MS)


def opened(browser: Browser, size: str, scheme: str) -> Page:
    """A browser of its own of this size, a phone's if that small."""
    is_phone = size == "phone"
    context = browser.new_context(
        viewport=SIZES[size],  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        user_agent=PHONE if is_phone else None,
        is_mobile=is_phone,
        has_touch=is_phone,
    )
    context.set_default_timeout(WAIT_MS)
    return context.new_page()


def go_to(page: Page, product: Product, name: str) -> None:
    """Goes to a page by the menu, which folds away by itself on a phone."""
    expand = page.get_by_test_id("stExpandSidebarButton")
    is_folded = page.viewport_size == SIZES["phone"]
    if is_folded:
        expand.click()
    page.get_by_role("link", name=name, exact=True).click()
    if is_folded:
        expect(expand).to_be_visible(timeout=WAIT_MS)
    expect_page(page, name)
    path = "" if name == "Overview" else name.lower().replace(" ", "_")
    assert page.url.split("?")[0] == f"{product.url}/{path}"


def width_of(page: Page) -> int:
    """How wide the page is, whatever of it the screen shows."""
    return int(page.evaluate("document.documentElement.scrollWidth"))


def expect_page(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, level=1, exact=True)).to_be_visible(
        timeout=WAIT_MS
    )
    expect(page.get_by_text(re.compile("^BILL read "))).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_text("Ties out to the cent")).to_be_visible(timeout=WAIT_MS)
    settled(page)
    for broken in ("Traceback", "Something went wrong", "fault"):
        expect(page.get_by_text(broken)).to_have_count(0)


def settled(page: Page) -> None:
    """Waits until the script has run to its end."""
    expect(page.locator("[data-testid=stApp]")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=WAIT_MS
    )


def open_desk_of(product: Product) -> tuple[Desk, int]:
    settings = load_settings({"TIEOUT_DATA_DIR": str(product.data)})
    with open_store(settings).read() as session:
        user = users.find_user(session, "both@x.example")
    assert user
    return open_desk(settings), user.id


def open_invoices(product: Product) -> list[dict[str, object]]:
    desk, user_id = open_desk_of(product)
    seq = desk.published(user_id, "cascade").seq
    asked = Question(as_of=desk.today(user_id, "cascade"))
    found = desk.figures(user_id, "cascade", "invoices", asked, seq).records()
    return [invoice for invoice in found if invoice["state"] in {"open", "overdue"}]


def test_a_wrong_password_is_told_in_one_sentence(page: Page, product: Product) -> None:
    page.goto(product.url)
    page.get_by_label("E-mail").fill("both@x.example")
    page.get_by_role("textbox", name="Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The e-mail address or the password is wrong.")).to_be_visible()
    expect(page.get_by_text("Sign out")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_opens_wide_and_narrow_light_and_dark(
    browser: Browser, product: Product, size: str, scheme: str, tmp_path: Path
) -> None:
    page = opened(browser, size, scheme)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    # Where this person is an administrator, and money comes in four currencies.
    sign_in(page, product, "both@x.example", "/?tenant=meridian")
    for name in PAGES:
        go_to(page, product, name)
        assert width_of(page) <= SIZES[size]["width"], f"{name} is wider than the screen"
        assert page.screenshot(path=tmp_path / f"{name}.png")
        if (size, scheme) in LOOKED_AT:
            errors += [f"{name}: {found}" for found in violations(page)]
    assert errors == []
    page.context.close()


def test_the_tenant_switch_changes_every_figure(page: Page, product: Product) -> None:
    sign_in(page, product, "both@x.example")
    expect_page(page, "Overview")
    before = page.get_by_test_id("stMetricValue").all_inner_texts()
    page.get_by_label("Tenant").click()
    page.get_by_role("option", name=product.sandbox.tenants[1].name).click()
    expect(page).to_have_url(re.compile("tenant=meridian"), timeout=WAIT_MS)
    expect_page(page, "Overview")
    assert page.get_by_test_id("stMetricValue").all_inner_texts() != before


def test_a_link_to_another_tenant_shows_nothing_of_it(page: Page, product: Product) -> None:
    sign_in(page, product, "viewer@x.example", "/customers?tenant=meridian")
    expect_page(page, "Customers")
    expect(page.get_by_text("names no tenant of yours")).to_be_visible()
    expect(page).to_have_url(re.compile("tenant=cascade"))
    expect(page.get_by_text(product.sandbox.tenants[1].name)).to_have_count(0)


def test_a_download_is_the_table_to_the_cent(page: Page, product: Product, tmp_path: Path) -> None:
    sign_in(page, product, "both@x.example", "/invoices")
    expect_page(page, "Invoices")
    with page.expect_download() as waited:
        page.get_by_role("button", name="CSV").first.click()
    target = tmp_path / "invoices.csv"
    waited.value.save_as(target)
    rows = list(csv.DictReader(target.open(newline="", encoding="utf-8-sig")))
    desk, user_id = open_desk_of(product)
    seq = desk.published(user_id, "cascade").seq
    asked = Question(as_of=desk.today(user_id, "cascade"))
    expected = desk.figures(user_id, "cascade", "invoices", asked, seq).records()
    assert [(row["invoice_id"], row["open_amount"]) for row in rows] == [
        (record["invoice_id"], str(record["open_amount"])) for record in expected
    ]
    assert {row["tenant"] for row in rows} == {"cascade"}


def test_an_invoice_is_sent_and_archived_and_the_book_shows_it(
    page: Page, product: Product
) -> None:
    book = product.sandbox.world.tenants[0].book
    invoice = open_invoices(product)[0]
    invoice_id = str(invoice["invoice_id"])
    sent_before = len(book.emails)
    sign_in(page, product, "both@x.example", f"/invoices?tenant=cascade&invoice={invoice_id}")
    expect_page(page, "Invoices")

    page.get_by_role("button", name="Send by e-mail").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("cannot be taken back")).to_be_visible()
    dialog.get_by_role("button", name="Send by e-mail").dblclick()
    expect(page.get_by_text("BILL sent the invoice.")).to_be_visible(timeout=WAIT_MS)
    assert [email.invoice_id for email in book.emails[sent_before:]] == [invoice_id]
    assert list(book.emails[-1].recipients) == [invoice["customer_email"]]

    page.get_by_role("button", name="Archive invoice").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("leaves what")).to_be_visible()
    dialog.get_by_role("button", name="Archive invoice").click()
    expect(page.get_by_text("The invoice is archived in BILL.")).to_be_visible(timeout=WAIT_MS)
    assert book.invoices[invoice_id]["archived"] is True
    # The back office syncs, publishes, and the page follows by itself.
    expect(page.get_by_role("button", name="Restore invoice")).to_be_visible(timeout=WAIT_MS)
    assert invoice_id not in {row["invoice_id"] for row in open_invoices(product)}


def test_a_customer_can_pay_by_a_link_that_is_shown_when_bill_gave_it(
    page: Page, product: Product
) -> None:
    owed = [one for one in open_invoices(product) if one["bill_status"] != "SCHEDULED"]
    invoice_id = owed[0]["invoice_id"]
    sign_in(page, product, "both@x.example", f"/invoices?tenant=cascade&invoice={invoice_id}")
    expect_page(page, "Invoices")
    page.get_by_role("button", name="Payment link").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Nothing is sent to anybody.")).to_be_visible(timeout=WAIT_MS)
    dialog.get_by_role("button", name="Payment link").dblclick()
    expect(dialog.get_by_text("https://pay.sandbox.example/i/")).to_be_visible(timeout=WAIT_MS)
    expect(dialog.get_by_role("link", name="Open")).to_be_visible()
    dialog.get_by_test_id("stButton").get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def test_over_the_limit_an_approver_decides_and_while_bill_is_down_it_waits(
    page: Page, browser: Browser, product: Product
) -> None:
    book = product.sandbox.world.tenants[0].book
    invoice = max(open_invoices(product), key=lambda one: one["open_amount"])  # type: ignore[arg-type, return-value]
    invoice_id, currency = str(invoice["invoice_id"]), str(invoice["currency"])
    limit(product, currency, Decimal(str(invoice["open_amount"])) - 1)
    sign_in(page, product, "both@x.example", f"/invoices?tenant=cascade&invoice={invoice_id}")
    expect_page(page, "Invoices")
    fault = product.sandbox.faults.add(Fault("reset"))
    try:
        page.get_by_role("button", name="Archive invoice").click()
        page.get_by_role("dialog").get_by_role("button", name="Archive invoice").dblclick()
        expect(page.get_by_text("Waiting for approval")).to_be_visible(timeout=WAIT_MS)
        approve_as(browser, product, "approver@x.example")
        expect(page.get_by_text("Queued")).to_be_visible(timeout=WAIT_MS)
        assert book.invoices[invoice_id]["archived"] is False
    finally:
        product.sandbox.faults.remove(fault)
    restore = page.get_by_role("button", name="Restore invoice")
    expect(restore).to_be_visible(timeout=4 * WAIT_MS)
    assert book.invoices[invoice_id]["archived"] is True


def approve_as(browser: Browser, product: Product, email: str) -> None:
    context = browser.new_context(viewport=SIZES["wide"])
    page = context.new_page()
    sign_in(page, product, email, "/invoices?tenant=cascade")
    page.get_by_role("button", name="Approve").click(timeout=WAIT_MS)
    expect(page.get_by_role("button", name="Approve")).to_have_count(0, timeout=WAIT_MS)
    context.close()


def limit(product: Product, currency: str, amount: Decimal) -> None:
    with open_store(load_settings({"TIEOUT_DATA_DIR": str(product.data)})).begin() as session:
        changes = {"approve_over": ((currency, str(amount)),)}
        prefer(session, "cascade", changes, at=datetime.now(UTC), actor="test")


def test_a_row_opens_its_invoice_and_close_closes_it(page: Page, product: Product) -> None:
    sign_in(page, product, "viewer@x.example", "/invoices?tenant=cascade")
    expect_page(page, "Invoices")
    page.get_by_test_id("stDataFrame").first.click(position={"x": 60, "y": 85})
    expect(page).to_have_url(re.compile("invoice="), timeout=WAIT_MS)
    close = page.get_by_role("button", name="Close", exact=True)
    close.click()
    expect(close).to_have_count(0, timeout=WAIT_MS)
    settled(page)
    expect(page).not_to_have_url(re.compile("invoice="))


def test_several_invoices_are_sent_after_one_preview_and_each_once(
    page: Page, product: Product
) -> None:
    book = product.sandbox.world.tenants[0].book
    before = len(book.emails)
    sign_in(page, product, "both@x.example", "/invoices?tenant=cascade&state=overdue")
    expect_page(page, "Invoices")
    grid = page.get_by_test_id("stDataFrame").first
    for row, told in ((1, "1 invoice chosen"), (2, "2 invoices chosen")):
        grid.click(position={"x": 18, "y": 34 * row + 18})
        expect(page.get_by_text(told)).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Send by e-mail").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("BILL will send invoice")).to_have_count(2, timeout=WAIT_MS)
    outcomes = page.get_by_text("BILL sent the invoice.")
    had = outcomes.count()
    dialog.get_by_role("button", name="Send by e-mail").dblclick()
    expect(outcomes).to_have_count(had + 2, timeout=WAIT_MS)
    assert len(book.emails) == before + 2


def test_filters_are_a_link_that_another_member_can_open(page: Page, product: Product) -> None:
    sign_in(page, product, "both@x.example", "/invoices?tenant=cascade")
    expect_page(page, "Invoices")
    page.get_by_placeholder("Number or customer").press_sequentially("CD-15", delay=60)
    expect(page).to_have_url(re.compile("q=CD-15"), timeout=WAIT_MS)
    expect(page.get_by_text("Only those with “CD-15”")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_placeholder("Number or customer")).to_have_value("CD-15")


def test_a_viewer_finds_no_button_to_act_with(page: Page, product: Product) -> None:
    invoice_id = open_invoices(product)[1]["invoice_id"]
    sign_in(page, product, "viewer@x.example", f"/invoices?invoice={invoice_id}")
    expect_page(page, "Invoices")
    expect(page.get_by_text("Your role here is viewer")).to_be_visible()
    expect(page.get_by_role("button", name="Archive invoice")).to_have_count(0)
    expect(page.get_by_role("button", name="Send by e-mail")).to_have_count(0)


def test_nothing_is_fetched_from_a_stranger(page: Page, product: Product) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, product, "both@x.example")
    expect_page(page, "Overview")
    own = (product.url, product.url.replace("http", "ws"), "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []
    assert any(url.endswith(".woff2") for url in asked)
