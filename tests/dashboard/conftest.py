"""The world of these tests, and the dashboard as one of its people has it open."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.proto.Block_pb2 import Block
from streamlit.testing.v1 import AppTest

from dashboard.safe_text import NOTHING
from etl.desk import SignedIn
from tests.dashboard.hostile_world import hostile_world
from tests.dashboard.world import PEOPLE, World, copied_world, make_world

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
Open = Callable[..., AppTest]
LAST_SHOWN: list[World] = []


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world, made once and opened by nobody."""
    return make_world(tmp_path_factory.mktemp("pristine"))


@pytest.fixture(scope="session")
def hostile_book(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world of one tenant whose book is full of hostile texts."""
    return hostile_world(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="session")
def shared(pristine: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world of all tests that only look, or add to the outbox."""
    return copied_world(pristine, tmp_path_factory.mktemp("shared") / "data")


@pytest.fixture
def world(shared: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The shared world as the one the dashboard shows."""
    yield from _shown(shared, monkeypatch)


@pytest.fixture
def own_world(pristine: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world that the test may change."""
    yield from _shown(copied_world(pristine, tmp_path / "data"), monkeypatch)


def _shown(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in os.environ:
        if name.startswith("TIEOUT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TIEOUT_DATA_DIR", str(world.settings.data_dir))
    # Snapshots of two worlds may carry the same number, which is what caches go by.
    if [world] != LAST_SHOWN:
        st.cache_resource.clear()
        LAST_SHOWN[:] = [world]
    yield world


@pytest.fixture
def open_page(world: World) -> Open:
    """Opens a page as somebody: their first name, the page's file, and the URL's parameters."""
    return lambda *args, **kwargs: opened(world, *args, **kwargs)


def opened(world: World, who: str, page: str = "overview", **url: str) -> AppTest:
    """A page of a world, run once."""
    app = AppTest.from_file(str(APP), default_timeout=20)
    app.session_state["person"] = signed_in(world, who)
    for name, value in url.items():
        app.query_params[name] = value
    if page != "overview":
        app.switch_page(f"app_pages/{page}.py")
    return app.run()


def signed_in(world: World, who: str) -> SignedIn:
    """Somebody by their first name."""
    return SignedIn(world.people[who], next(email for email in PEOPLE if email.startswith(who)))


def texts(app: AppTest) -> str:
    """Everything written on a page, in one text, without what keeps it from being Markdown."""
    kinds = ("title", "subheader", "caption", "markdown", "error", "warning", "info", "text")
    found = "\n".join(str(element.value) for kind in kinds for element in app.get(kind))
    return found.replace(NOTHING, "").replace("\\", "")


def rendered(app: AppTest) -> Iterator[str]:
    """Every text of a page that Streamlit reads as Markdown, labels of its blocks among them."""
    for node in app._tree:
        proto = _own_proto(node)
        for field in ("body", "label", "title", "help", "delta"):
            text = getattr(proto, field, "")
            if isinstance(text, str) and text:
                yield text
        for option in getattr(proto, "options", ()):
            yield getattr(option, "content", "")


def _own_proto(node: Any) -> Any:
    proto = getattr(node, "proto", None)
    kind = proto.WhichOneof("type") if isinstance(proto, Block) else None
    return getattr(proto, kind) if kind else proto


def tiles(app: AppTest) -> dict[str, str]:
    """The tiles of a page."""
    return {metric.label: metric.value for metric in app.metric}


def button(app: AppTest, label: str) -> Any:
    """The button that says so."""
    return next(found for found in app.button if found.label == label)
