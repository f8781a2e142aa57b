"""What axe-core finds on a page that somebody would stumble over, and that is ours to mend."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

__all__ = ["violations"]

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
GRAVE = frozenset({"serious", "critical"})
# A rule and a selector: what Streamlit draws by itself, and why it stays.
STREAMLITS_OWN = {
    ("list", "[data-testid=stSidebarNavItems]"): "its menu puts sections between the list's items",
    ("listitem", "[data-testid=stSidebarNav] li"): "so their items are in no list of its own",
    (
        "svg-img-alt",
        "[data-testid=stMetricChart] g",
    ): "marks of a tile's line; its figure is beside it",
}


def violations(page: Page) -> list[str]:
    """A line for each element with a serious or critical violation: its rule, place and HTML."""
    options = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['target'][0]}: {node['html'][:300]}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
        if not _is_streamlits(page, rule["id"], node["target"][0])
    ]


def _is_streamlits(page: Page, rule: str, target: str) -> bool:
    """Whether the element is one that Streamlit draws and we leave."""
    return any(
        page.evaluate("([at, own]) => document.querySelector(at)?.matches(own)", [target, selector])
        for own_rule, selector in STREAMLITS_OWN
        if own_rule == rule
    )
