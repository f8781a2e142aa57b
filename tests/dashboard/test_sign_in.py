"""Signing in and out."""

from datetime import timedelta

import pyotp
import pytest
from streamlit.testing.v1 import AppTest

from etl.entrance import open_entrance
from etl.store import tenants, users
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


def shown_secret(app: AppTest) -> str:
    return app.code[0].value.replace(" ", "")


def typed(app: AppTest, code: str, label: str) -> AppTest:
    app.text_input(key="code").input(code)
    return button(app, label).click().run()


def require_second_factor(world: World) -> None:
    changes = {"second_factor": "required"}
    at = world.office.clock()
    with world.office.store.begin() as session:
        tenants.prefer(session, "harbor", changes, at=at, actor="test")


def test_a_required_second_factor_is_set_up_on_the_way_in_and_asked_for_then(
    own_world: World,
) -> None:
    require_second_factor(own_world)
    app = tried(came(), ALICE, PASSWORD)
    assert app.title[0].value == "Set up a second factor"
    secret = shown_secret(app)
    assert "That code is wrong" in texts(typed(app, "000000", "Confirm"))
    assert shown_secret(app) == secret
    typed(app, pyotp.TOTP(secret).now(), "Confirm")
    assert app.title[0].value == "Keep these codes"
    codes = app.code[0].value.split()
    button(app, "I have kept them").click().run()
    assert app.title[0].value == "Overview"

    again = tried(came(), ALICE, PASSWORD)
    assert again.title[0].value == "Enter your code"
    assert not again.metric
    assert "That code is wrong" in texts(typed(again, "000000", "Sign in"))
    assert "Type the code first" in texts(typed(again, " ", "Sign in"))
    assert typed(again, codes[0], "Sign in").title[0].value == "Overview"


def test_one_may_begin_again_as_somebody_else(own_world: World) -> None:
    require_second_factor(own_world)
    app = tried(came(), ALICE, PASSWORD)
    button(app, "Sign in as somebody else").click().run()
    assert app.title[0].value == "Sign in"


def test_an_old_password_is_renewed_on_the_way_in(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_PASSWORD_DAYS", "1")
    with own_world.office.store.begin() as session:
        users.must_find(session, ALICE).created_at -= timedelta(days=2)
    app = tried(came(), ALICE, PASSWORD)
    assert app.title[0].value == "Choose a new password"
    for new, again, told in (
        ("another-long-one", "something-else-now", "are not the same"),
        ("short", "short", "at least 12 characters"),
        (PASSWORD, PASSWORD, "the password you have"),
    ):
        app.text_input[0].input(new)
        app.text_input[1].input(again)
        assert told in texts(button(app, "Save and sign in").click().run())
    app.text_input[0].input("another-long-one")
    app.text_input[1].input("another-long-one")
    assert button(app, "Save and sign in").click().run().title[0].value == "Overview"


def test_a_link_that_is_used_up_leads_to_the_form_with_a_sentence(world: World) -> None:
    app = came(token="used-long-ago")
    assert app.title[0].value == "Sign in"
    assert "This link was used already" in texts(app)
    assert "token" not in app.query_params


def test_a_link_shows_its_tenant_alone_and_forgets_its_token(own_world: World) -> None:
    entrance = open_entrance(own_world.settings)
    address = entrance.make_link(ALICE, "quay", "viewer", 5, actor="test")
    app = came(tenant="harbor", token=address.partition("token=")[2])
    assert app.title[0].value == "Overview"
    assert "Quay Logistics" in texts(app)
    assert "Harbor" not in texts(app)
    assert "token" not in app.query_params


def test_ones_own_password_and_second_factor_are_changed_on_a_page(own_world: World) -> None:
    app = tried(came(), ALICE, PASSWORD).switch_page("app_pages/account.py").run()
    assert app.title[0].value == "Your account"
    for at, given in enumerate((PASSWORD, "another-long-one", "another-long-one")):
        app.text_input[at].input(given)
    button(app, "Change password").click().run()
    assert "Your password is changed" in app.success[0].value
    button(app, "Set up a second factor").click().run()
    secret = shown_secret(app)
    typed(app, pyotp.TOTP(secret).now(), "Confirm")
    assert app.title[0].value == "Keep these codes"
    button(app, "I have kept them").click().run()
    app.switch_page("app_pages/account.py").run()
    assert "with 10 recovery codes left" in texts(app)
    assert not app.error


def test_a_visitor_by_a_link_changes_no_account(own_world: World) -> None:
    entrance = open_entrance(own_world.settings)
    address = entrance.make_link(ALICE, "quay", "viewer", 5, actor="test")
    app = came(token=address.partition("token=")[2]).switch_page("app_pages/account.py").run()
    assert "You came by a link" in texts(app)
    assert not app.text_input
