"""Hostile texts in a real Chromium: nothing runs, nothing is fetched, nothing breaks."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import hostile
from tests.e2e.conftest import Product
from tests.e2e.test_browser import PAGES, SIZES, expect_page, go_to, opened, sign_in, width_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# What a text became that is more than text.
BECAME = """elsewhere => [
  ...(window.hacked ? ["a script ran"] : []),
  ...[...document.querySelectorAll("a[href], img[src], script[src]")]
    .map(found => found.getAttribute("href") || found.getAttribute("src"))
    .filter(to => to.includes(elsewhere) || /^(javascript|mailto):/.test(to)),
  ...[...document.querySelectorAll(".katex, iframe, object, embed, main pre")]
    .map(found => found.outerHTML),
]"""
# Shown on the page of whoever is called so.
NAMES = (hostile.MARKDOWN, hostile.LONG)


def test_nothing_runs_nothing_is_fetched_and_no_page_breaks_on_a_phone(
    browser: Browser, product: Product
) -> None:
    page = opened(browser, "phone", "light")
    wrong: list[str] = []
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: wrong.append(request.url))
    sign_in(page, product, "stranger@x.example")
    for name in PAGES:
        go_to(page, product, name)
        expect_whole(page)
    for name, customer_id in called_so(product):
        page.goto(f"{product.url}/customers?customer={customer_id}")
        expect_page(page, "Customers")
        expect(page.get_by_role("heading", level=3).first).to_contain_text(name[:60])
        expect_whole(page)
    assert [found for found in wrong if not found.startswith(own(product))] == []
    page.context.close()


def own(product: Product) -> tuple[str, ...]:
    return (product.url, "data:", "blob:")


def called_so(product: Product) -> Iterator[tuple[str, str]]:
    customers = product.sandbox.world.tenants[2].book.customers
    for customer_id, record in customers.items():
        if record["name"] in NAMES:
            yield record["name"], customer_id


def expect_whole(page: Page) -> None:
    assert page.evaluate(BECAME, hostile.ELSEWHERE) == []
    assert width_of(page) <= SIZES["phone"]["width"]
