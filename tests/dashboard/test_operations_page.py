"""The page Operations: every section full, empty and in error, and nothing for others."""

from typing import Any

import pytest

from dashboard import navigation
from etl.desk import Desk
from etl.errors import StoreError
from etl.operations.ledger import Ledger
from etl.store import audit, letters
from etl.store.tenants import find_tenant
from tests.dashboard.conftest import Open, button, opened, texts
from tests.dashboard.world import World

SECTIONS = ("runs", "bill", "outbox", "letters", "audit", "tenant", "people")
HOSTILE = "<script>alert(1)</script> [x](https://x.example) '; drop table audit; --"


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("tenant", ["harbor", "newport"])
def test_an_administrator_sees_every_section_even_before_the_first_sync(
    open_page: Open, section: str, tenant: str
) -> None:
    app = open_page("olga", "operations", section=section, tenant=tenant)
    assert not app.exception
    assert not app.error
    assert app.query_params["section"] == section
    assert app.title[0].value == navigation.OPERATIONS.title


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("who", ["alice", "ada", "bob", "charlie", "wendy"])
def test_whoever_does_not_administer_sees_nothing(open_page: Open, who: str, section: str) -> None:
    app = open_page(who, "operations", section=section)
    assert not app.exception
    assert "For administrators" in texts(app)
    assert not app.dataframe
    assert not app.get("download_button")


def test_an_administrator_elsewhere_sees_nothing_here(open_page: Open) -> None:
    app = open_page("olga", "operations", tenant="quay", section="people")
    assert "For administrators" in texts(app)
    assert not app.dataframe


def test_a_section_there_is_not_is_the_first(open_page: Open) -> None:
    app = open_page("olga", "operations", section="../secrets")
    assert not app.exception
    assert "Runs" in texts(app)


def test_hostile_names_stand_in_the_trail_as_text(own_world: World) -> None:
    with own_world.office.store.begin() as session:
        at = own_world.office.clock()
        audit.append(session, at=at, actor=HOSTILE, what="thing.happened", tenant="harbor")
    app = opened(own_world, "olga", "operations", section="audit")
    assert HOSTILE in list(app.dataframe[0].value["actor"])
    app.text_input(key="trail-who").input("'; drop").run()
    assert len(app.dataframe[0].value) == 1
    app.text_input(key="trail-who").input("nobody at all").run()
    assert "No entry matches." in texts(app)


def test_what_was_written_to_whom_is_listed(own_world: World) -> None:
    draft = letters.Draft("reminder", "day:1", (HOSTILE,), (("I1", 1),), "C1", HOSTILE)
    with own_world.office.store.begin() as session:
        harbor, quay = (find_tenant(session, slug) for slug in ("harbor", "quay"))
        for tenant in (harbor, quay):
            letters.write(session, tenant.id, draft, own_world.office.clock())
    app = opened(own_world, "olga", "operations", section="letters")
    assert not app.exception
    assert list(app.dataframe[0].value["about"]) == [HOSTILE]
    assert "Customers get no letters" in texts(app)


def test_the_words_of_letters_are_edited_beside_how_they_read_and_kept(own_world: World) -> None:
    app = opened(own_world, "olga", "operations", section="letters")
    app.selectbox(key="words-kind").select("reminder").run()
    app.text_area(key="words-text-reminder-0").input("Dear {{ customer }},\n{{ nothing }}").run()
    assert "Line 2 of the text cannot be used" in texts(app)
    assert button(app, "Use these words").disabled
    app.text_area(key="words-text-reminder-0").input("Dear {{ customer }}: pay.").run()
    assert "Dear Sample & Sons: pay." in app.code[0].value
    button(app, "Use these words").click().run()
    assert not app.exception
    assert "Version 1, by" in texts(app)
    assert app.text_area(key="words-text-reminder-1").value == "Dear {{ customer }}: pay."
    button(app, "Back to Tieout's own").click().run()
    assert "These are Tieout's own words." in texts(app)


def test_the_chain_is_verified_by_its_button(own_world: World) -> None:
    app = opened(own_world, "olga", "operations", section="audit")
    button(app, "Verify the chain").click().run()
    assert not app.exception
    assert "The chain holds" in app.success[0].value


def test_a_fault_is_one_sentence(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: Any, **__: Any) -> None:
        raise StoreError("The operational store is locked: try again.")

    monkeypatch.setattr(Ledger, "runs", closed)
    app = open_page("olga", "operations", section="runs")
    assert not app.exception
    assert "The operational store is locked: try again." in texts(app)
    monkeypatch.setattr(Desk, "grants", closed)
    assert "The operational store is locked" in texts(open_page("olga", "operations"))
