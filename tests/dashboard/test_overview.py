"""The first page: its worklist, and figures that say against what."""

from typing import Any

from dashboard import reads
from tests.dashboard.conftest import Open, opened, texts, tiles
from tests.dashboard.test_isolation import view_of
from tests.dashboard.world import World, publish
from tests.etl.books import golden


def listed(app: Any) -> list[str]:
    return list(app.dataframe[-1].value["what"]) if app.dataframe else []


def notes(app: Any) -> dict[str, str]:
    return {metric.label: metric.delta for metric in app.metric}


def test_the_worklist_ranks_what_there_is_to_do(open_page: Open) -> None:
    app = open_page("alice", as_of="2025-06-30", currency="USD")
    assert not app.exception
    assert listed(app) == ["Payment failed", "Unapplied money", "Unapplied money"]
    assert "3 things to do" in texts(app)
    row = app.dataframe[-1].value.iloc[0]
    assert (row["customer"], row["document"]) == ("Customer C4", "I4")


def test_the_filter_is_in_the_address_and_narrows_the_list(open_page: Open) -> None:
    app = open_page("alice", as_of="2025-06-30", todo="unapplied")
    assert set(listed(app)) == {"Unapplied money"}
    app.segmented_control(key="switch-todo").set_value("failure").run()
    assert listed(app) == ["Payment failed"]
    assert app.query_params["todo"] == "failure"
    app.segmented_control(key="switch-todo").set_value("overdue").run()
    assert "Nothing is to be done" in texts(app)
    app.segmented_control(key="switch-todo").set_value("all").run()
    assert "todo" not in app.query_params


def test_a_filter_there_is_not_shows_all(open_page: Open) -> None:
    app = open_page("alice", as_of="2025-06-30", currency="USD", todo="nonsense")
    assert not app.error
    assert len(listed(app)) == 3


def test_a_difference_to_bill_comes_first(own_world: World) -> None:
    publish(own_world.office, "harbor", golden(), findings=3)
    app = opened(own_world, "alice", as_of="2025-06-30")
    assert not app.exception
    assert listed(app)[0] == "Tie-out difference"
    assert app.dataframe[-1].value.iloc[0]["document"] == "I0, and 2 more"
    content = reads.export_worklist(view_of(own_world, "alice", "harbor"))().decode()
    assert content.count("Tie-out difference") == 1
    assert "Payment failed" in content


def test_figures_say_what_was_before(open_page: Open) -> None:
    app = open_page("alice", as_of="2025-07-02", currency="USD")
    assert tiles(app)["Collected this month"] == tiles(app)["Collected today"] == "$250.00"
    assert notes(app)["Collected this month"] == "$0.00 before"
    assert notes(app)["Failed, open"] == "$300.00 at stake"


def test_every_figure_can_be_explained(open_page: Open) -> None:
    app = open_page("alice", as_of="2025-06-30", currency="USD")
    explained = {button.label for button in app.button if button.help == "Explain this number"}
    assert explained == set(tiles(app))


def test_a_total_says_which_figure_is_not_converted(open_page: Open) -> None:
    app = open_page("alice", as_of="2025-06-30", reporting="USD")
    assert not app.exception
    assert not app.error
    assert "Only what is in USD" in texts(app)
