"""Views that people keep: their own, those that are shared, and nobody else's."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from billcom.environment import resolve
from billcom.session import Credentials
from etl.back_office import BackOffice
from etl.errors import NotAllowedError, SignedOutError, UnknownTenantError, UsageError
from etl.store import tenants, users
from etl.store.access import Visitor
from etl.store.models import AuditEntry, SavedViewRow
from etl.views import Views

pytestmark = pytest.mark.both_databases
NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
PASSWORD = "a password for tests"
OVERDUE = {"state": "overdue", "amount_from": "1000"}


@pytest.fixture
def views(office: BackOffice) -> Views:
    return Views(office.store, lambda: NOW)


@pytest.fixture
def people(office: BackOffice) -> dict[str, int]:
    """Olive and Otto operate Harbor, Vera reads it, Adam administers it; Quentin operates Quay."""
    for slug in ("harbor", "quay"):
        known = Credentials(f"008{slug}", "user", "key", "password")
        new = tenants.NewTenant(slug, slug, resolve("sandbox"), known, "UTC", "USD")
        with office.store.begin() as session:
            tenants.add_tenant(session, office.box, new, at=NOW, actor="test")
    roles = {
        "olive": ("harbor", "operator"),
        "otto": ("harbor", "operator"),
        "vera": ("harbor", "viewer"),
        "adam": ("harbor", "admin"),
        "quentin": ("quay", "operator"),
    }
    return {name: _add(office, name, *of) for name, of in roles.items()}


def _add(office: BackOffice, name: str, slug: str, role: str) -> int:
    with office.store.begin() as session:
        tenant = tenants.find_tenant(session, slug)
        return users.add_membership(
            session,
            f"{name}@{slug}.example",
            tenant,
            role,
            password=PASSWORD,
            at=NOW,
            actor="test",
        ).id


def names(views: Views, who: int, slug: str = "harbor", page: str = "invoices") -> list[str]:
    return [view.name for view in views.of_page(who, slug, page)]


def keep(views: Views, who: int, name: str, *, is_shared: bool = False) -> None:
    views.save(who, "harbor", "invoices", name, OVERDUE, is_shared=is_shared)


def test_a_view_of_ones_own_is_kept_for_oneself_alone(views: Views, people: dict[str, int]) -> None:
    keep(views, people["vera"], "  Late   and large ")
    (mine,) = views.of_page(people["vera"], "harbor", "invoices")
    assert (mine.name, mine.filters, mine.is_own) == ("Late and large", OVERDUE, True)
    assert names(views, people["olive"]) == []
    assert names(views, people["adam"]) == []
    assert names(views, people["vera"], page="customers") == []


def test_a_shared_view_is_for_the_tenants_people_and_nobody_else(
    views: Views, people: dict[str, int]
) -> None:
    keep(views, people["olive"], "Late", is_shared=True)
    (seen,) = views.of_page(people["vera"], "harbor", "invoices")
    assert (seen.is_own, seen.owner) == (False, "olive@harbor.example")
    with pytest.raises(UnknownTenantError):
        names(views, people["quentin"])
    assert names(views, people["quentin"], slug="quay") == []


def test_whoever_only_reads_shares_nothing(views: Views, people: dict[str, int]) -> None:
    with pytest.raises(NotAllowedError, match="viewer"):
        keep(views, people["vera"], "Late", is_shared=True)
    assert names(views, people["vera"]) == []


def test_the_same_name_again_replaces_ones_own_and_leaves_others_alone(
    views: Views, people: dict[str, int]
) -> None:
    keep(views, people["olive"], "Late", is_shared=True)
    keep(views, people["otto"], "Late")
    views.save(people["olive"], "harbor", "invoices", "Late", {"state": "paid"}, is_shared=False)
    (mine,) = views.of_page(people["olive"], "harbor", "invoices")
    assert (mine.filters, mine.is_shared) == ({"state": "paid"}, False)
    (his,) = views.of_page(people["otto"], "harbor", "invoices")
    assert his.filters == OVERDUE


def test_views_go_with_their_owner_or_an_administrator(
    office: BackOffice, views: Views, people: dict[str, int]
) -> None:
    keep(views, people["olive"], "Hers", is_shared=True)
    keep(views, people["otto"], "His")
    (hers, his) = views.of_page(people["otto"], "harbor", "invoices")
    with pytest.raises(NotAllowedError, match="somebody else's"):
        views.forget(people["otto"], "harbor", hers.view_id)
    with pytest.raises(UsageError, match="no such view"):
        views.forget(people["adam"], "harbor", his.view_id)
    with pytest.raises(UsageError, match="no such view"):
        views.forget(people["quentin"], "quay", hers.view_id)
    views.forget(people["adam"], "harbor", hers.view_id)
    views.forget(people["otto"], "harbor", his.view_id)
    with office.store.read() as session:
        assert session.scalar(select(func.count(SavedViewRow.id))) == 0
        told = [entry.what for entry in session.scalars(select(AuditEntry))]
    assert told.count("view.shared") == told.count("view.removed") == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "\0"])
def test_a_name_that_is_none_keeps_nothing(views: Views, people: dict[str, int], name: str) -> None:
    with pytest.raises(UsageError, match="1 to 60 characters"):
        keep(views, people["vera"], name)
    assert names(views, people["vera"]) == []


def test_more_than_anybody_needs_is_refused(views: Views, people: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="too long"):
        views.save(people["vera"], "harbor", "invoices", "Long", {"q": "x" * 201}, is_shared=False)
    for number in range(50):
        keep(views, people["vera"], f"View {number}")
    with pytest.raises(UsageError, match="50 views already"):
        keep(views, people["vera"], "One more")
    assert len(names(views, people["vera"])) == 50


def test_hostile_names_are_kept_as_the_text_they_are(views: Views, people: dict[str, int]) -> None:
    hostile = "'; DROP TABLE saved_views; -- <script>"
    keep(views, people["vera"], hostile)
    assert names(views, people["vera"]) == [hostile]


def test_a_person_who_is_removed_takes_their_views_along(
    office: BackOffice, views: Views, people: dict[str, int]
) -> None:
    keep(views, people["olive"], "Hers", is_shared=True)
    with office.store.begin() as session:
        users.remove_user(session, "olive@harbor.example", at=NOW, actor="test")
    assert names(views, people["vera"]) == []


def test_a_visit_that_is_over_keeps_and_sees_nothing(views: Views, people: dict[str, int]) -> None:
    gone = Visitor(people["olive"], 999)
    with pytest.raises(SignedOutError):
        views.of_page(gone, "harbor", "invoices")
    with pytest.raises(SignedOutError):
        views.save(gone, "harbor", "invoices", "Late", OVERDUE, is_shared=False)
