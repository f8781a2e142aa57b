"""The form to sign in, a record and its dialogs, in the dark on a phone: nobody stumbles."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import violations
from tests.e2e.conftest import Product
from tests.e2e.test_browser import expect_page, open_invoices, opened, settled, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_forms_records_and_dialogs_have_no_grave_violation(
    browser: Browser, product: Product
) -> None:
    page = opened(browser, "phone", "dark")
    page.goto(product.url)
    expect(page.get_by_label("E-mail")).to_be_visible()
    assert seen(page) == []
    invoice = open_invoices(product)[2]["invoice_id"]
    sign_in(page, product, "both@x.example", f"/invoices?tenant=cascade&invoice={invoice}")
    expect_page(page, "Invoices")
    assert seen(page) == []
    page.get_by_role("button", name="Record payment").click()
    expect(page.get_by_role("dialog").get_by_text("BILL will record")).to_be_visible()
    assert seen(page) == []
    page.context.close()


def seen(page: Page) -> list[str]:
    settled(page)
    return violations(page)
