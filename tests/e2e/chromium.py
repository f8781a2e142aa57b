"""A Chromium for the browser test: the machine's, else Playwright's own, else Debian's package."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]
HOW = (
    "install Chromium (on Debian: apt-get install chromium) or run "
    "`.venv/bin/playwright install chromium`"
)


def find() -> str | None:
    """The path of a Chromium that is here already."""
    on_path = next((path for name in NAMES if (path := shutil.which(name))), None)
    return on_path or _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow, and rarely needed

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None


def install() -> None:
    """Playwright's own where it can be downloaded, else Debian's package where we are root."""
    _tried([sys.executable, "-m", "playwright", "install", "chromium"])
    if find() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _tried(["apt-get", "update", "-qq"])
        _tried(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"])


def _tried(command: list[str]) -> None:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, check=False, timeout=300, env=environment, **quiet)
    except (OSError, subprocess.TimeoutExpired):
        return


if __name__ == "__main__":
    if find() is None:
        print("No Chromium here: looking for one …", file=sys.stderr)  # noqa: T201
        install()
    if find() is None:
        print(f"*** THE BROWSER TEST WILL BE SKIPPED: {HOW}. ***", file=sys.stderr)  # noqa: T201
