"""Pictures of every page, wide and narrow, light and dark, as a role sees them.

Of a running demo:         python -m tests.e2e.screenshots FOLDER --url URL [--role ROLE]
Of a small world's state:  python -m tests.e2e.screenshots FOLDER --state STATE [--role ROLE]

STATE is data, none (before the first sync) or failed (differences to BILL).
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from dashboard.navigation import FOR_ADMINISTRATORS, PAGES, PageLine
from etl.commands import demo
from etl.commands.processes import dashboard_command
from tests.dashboard import world as small
from tests.e2e import chromium
from tests.e2e.conftest import _free_port, _process, _wait_for
from tests.e2e.test_browser import SIZES, opened
from tests.etl.books import golden

STATES = ("data", "none", "failed")
# Of the small world; Newport is the tenant that has nothing yet.
BY_ROLE = {
    "viewer": "bob@harbor.example",
    "operator": "alice@harbor.example",
    "approver": "ada@harbor.example",
    "admin": "olga@harbor.example",
}
AT_NEWPORT = {"viewer": "wendy@newport.example", "admin": "olga@harbor.example"}
DRAWN_MS = 3_000  # charts and tables are drawn after their place is there


def take_all(url: str, folder: Path, email: str, password: str, tenant: str = "") -> None:
    """Every page that this person has, in every size and scheme, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=chromium.ARGUMENTS
        )
        for size in SIZES:
            for scheme in ("light", "dark"):
                page = opened(browser, size, scheme)
                _sign_in(page, f"{url}/?tenant={tenant}" if tenant else url, email, password)
                for line in PAGES + FOR_ADMINISTRATORS:
                    name = line.file.removesuffix(".py")
                    _take(page, line, folder / f"{name}-{size}-{scheme}.png")
                page.context.close()
        browser.close()


def _sign_in(page: Page, url: str, email: str, password: str) -> None:
    page.goto(url)
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("textbox", name="Password").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(PAGES[0].title, timeout=30_000)


def _take(page: Page, line: PageLine, path: Path) -> None:
    expand = page.get_by_test_id("stExpandSidebarButton")
    if expand.is_visible():
        expand.click()
    link = page.get_by_role("link", name=line.title, exact=True)
    if not link.count():  # not of this role
        return
    link.click()
    expect(page.get_by_role("heading", name=line.title, level=1)).to_be_visible(timeout=30_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=30_000)
    page.wait_for_timeout(DRAWN_MS)
    page.screenshot(path=path)


def of_demo(url: str, folder: Path, role: str) -> None:
    """Pictures of a demo that is running there."""
    email = next(email for email, its_role, _ in demo.PEOPLE if its_role == role)
    take_all(url, folder, email, demo.PASSWORD)


def of_state(state: str, folder: Path, role: str) -> None:
    """Pictures of the small world that tests of pages use, in a state.

    Before the first sync there are a viewer and an administrator alone.
    """
    email, tenant = BY_ROLE[role], "harbor"
    if state == "none":
        email, tenant = AT_NEWPORT[role], "newport"
    with _served(state) as url:
        take_all(url, folder, email, small.PASSWORD, tenant)


@contextmanager
def _served(state: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as place:
        data = Path(place)
        world = small.make_world(data)
        if state == "failed":
            small.publish(world.office, "harbor", golden(), findings=3)
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        with _process(dashboard_command(port), os.environ | {"TIEOUT_DATA_DIR": place}, data):
            _wait_for(f"{url}/_stcore/health")
            yield url


def main() -> None:
    """What was asked for on the command line."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("folder", type=Path)
    given.add_argument("--url", help="of a running demo")
    given.add_argument("--state", choices=STATES, default="data")
    given.add_argument("--role", choices=list(BY_ROLE), default="admin")
    asked = given.parse_args()
    if asked.url:
        of_demo(asked.url, asked.folder, asked.role)
    else:
        of_state(asked.state, asked.folder, asked.role)


if __name__ == "__main__":
    main()
