"""Pictures of every page, wide and narrow, light and dark, from a running `tieout demo`.

Use: python -m tests.e2e.screenshots URL FOLDER
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from etl.commands.demo import PASSWORD, PEOPLE
from tests.e2e import chromium
from tests.e2e.test_browser import PHONE

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SIZES = {"wide": (1440, 1000), "phone": (390, 844)}
PAGES = (
    "overview",
    "revenue",
    "receivables",
    "failed_payments",
    "customers",
    "invoices",
    "close",
    "exports",
    "operations",
)


def take_all(url: str, folder: Path) -> None:
    """Every page in every size and scheme, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=ARGUMENTS)
        for size, (width, height) in SIZES.items():
            for scheme in ("light", "dark"):
                is_phone = size == "phone"
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,  # type: ignore[arg-type]
                    user_agent=PHONE if is_phone else None,
                    is_mobile=is_phone,
                )
                page = context.new_page()
                _sign_in(page, url)
                for name in PAGES:
                    _take(page, url, name, folder / f"{name}-{size}-{scheme}.png")
                context.close()
        browser.close()


def _sign_in(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("E-mail").fill(PEOPLE[0][0])
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("BILL read")).to_be_visible(timeout=30_000)


def _take(page: Page, url: str, name: str, path: Path) -> None:
    title = name.replace("_", " ").capitalize()
    if name != "overview":
        expand = page.get_by_test_id("stExpandSidebarButton")
        if expand.is_visible():
            expand.click()
        page.get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible(timeout=30_000)
    # Charts and tables are drawn after their place is there.
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=30_000)
    page.wait_for_timeout(3_000)
    page.screenshot(path=path)


if __name__ == "__main__":
    take_all(sys.argv[1], Path(sys.argv[2]))
