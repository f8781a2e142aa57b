"""The same person in a real Chromium: everything a browser loads, runs and draws is in the time."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, async_playwright, expect

from dashboard.doors import SESSION_COOKIE
from tests.bench.tab import PATIENCE_S, Seen
from tests.e2e import chromium

__all__ = ["ChromiumTab", "chromium_opened"]

PATIENCE_MS = 1000 * PATIENCE_S


class ChromiumTab:
    """One page in a Chromium, loaded anew for every visit, as a link in a letter is."""

    def __init__(self, page: Page, url: str) -> None:
        self._page = page
        self._url = url

    async def visit(self, path: str, query: str = "") -> Seen:
        """Opens a page and waits until its script has ended and its heading is drawn."""
        begun = time.perf_counter()
        await self._page.goto(f"{self._url}/{path}?{query}")
        await expect(self._page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE_MS)
        await expect(self._page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning", timeout=PATIENCE_MS
        )
        seen = Seen(seconds=time.perf_counter() - begun)
        seen.said.append((await self._page.content()).encode())
        seen.wrong += await self._page.get_by_test_id("stException").all_inner_texts()
        seen.wrong += await self._page.get_by_test_id("stAlertContentError").all_inner_texts()
        return seen


@asynccontextmanager
async def chromium_opened(executable: str, url: str, cookie: str) -> AsyncIterator[ChromiumTab]:
    """A Chromium that comes back with its cookie."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=chromium.ARGUMENTS
        )
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        await context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": url}])
        yield ChromiumTab(await context.new_page(), url)
        await browser.close()
