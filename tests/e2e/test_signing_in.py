"""Being signed in, in a real Chromium over real HTTP: reloads, other tabs, other people."""

import sqlite3
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from etl.entrance import open_entrance
from etl.settings import load_settings
from tests.e2e.conftest import PASSWORD, Product
from tests.e2e.test_browser import PHONE, SIZES, WAIT_MS, expect_page, settled, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1440, "height": 1000})
    made.set_default_timeout(WAIT_MS)
    yield made
    made.close()


def cookie(context: BrowserContext, name: str = "tieout_session") -> dict[str, object]:
    return next((dict(one) for one in context.cookies() if one.get("name") == name), {})


def signed_in(context: BrowserContext, product: Product, email: str) -> Page:
    page = context.new_page()
    with page.expect_response("**/session") as answer:
        sign_in(page, product, email)
    assert answer.value.status == 204
    return page


def expect_form(page: Page) -> None:
    expect(page.get_by_label("E-mail")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_text("Sign out", exact=True)).to_have_count(0)


def test_a_reload_keeps_the_session_in_a_cookie_no_script_reads(
    context: BrowserContext, product: Product
) -> None:
    page = signed_in(context, product, "viewer@x.example")
    kept = cookie(context)
    assert (kept["httpOnly"], kept["sameSite"], kept["path"]) == (True, "Lax", "/")
    assert "tieout" not in page.evaluate("document.cookie")
    assert str(kept["value"]) not in page.url
    page.reload()
    expect_page(page, "Overview")


def test_a_reload_keeps_the_session_on_a_phone(browser: Browser, product: Product) -> None:
    context = browser.new_context(viewport=SIZES["phone"], user_agent=PHONE, is_mobile=True)
    page = context.new_page()
    page.goto(product.url)
    page.get_by_label("E-mail").fill("viewer@x.example")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    with page.expect_response("**/session"):
        page.keyboard.press("Enter")
    expect_page(page, "Overview")
    page.reload()
    expect_page(page, "Overview")
    context.close()


def test_the_mark_changes_when_somebody_signs_in(context: BrowserContext, product: Product) -> None:
    context.new_page().goto(product.url)
    before = cookie(context, "tieout_browser")
    assert before["httpOnly"]
    signed_in(context, product, "viewer@x.example")
    assert cookie(context, "tieout_browser")["value"] != before["value"]


def test_signing_out_ends_it_in_another_tab_and_for_a_kept_cookie(
    context: BrowserContext, product: Product
) -> None:
    page = signed_in(context, product, "viewer@x.example")
    other = context.new_page()
    other.goto(product.url + "/invoices")
    expect_page(other, "Invoices")
    kept = cookie(context)
    page.get_by_text("Sign out", exact=True).click()
    expect_form(page)
    other.get_by_role("link", name="Customers", exact=True).click()
    expect_form(other)
    expect(other.get_by_text("You were signed out")).to_be_visible()
    context.add_cookies(
        [{"name": "tieout_session", "value": str(kept["value"]), "url": product.url}]
    )
    other.reload()
    expect_form(other)


def test_two_people_in_two_browsers_do_not_mix(
    context: BrowserContext, browser: Browser, product: Product
) -> None:
    one = signed_in(context, product, "viewer@x.example")
    another = browser.new_context()
    two = signed_in(another, product, "both@x.example")
    for page, email in ((one, "viewer@x.example"), (two, "both@x.example")):
        page.reload()
        expect(page.get_by_text(email)).to_be_visible(timeout=WAIT_MS)
    another.close()


def test_a_session_whose_time_is_over_leads_to_the_form_with_a_sentence(
    context: BrowserContext, product: Product
) -> None:
    page = signed_in(context, product, "viewer@x.example")
    with sqlite3.connect(product.data / "tieout.db", timeout=30) as store:
        store.execute("update visits set idle_until = '2020-01-01 00:00:00.000000'")
    page.reload()
    expect_form(page)
    expect(page.get_by_text("You were signed out")).to_be_visible()


def test_a_link_opens_one_tenant_for_reading_once(
    context: BrowserContext, product: Product
) -> None:
    settings = load_settings({"TIEOUT_DATA_DIR": str(product.data)})
    link = open_entrance(settings).make_link("both@x.example", "meridian", "viewer", 5, actor="t")
    path = link.removeprefix(settings.public_url)
    page = context.new_page()
    page.goto(product.url + path)
    expect_page(page, "Overview")
    assert "token" not in page.url
    expect(page.get_by_text(product.sandbox.tenants[0].name)).to_have_count(0)
    again = context.new_page()
    again.goto(product.url + path)
    expect(again.get_by_text("This link was used already")).to_be_visible(timeout=WAIT_MS)
    settled(again)
    expect_form(again)


def test_nobody_else_makes_the_server_hand_out_a_cookie(product: Product) -> None:
    with httpx.Client(base_url=product.url) as stranger:
        assert stranger.post("/session").status_code == 403
        assert stranger.post("/session", headers={"X-Tieout": "1"}).status_code == 403
        page = stranger.get("/")
        assert "HttpOnly" in page.headers["set-cookie"]
        assert "SameSite=lax" in page.headers["set-cookie"]
        assert page.headers["content-security-policy"] == "frame-ancestors 'self'"
        assert "set-cookie" not in stranger.post("/session", headers={"X-Tieout": "1"}).headers
        named = stranger.get("/", headers={"Host": "tieout.example", "Cookie": ""})
        assert "Secure" in named.headers["set-cookie"]
