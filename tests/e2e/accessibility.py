"""What axe-core finds on a page that somebody would stumble over, and that is ours to mend."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

__all__ = ["violations"]

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
GRAVE = frozenset({"serious", "critical"})
# Rule and a part of the element's HTML: what Streamlit draws, and why we leave it.
STREAMLITS_OWN: dict[tuple[str, str], str] = {}


def violations(page: Page) -> list[str]:
    """A line for each element with a serious or critical violation: its rule, place and HTML."""
    options = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['html'][:300]}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
        if not _is_streamlits(rule["id"], node["html"])
    ]


def _is_streamlits(rule: str, html: str) -> bool:
    return any(rule == own and part in html for own, part in STREAMLITS_OWN)
