"""Signing in by an OpenID Connect provider, over real HTTP with signed tokens."""

import threading
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from etl.commands.processes import dashboard_command
from tests.e2e.conftest import Product, _free_port, _process, _wait_for
from tests.e2e.provider import Provider
from tests.e2e.test_browser import WAIT_MS, expect_page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    port = _free_port()
    made = Provider(f"http://127.0.0.1:{port}", "tieout", "not-a-secret")
    server = uvicorn.Server(uvicorn.Config(made.app(), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    _wait_for(f"{made.url}/.well-known/openid-configuration")
    yield made
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def url(product: Product, provider: Provider) -> Iterator[str]:
    """A second dashboard over the same data, which knows the provider."""
    port = _free_port()
    here = f"http://127.0.0.1:{port}"
    environment = product.process_environment() | {
        "TIEOUT_PUBLIC_URL": here,
        "TIEOUT_OIDC_CLIENT_ID": provider.client_id,
        "TIEOUT_OIDC_CLIENT_SECRET": provider.secret,
        "TIEOUT_OIDC_METADATA_URL": f"{provider.url}/.well-known/openid-configuration",
    }
    with _process(dashboard_command(port), environment, product.data):
        _wait_for(f"{here}/_stcore/health")
        yield here


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(WAIT_MS)
    yield context.new_page()
    context.close()


def go_through(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Continue with your organization").click()


def test_a_user_of_ours_comes_in_and_goes_out(page: Page, url: str, provider: Provider) -> None:
    provider.email, provider.is_verified = "Viewer@x.example", True
    with page.expect_response("**/session"):  # what the provider said is taken once
        go_through(page, url)
    expect_page(page, "Overview")
    page.reload()
    expect_page(page, "Overview")
    page.get_by_text("Sign out", exact=True).click()
    expect(page.get_by_label("E-mail")).to_be_visible(timeout=WAIT_MS)
    page.reload()
    expect(page.get_by_label("E-mail")).to_be_visible(timeout=WAIT_MS)


@pytest.mark.parametrize(
    ("email", "is_verified", "told"),
    [
        ("eve@elsewhere.example", True, "is no user here yet"),
        ("viewer@x.example", False, "has not verified your e-mail address"),
    ],
)
def test_a_stranger_and_whoever_is_not_verified_stay_outside(
    page: Page, url: str, provider: Provider, email: str, is_verified: bool, told: str
) -> None:
    provider.email, provider.is_verified = email, is_verified
    go_through(page, url)
    expect(page.get_by_text(told)).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_text("Sign out", exact=True)).to_have_count(0)
