"""Every page for every role: of a tenant with figures, one before its first sync, and one whose
books differ from BILL's."""

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard import navigation
from etl.store import tenants, users
from tests.dashboard.conftest import _shown, opened, rendered, texts
from tests.dashboard.world import PASSWORD, World, copied_world, publish
from tests.etl.books import golden

ROLES = {"bob": "viewer", "alice": "operator", "ada": "approver", "olga": "admin"}
LINES = navigation.PAGES + navigation.FOR_ADMINISTRATORS
PAGES = tuple(line.file.removesuffix(".py") for line in LINES)
WITH_RECORD = {"customers": {"customer": "C1"}, "invoices": {"invoice": "I2"}}
DAY = "2025-06-30"
# What may be pressed by whoever only reads; all else changes something.
READING = {
    "All customers",
    "Close",
    "Explain",
    "Keep view",
    "Only theirs",
    "Sign out",
}


@pytest.fixture(scope="module")
def three(pristine: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Quay has figures, Newport nothing yet, Harbor differences; everybody has one role at all."""
    made = copied_world(pristine, tmp_path_factory.mktemp("roles") / "data")
    publish(made.office, "harbor", golden(), findings=3)
    publish(made.office, "quay", golden())
    with made.office.store.begin() as session:
        for slug in ("harbor", "quay", "newport"):
            tenant = tenants.find_tenant(session, slug)
            for who, role in ROLES.items():
                users.add_membership(
                    session,
                    f"{who}@harbor.example",
                    tenant,
                    role,
                    password=PASSWORD,
                    at=made.office.clock(),
                    actor="test",
                )
    return made


@pytest.fixture
def world(three: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield from _shown(three, monkeypatch)


def pages_of(world: World, who: str, tenant: str) -> Iterator[tuple[str, Any]]:
    """Each page as somebody sees it, a record open where the page has one."""
    for page in PAGES:
        url = {"tenant": tenant, "as_of": DAY, **WITH_RECORD.get(page, {})}
        app = opened(world, who, page, **url)
        assert not app.exception, page
        assert not app.error, page
        yield page, app


@pytest.mark.parametrize("who", ROLES)
def test_with_figures_every_page_says_that_they_tie_out(world: World, who: str) -> None:
    for page, app in pages_of(world, who, "quay"):
        assert any("Ties out to the cent" in told for told in rendered(app)), page
        may_see = page != "operations" or ROLES[who] == "admin"
        assert ("For administrators" not in texts(app)) is may_see


@pytest.mark.parametrize("who", ROLES)
def test_before_the_first_sync_no_page_shows_figures(world: World, who: str) -> None:
    for page, app in pages_of(world, who, "newport"):
        assert not app.get("download_button"), page
        assert page == "operations" or "Nothing has been read from BILL yet" in texts(app)


@pytest.mark.parametrize("who", ROLES)
def test_where_books_differ_every_page_says_so_and_shows_what(world: World, who: str) -> None:
    for page, app in pages_of(world, who, "harbor"):
        assert any("3 differences" in told for told in rendered(app)), page
        assert "I2: we compute 1.00 USD, BILL has 2.00" in texts(app)
        assert not any("Ties out to the cent" in told for told in rendered(app))


@pytest.mark.parametrize("tenant", ["harbor", "newport"])
def test_a_viewer_has_no_button_that_changes_anything(world: World, tenant: str) -> None:
    for page, app in pages_of(world, "bob", tenant):
        pressed = {found.label for found in app.button if not str(found.key).startswith("explain-")}
        assert pressed <= READING, page


def test_an_operator_has_the_buttons_that_a_viewer_lacks(world: World) -> None:
    labels = {
        found.label for _page, app in pages_of(world, "alice", "harbor") for found in app.button
    }
    assert {"Send by e-mail", "Payment link", "Archive invoice", "Add note"} <= labels


@pytest.mark.parametrize("who", ROLES)
def test_only_who_approves_may_close_a_month(world: World, who: str) -> None:
    labels = [found.label for found in opened(world, who, "close", tenant="quay").button]
    may_close = ROLES[who] in {"approver", "admin"}
    assert any(label.startswith("Close ") for label in labels) is may_close
