"""Closing a month from its page: who may, what it says, and what changed since."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dashboard import actions, reads
from etl.errors import NotAllowedError, TieoutError, UnknownTenantError, UsageError
from etl.jobs.months import months_of
from etl.store.models import AuditEntry, Close
from tests.dashboard.conftest import Open, button, opened, texts
from tests.dashboard.world import World, publish
from tests.etl.books import at, golden, payment


def last_month() -> str:
    first = reads.desk().now().date().replace(day=1)
    return f"{first - timedelta(days=1):%Y-%m}"


def label_of(month: str) -> str:
    return f"{date.fromisoformat(month + '-01'):%b %Y}"


def close(world: World, who: str, month: str, slug: str = "harbor", *, again: bool = False) -> None:
    actions.close_month(world.people[who], slug, month, again=again)


def closes(world: World) -> int:
    with world.office.store.read() as session:
        return session.query(Close).count()


def offered(app: Any) -> list[Any]:
    return [found for found in app.button if found.label.startswith("Close ")]


def pressed(app: Any) -> Any:
    (found,) = offered(app)
    return found


def states(app: Any) -> dict[str, list[str]]:
    table = app.dataframe[0].value
    return dict(zip(table["month"].astype(str), map(list, table["state"]), strict=True))


def restated_book(month: str) -> dict[str, list[dict[str, Any]]]:
    """The golden book with money that came in the month before last, told of only now."""
    book = golden()
    on = f"{month}-02"
    late = payment("P9", "C4", "50.00", on, {"I4": "50.00"}, updatedTime=at("2025-08-02"))
    book["receivable_payments"].append(late)
    book["invoices"][3]["dueAmount"] -= 50
    return book


def test_an_open_month_shows_what_would_be_closed(open_page: Open) -> None:
    app = open_page("ada", "close")
    assert not app.exception
    assert f"{label_of(last_month())} is open" in texts(app)
    assert len(states(app)) == 12
    assert {state for (state,) in states(app).values()} == {"Open"}
    assert button(app, f"Close {label_of(last_month())}")


def test_an_approver_closes_a_month_and_nothing_of_it_changed(own_world: World) -> None:
    app = opened(own_world, "ada", "close")
    pressed(app).click().run()
    assert not app.exception
    assert closes(own_world) == 1
    shown = texts(app)
    assert f"{label_of(last_month())} was closed** by ada" in shown
    assert "Nothing of it changed since." in [found.value for found in app.success]
    assert ["Closed"] in states(app).values()
    assert "Figures as closed" in [found.label for found in app.get("download_button")]
    assert not offered(app)


def test_a_restated_month_lists_its_documents_and_the_figures_they_moved(own_world: World) -> None:
    close(own_world, "ada", last_month())
    publish(own_world.office, "harbor", restated_book(last_month()))
    app = opened(own_world, "ada", "close")
    assert not app.exception
    assert ["Restated"] in states(app).values()
    documents, figures = (found.value for found in app.dataframe[1:3])
    assert list(documents["change"]) == ["added"]
    assert "payment applied" in documents["after"].iloc[0]
    assert "Receivables aging" in set(figures["metric"])
    pressed(app).click().run()
    assert closes(own_world) == 2
    assert "Nothing of it changed since." in [found.value for found in app.success]


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_who_may_not_approve_reads_and_cannot_close(
    open_page: Open, world: World, who: str
) -> None:
    app = open_page(who, "close")
    assert "Months are closed by approvers and administrators." in texts(app)
    assert not offered(app)
    with pytest.raises(NotAllowedError):
        close(world, who, last_month())
    assert closes(world) == 0


def test_a_role_at_one_tenant_closes_nothing_at_another(world: World) -> None:
    with pytest.raises(NotAllowedError):
        close(world, "ada", last_month(), slug="quay")


def test_a_stranger_gets_nothing_of_a_close(own_world: World) -> None:
    close(own_world, "ada", last_month())
    desk, stranger, month = reads.desk(), own_world.people["charlie"], last_month()
    seq = desk.published(own_world.people["ada"], "harbor").seq
    for read in (
        lambda: desk.months(stranger, "harbor"),
        lambda: desk.restated_documents(stranger, "harbor", month, seq),
        lambda: desk.restated_figures(stranger, "harbor", month, seq),
        lambda: desk.export_close(stranger, "harbor", month),
        lambda: desk.export_restated(stranger, "harbor", month, seq),
        lambda: desk.close_month(stranger, "harbor", month),
    ):
        with pytest.raises(UnknownTenantError):
            read()


@pytest.mark.parametrize("month", ["", "2025", "2025-13", "../..", "2999-01", "2025-06' or 1=1"])
def test_a_month_that_is_none_or_not_over_is_not_closed(world: World, month: str) -> None:
    with pytest.raises(TieoutError):
        close(world, "ada", month)
    assert closes(world) == 0


def test_pressing_late_shows_that_it_is_closed_and_closes_nothing(own_world: World) -> None:
    app = opened(own_world, "ada", "close")
    close(own_world, "ada", last_month())
    pressed(app).click().run()
    assert "was closed** by ada" in texts(app)
    assert closes(own_world) == 1


def test_downloads_are_what_was_kept_and_are_audited(own_world: World) -> None:
    month, ada = last_month(), own_world.people["ada"]
    close(own_world, "ada", month)
    name, content = reads.desk().export_close(ada, "harbor", month)
    document = json.loads(content)
    assert name == f"harbor-close-{month}.json"
    assert document["figures"]["figures"]["ar_aging"]["rows"]
    publish(own_world.office, "harbor", restated_book(month))
    seq = reads.desk().published(ada, "harbor").seq
    _name, csv = reads.desk().export_restated(ada, "harbor", month, seq)
    assert b"payment applied" in csv
    with own_world.office.store.read() as session:
        taken = session.query(AuditEntry).filter(AuditEntry.what == "export.taken").all()
    assert [entry.detail["metric"] for entry in taken] == [f"close {month}", "restated_documents"]
    noted = reads.desk().exported(ada, "harbor")
    assert [(row["view"], row["format"]) for row in noted] == [
        ("restated_documents", "csv"),
        (f"close {month}", "json"),
    ]
    assert noted[-1]["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_month_never_closed_has_no_restatements(world: World) -> None:
    with pytest.raises(UsageError, match="is not closed"):
        reads.desk().restated_documents(world.people["ada"], "harbor", "2025-06", 1)


def test_months_are_the_last_twelve_and_whatever_is_closed() -> None:
    at_night = datetime(2024, 3, 1, 3, tzinfo=UTC)
    old = Close(month="2024-01", id=1, seq=7, closed_by="ada", closed_at=at_night)
    again = Close(month="2024-01", id=2, seq=9, closed_by="bob", closed_at=at_night)
    months = months_of([again, old], date(2026, 1, 31), "America/Chicago")
    assert [month.name for month in months][::12] == ["2025-12", "2024-01"]
    assert (months[-1].close_id, months[-1].closed_by, months[-1].seq) == (2, "bob", 9)
    assert months[-1].closed_on == date(2024, 2, 29)  # where the tenant is
    assert (months[0].first_on, months[0].last_on) == (date(2025, 12, 1), date(2025, 12, 31))
    assert months[0].state(is_restated=False) == "open"
    assert months[-1].state(is_restated=True) == "restated"
