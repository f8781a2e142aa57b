"""Signing in and out."""

from streamlit.testing.v1 import AppTest

from tests.dashboard.conftest import APP, Open, button, texts
from tests.dashboard.world import PASSWORD, World

ALICE = "alice@harbor.example"
WRONG = "The e-mail address or the password is wrong."


def came(**url: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=20)
    for name, value in url.items():
        app.query_params[name] = value
    return app.run()


def tried(app: AppTest, email: str, password: str) -> AppTest:
    app.text_input(key="email").input(email)
    app.text_input(key="password").input(password)
    return button(app, "Sign in").click().run()


def test_whoever_has_not_signed_in_sees_no_figure(world: World) -> None:
    app = came(tenant="harbor")
    assert app.title[0].value == "Sign in"
    assert not app.metric
    assert not app.dataframe
    assert "Harbor" not in texts(app)


def test_every_page_asks_to_sign_in_first(world: World) -> None:
    app = came()
    for page in ("revenue", "failed_payments", "customers", "invoices"):
        app.switch_page(f"app_pages/{page}.py").run()
        assert app.title[0].value == "Sign in"
        assert not app.dataframe


def test_the_right_password_opens_the_overview(world: World) -> None:
    app = tried(came(), ALICE, PASSWORD)
    assert app.title[0].value == "Overview"
    assert not app.error


def test_the_address_one_came_for_stays_over_signing_in(world: World) -> None:
    app = tried(came(tenant="quay", as_of="2025-06-30"), ALICE, PASSWORD)
    assert app.query_params["tenant"] == "quay"
    assert "As of 30 Jun 2025" in texts(app)


def test_a_wrong_password_is_told_in_a_sentence(world: World) -> None:
    app = tried(came(), ALICE, "not the password")
    assert WRONG in texts(app)
    assert app.title[0].value == "Sign in"


def test_an_unknown_address_is_told_the_same(world: World) -> None:
    assert WRONG in texts(tried(came(), "nobody@nowhere.example", PASSWORD))


def test_an_empty_form_is_not_tried(world: World) -> None:
    assert "Give your e-mail address" in texts(tried(came(), "", ""))


def test_five_wrong_passwords_lock_even_the_right_one_out(own_world: World) -> None:
    app = came()
    for _ in range(5):
        tried(app, ALICE, "not the password")
    assert "Too many wrong passwords" in texts(tried(app, ALICE, PASSWORD))


def test_signing_out_leaves_nothing_behind(open_page: Open) -> None:
    app = open_page("alice", tenant="quay")
    button(app, "Sign out").click().run()
    assert app.title[0].value == "Sign in"
    assert "tenant" not in app.query_params
    assert not app.dataframe
