"""Alice (member), Bob (teammate), Charlie (stranger): who may read what."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from typing import Any

import plotly.graph_objects as go
import pytest

from dashboard import reads
from dashboard.reads import View
from dashboard.theme import Palette
from etl.desk import Desk
from etl.errors import TieoutError, UnknownTenantError
from etl.metrics.catalogue import CATALOGUE
from etl.metrics.figures import Question
from etl.store import tenants, users
from tests.dashboard.conftest import Open, texts
from tests.dashboard.world import World

ON = Question(as_of=date(2025, 6, 30))
READS: dict[str, Callable[[Desk, int, str, int], Any]] = {
    "today": lambda desk, who, slug, _seq: desk.today(who, slug),
    "published": lambda desk, who, slug, _seq: desk.published(who, slug),
    "figures": lambda desk, who, slug, seq: desk.figures(who, slug, "summary", ON, seq),
    "export": lambda desk, who, slug, seq: desk.export(who, slug, "summary", ON, seq),
    "explain": lambda desk, who, slug, seq: desk.explain(who, slug, "summary", ON, seq),
    "evidence": lambda desk, who, slug, seq: desk.evidence(who, slug, "summary", ON, seq),
    "statement_pdf": lambda desk, who, slug, seq: desk.statement_pdf(
        who, slug, "C1", None, ON.as_of, seq
    ),
    "exported": lambda desk, who, slug, _seq: desk.exported(who, slug),
    "tasks": lambda desk, who, slug, _seq: desk.tasks(who, slug),
    "export_worklist": lambda desk, who, slug, seq: desk.export_worklist(who, slug, ON, seq),
    "last_run": lambda desk, who, slug, _seq: desk.last_run(who, slug),
    "months": lambda desk, who, slug, _seq: desk.months(who, slug),
    "timeline": lambda desk, who, slug, seq: desk.timeline(who, slug, "C1", ON.as_of, seq),
    "views": lambda desk, who, slug, _seq: desk.views.of_page(who, slug, "invoices"),
    "reasons_to_come": lambda desk, who, slug, _seq: desk.reasons_to_come(who, slug),
    "outbox": lambda desk, who, slug, _seq: desk.outbox(who, slug),
}


def drawn(_colours: Palette) -> go.Figure:
    return go.Figure()


def seq_of(world: World, who: str, slug: str) -> int:
    return reads.desk().published(world.people[who], slug).seq


def view_of(world: World, who: str, slug: str, user_id: int | None = None) -> View:
    """What somebody looks at; `user_id` puts another person in their place."""
    desk, owner = reads.desk(), world.people[who]
    grant = next(grant for grant in desk.grants(owner) if grant.tenant == slug)
    return View(
        user_id=owner if user_id is None else user_id,
        grant=grant,
        published=desk.published(owner, slug),
        today=date(2025, 8, 1),
        as_of=date(2025, 6, 30),
        currency=None,
    )


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("who", ["alice", "bob"])
def test_members_may_read(world: World, read: str, who: str) -> None:
    seq = seq_of(world, "alice", "harbor")
    READS[read](reads.desk(), world.people[who], "harbor", seq)


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("who", ["charlie", "wendy", "nora"])
def test_a_stranger_gets_nothing(world: World, read: str, who: str) -> None:
    seq = seq_of(world, "alice", "harbor")
    with pytest.raises(UnknownTenantError, match="There is no such tenant among yours"):
        READS[read](reads.desk(), world.people[who], "harbor", seq)


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("slug", ["no-such-tenant", "../harbor", "", "harbor\0"])
def test_a_bad_tenant_is_none(world: World, read: str, slug: str) -> None:
    with pytest.raises(UnknownTenantError):
        READS[read](reads.desk(), world.people["alice"], slug, 1)


@pytest.mark.parametrize("read", READS)
def test_a_user_there_is_not_gets_nothing(world: World, read: str) -> None:
    with pytest.raises(UnknownTenantError):
        READS[read](reads.desk(), 9_999, "harbor", seq_of(world, "alice", "harbor"))


def test_a_snapshot_of_another_tenant_is_not_read_under_ones_own(world: World) -> None:
    of_quay = seq_of(world, "alice", "quay")
    with pytest.raises(TieoutError):
        reads.desk().figures(world.people["bob"], "harbor", "summary", ON, of_quay)


def test_what_is_cached_for_a_member_is_not_given_to_a_stranger(world: World) -> None:
    mine = view_of(world, "alice", "harbor")
    theirs = view_of(world, "alice", "harbor", user_id=world.people["charlie"])
    assert reads.figures(mine, "invoices").rows
    reads.frame(mine, "invoices", ("invoice_number",))
    reads.at_month_ends(mine, "summary", "USD")
    reads.chart(mine, "months", (), drawn)
    for read in (
        lambda: reads.figures(theirs, "invoices"),
        lambda: reads.frame(theirs, "invoices", ("invoice_number",)),
        lambda: reads.at_month_ends(theirs, "summary", "USD"),
        lambda: reads.chart(theirs, "months", (), drawn),
        lambda: reads.currencies(theirs),
        lambda: reads.worklist(theirs),
        reads.export(theirs, "invoices"),
        reads.statement(theirs, "C1"),
        reads.export_worklist(theirs),
    ):
        with pytest.raises(UnknownTenantError):
            read()


def test_a_run_is_one_moment_and_the_next_asks_anew(own_world: World) -> None:
    view = view_of(own_world, "bob", "harbor")
    with reads.one_run():
        assert reads.figures(view, "invoices").rows
        _takes_harbor_from_bob(own_world)
        assert reads.figures(view, "invoices").rows
    for reading in (reads.one_run, nullcontext):
        with reading(), pytest.raises(UnknownTenantError):
            reads.figures(view, "invoices")


def test_what_a_run_was_told_of_one_person_says_nothing_of_another(world: World) -> None:
    mine = view_of(world, "alice", "harbor")
    theirs = view_of(world, "alice", "harbor", user_id=world.people["charlie"])
    with reads.one_run():
        assert reads.figures(mine, "invoices").rows
        with pytest.raises(UnknownTenantError):
            reads.figures(theirs, "invoices")


def test_a_run_that_breaks_off_is_over(own_world: World) -> None:
    view = view_of(own_world, "bob", "harbor")

    def breaks_off() -> None:
        with reads.one_run():
            assert reads.figures(view, "invoices").rows
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks_off()
    _takes_harbor_from_bob(own_world)
    with pytest.raises(UnknownTenantError):
        reads.figures(view, "invoices")


def _takes_harbor_from_bob(world: World) -> None:
    store, at = world.office.store, world.office.clock()
    with store.begin() as session:
        harbor = tenants.find_tenant(session, "harbor")
        users.remove_membership(session, "bob@harbor.example", harbor, at=at, actor="test")


@pytest.mark.parametrize("metric", CATALOGUE)
def test_tenants_with_the_same_customers_never_see_each_others_rows(
    world: World, metric: str
) -> None:
    ours, theirs = view_of(world, "alice", "harbor"), view_of(world, "alice", "quay")
    asked = CATALOGUE[metric].metric
    narrowed = {"customer": asked.needs_customer, "record": asked.needs_record}
    one = [name for name, is_needed in narrowed.items() if is_needed]
    more = {"reporting": "EUR"} if asked.needs_reporting else {}
    mine = reads.figures(ours, metric, **dict.fromkeys(one, "C1"), **more)
    other = reads.figures(theirs, metric, **dict.fromkeys(one, "Q1"), **more)
    assert mine.snapshot != other.snapshot
    assert not _ids(mine) & _ids(other)
    assert all(str(found).startswith("Q") for found in _ids(other))


def _ids(figures: Any) -> set[str]:
    kinds = {column.name: column.kind for column in figures.metric.columns}
    return {
        value
        for record in figures.records()
        for name, value in record.items()
        if kinds[name] == "id" and value
    }


def test_a_customer_of_another_tenant_has_no_history_here(world: World) -> None:
    view = view_of(world, "alice", "harbor")
    for metric in ("customer_history", "open_items", "payments", "invoices", "failed_payments"):
        assert reads.figures(view, metric, customer="Q1").rows == ()
    assert reads.figures(view, "record_history", record="Q1").rows == ()


@pytest.mark.parametrize("page", ["customers", "invoices"])
def test_a_record_of_another_tenant_in_the_address_shows_nothing_of_it(
    open_page: Open, page: str
) -> None:
    app = open_page("bob", page, customer="Q1", invoice="QI1")
    assert not app.exception
    shown = texts(app) + "".join(str(table.value) for table in app.dataframe)
    assert "7,777.77" not in shown
    assert "QI1" not in shown


def test_a_csv_holds_the_rows_of_its_own_tenant(world: World) -> None:
    content = reads.export(view_of(world, "alice", "quay"), "invoices")().decode()
    lines = content.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("quay,2025-06-30,UTC,USD,QI") for line in lines[1:])


@pytest.mark.parametrize(("format_", "begins"), [("xlsx", b"PK"), ("parquet", b"PAR1")])
def test_other_formats_are_offered_as_what_they_are(
    world: World, format_: str, begins: bytes
) -> None:
    make = reads.export(view_of(world, "alice", "quay"), "invoices", format_=format_)
    assert make().startswith(begins)
