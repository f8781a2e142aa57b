"""What is chosen in a list when a newer snapshot comes: the same records, wherever they are now."""

import json
from typing import Any

from tests.dashboard.conftest import opened, texts
from tests.dashboard.world import World, publish
from tests.etl.books import golden, invoice

DAY = "2025-06-30"


def numbers(app: Any) -> list[str]:
    return list(app.dataframe[0].value["invoice_number"])


def choose(app: Any, rows: list[int], cells: list[tuple[int, str]]) -> None:
    chosen = {"rows": rows, "columns": [], "cells": cells}
    app.session_state[app.dataframe[0].key] = {"selection": chosen}
    app.run()


def begun(app: Any) -> dict[str, Any]:
    said = app.dataframe[0].proto.selection_default
    return dict(json.loads(said)["selection"])


def publish_another(world: World) -> None:
    """A newer overdue invoice above all others, and I3 due later than today."""
    book = golden()
    moved = next(one for one in book["invoices"] if one["id"] == "I3")
    moved["dueDate"] = "2025-12-31"
    book["invoices"].append(invoice("I9", "C1", "5.00", "2025-06-20", "2025-06-25"))
    publish(world.office, "harbor", book)


def test_rows_chosen_are_chosen_in_the_next_snapshot_unless_gone(own_world: World) -> None:
    app = opened(own_world, "alice", "invoices", as_of=DAY, state="overdue")
    assert numbers(app) == ["I3", "I1", "I4"]
    key = app.dataframe[0].key
    choose(app, [0, 1], [])
    assert "2 invoices chosen" in texts(app).replace("*", "")
    publish_another(own_world)
    app.run()
    assert numbers(app) == ["I9", "I1", "I4"]
    assert app.dataframe[0].key != key
    assert begun(app)["rows"] == [1]
    assert "1 invoice chosen" in texts(app).replace("*", "")


def test_an_invoice_that_was_closed_stays_closed_though_its_row_moves(own_world: World) -> None:
    app = opened(own_world, "alice", "invoices", as_of=DAY)
    choose(app, [], [(numbers(app).index("I2"), "invoice_number")])
    assert app.query_params["invoice"] == "I2"
    app.query_params.pop("invoice")
    publish_another(own_world)
    app.run()
    assert begun(app)["cells"] == [[numbers(app).index("I2"), "invoice_number"]]
    assert "invoice" not in app.query_params


def test_other_filters_and_another_page_begin_with_nothing_chosen(own_world: World) -> None:
    app = opened(own_world, "alice", "invoices", as_of=DAY)
    choose(app, [0, 1], [])
    app.segmented_control(key="invoice-state").set_value("overdue").run()
    assert begun(app)["rows"] == []
    choose(app, [0], [])
    app.switch_page("app_pages/customers.py").run()
    app.switch_page("app_pages/invoices.py").run()
    assert begun(app)["rows"] == []
