"""A tenant's own words: kept only if they work, and able to do nothing but say them."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from etl.__main__ import main
from etl.desk import Desk
from etl.errors import NotAllowedError, UnknownTenantError, UsageError
from etl.jobs.send_notices import send_notices
from etl.notices.own_words import OwnWords, checked, own_worded, shown, split, usual
from etl.store import letters
from etl.store.access import Grant, command_line_grant
from etl.store.letters import KINDS
from etl.store.models import AuditEntry, LetterWords
from etl.store.tenants import find_tenant, prefer, remove_tenant
from tests.dashboard.world import World, copied_world, make_world
from tests.etl.mailbox import mail_server
from tests.etl.test_notices import NOON, SINCE

DAY = date(2025, 7, 1)
BOMBS = [
    "{{ ''.__class__ }}",
    "{{ tenant.__class__.__mro__ }}",
    "{{ lines | selectattr('__class__') | list }}",
    "{{ lines | map(attribute='__init__') | list }}",
    "{{ self.__init__.__globals__ }}",
    "{% for i in range(10 ** 9) %}x{% endfor %}",
    "{% for a in lines %}{% for b in lines %}x{% endfor %}{% endfor %}",
    "{% for a in lines recursive %}{{ loop(lines) }}{% endfor %}",
    "{{ 'a' * 10000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ '%10000000000d' | format(1) }}",
    "{{ tenant | center(10000000000) }}",
    "{{ totals | join(totals | join(tenant)) }}",
    "{% set x = tenant %}",
    "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{% include '/etc/passwd' %}",
    "{% import 'layout.html' as x %}",
    "{{ cycler.__init__ }}",
    "{{ " + "not " * 4000 + "tenant }}",
    "{{ " + "(" * 3000 + "tenant" + ")" * 3000 + " }}",
    "{{ " + "9" * 6000 + " }}",
    "{% autoescape false %}{{ tenant }}{% endautoescape %}",
]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("words") / "data")


@pytest.fixture
def world(pristine: World, tmp_path: Path) -> Iterator[World]:
    made = copied_world(pristine, tmp_path / "data")
    yield made
    made.office.store.engine.dispose()


@pytest.fixture(scope="module")
def grant(pristine: World) -> Grant:
    with pristine.office.store.read() as session:
        return command_line_grant(find_tenant(session, "harbor"))


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("where", ["subject", "text"])
def test_what_could_reach_out_or_go_on_for_ever_is_refused_with_its_line(
    grant: Grant, bomb: str, where: str
) -> None:
    words = OwnWords("Hello", f"Hello\n\n{bomb}") if where == "text" else OwnWords(bomb, "Hello")
    begun = time.monotonic()
    with pytest.raises(UsageError) as refused:
        checked(grant, "reminder", words, DAY)
    assert time.monotonic() - begun < 2
    line = 3 if where == "text" else 1
    known = str(refused.value)
    begins = (f"Line {line} of the {where} cannot", "Line 1 of the", "The subject has more than")
    assert known.startswith(begins)
    assert len(known) < 300


@pytest.mark.parametrize(
    ("subject", "text", "why"),
    [
        ("", "Hello", "The subject is empty"),
        ("Hello", " \n ", "The text is empty"),
        ("Hello", "x" * 20_001, "more than 20,000 signs"),
        ("x" * 501, "Hello", "more than 500 signs"),
        ("{{ note }}", "Hello", "Line 1 of the subject cannot be used: there is no note"),
        ("Hello", "a\n\n{% if tenant %}\nb", "of the text cannot be used: Unexpected end of templ"),
        ("Hello", "a\n{% for x in lines %}{{ x.foo }}{% endfor %}", "Line 2 of the text cannot be"),
        ("Hello", "{% if customer == 'x' %}y{% endif %}", "The letter comes to nothing"),
        (
            "Hello",
            "a\n\n{{ lines[0].days_past_due < 'x' }}",
            "Line 3 of the text cannot be used: '<'",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(grant: Grant, subject: str, text: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked(grant, "reminder", OwnWords(subject, text), DAY)
    assert why in str(refused.value)


@pytest.mark.parametrize("kind", KINDS)
def test_tieouts_own_words_are_good_to_begin_with(grant: Grant, kind: str) -> None:
    letter = shown(grant, kind, usual(kind), DAY)
    assert "Harbor Freight" in letter.text
    assert "Sample &amp; Sons" in letter.html
    assert "To get no more of these letters: https://desk.example/unsubscribe" in letter.text


def facts(name: str, lines: int = 1) -> dict[str, Any]:
    line = {"number": "I1", "amount": "5.00 USD", "on": "today", "days_past_due": 1, "note": ""}
    return {
        "tenant": "Harbor",
        "customer": name,
        "reply_to": "a@b.example",
        "today": "today",
        "lines": [line | {"link": "https://pay.example/i?a=1&b=2"}] * lines,
        "totals": ["5.00 USD"],
        "unsubscribe": "",
    }


def test_html_is_made_of_what_was_said_and_names_stay_text() -> None:
    words = OwnWords(
        "Hi",
        "Dear {{ customer }}\nsee https://harbor.example/help.\n\n"
        "{% for line in lines %}Pay: {{ line.link }}\n{% endfor %}",
    )
    letter = own_worded(words, facts("<script>x</script> https://evil.example/a"))
    assert "<script>" not in letter.html
    assert "Dear &lt;script&gt;x&lt;/script&gt; https://evil.example/a<br>" in letter.html
    assert 'href="https://evil.example' not in letter.html
    assert '<a href="https://harbor.example/help">https://harbor.example/help</a>.' in letter.html
    assert 'href="https://pay.example/i?a=1&amp;b=2"' in letter.html
    assert "{{" not in own_worded(words, facts("{{ tenant }}{% x %}")).text.replace("{{ tenant", "")


def test_a_letter_of_ten_megabytes_ends_at_once() -> None:
    words = OwnWords("Hi", "{% for line in lines %}" + "{{ customer }}" * 1000 + "{% endfor %}")
    begun = time.monotonic()
    with pytest.raises(UsageError, match="comes to more than a letter"):
        own_worded(words, facts("a name" * 20, lines=5000))
    assert time.monotonic() - begun < 2


def test_kept_words_are_sent_versioned_and_reset(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("TIEOUT_DATA_DIR", str(world.settings.data_dir))

    def tieout(*arguments: str) -> tuple[int, str]:
        code = main(["notices", "template", *arguments, "--tenant", "harbor"])
        said = capsys.readouterr()
        return code, said.out + said.err

    file = tmp_path / "words.txt"
    file.write_text(tieout("show", "failed_payment")[1].replace("Please pay again", "Kindly pay"))
    assert tieout("set", "failed_payment", str(file))[0] == 0
    file.write_text("Hello\n\n{{ ''.__class__ }}")
    code, said = tieout("set", "failed_payment", str(file))
    assert (code, "Line 1 of the text cannot be used" in said) == (2, True)
    assert json.loads(tieout("show", "failed_payment", "--json")[1])["version"] == 1
    with world.office.store.begin() as session:
        changes = {"notices": (("failed_payment", f"{SINCE}"),), "reply_to": "a@b.example"}
        prefer(session, "harbor", changes, at=NOON, actor="test")
    with mail_server() as (box, port):
        urls = {"smtp_url": f"smtp://localhost:{port}", "smtp_from": "tieout@books.example"}
        settings = replace(world.settings, **urls)
        office = replace(world.office, settings=settings, clock=lambda: NOON)
        assert send_notices(office, lambda *_: {}) == {"sent": 1}
        (message,) = box.messages
    assert message["Subject"] == "Your payment to Harbor Freight did not go through"
    assert "Kindly pay" in str(message)
    body = message.get_body(("plain",))
    assert body is not None
    assert 'the word "unsubscribe" is enough' in body.get_content()
    assert tieout("reset", "failed_payment")[0] == 0
    assert "already" in tieout("reset", "failed_payment")[1]
    assert "Please pay again" in tieout("show", "failed_payment")[1]
    with world.office.store.read() as session:
        known = [
            (one.what, one.detail["version"])
            for one in session.scalars(select(AuditEntry))
            if one.what.startswith("letter_words")
        ]
        assert len(letters.listed(session, find_tenant(session, "harbor").id)) == 1
    assert known == [("letter_words.set", 1), ("letter_words.reset", 2)]
    with world.office.store.begin() as session:
        remove_tenant(session, find_tenant(session, "harbor"), at=NOON, actor="test")
        assert session.scalars(select(LetterWords)).all() == []


def test_only_administrators_edit_and_nobody_over_anothers_words(world: World) -> None:
    desk = Desk(world.settings, world.office.store)
    wording, olga = desk.operations.wording, world.people["olga"]
    words = split("Hello {{ customer }}\n\nPay {{ totals | join(', ') }}.")
    for name, slug, error in (
        ("alice", "harbor", NotAllowedError),
        ("olga", "quay", NotAllowedError),
        ("charlie", "harbor", UnknownTenantError),
    ):
        with pytest.raises(error):
            wording.keep(world.people[name], slug, "reminder", words, 0)
        with pytest.raises(error):
            wording.written(world.people[name], slug, "reminder")
    wording.keep(olga, "harbor", "reminder", words, 0)
    with pytest.raises(UsageError, match="Somebody changed these words meanwhile"):
        wording.keep(olga, "harbor", "reminder", words, 0)
    found = wording.written(olga, "harbor", "reminder")
    assert (found.words, found.version, found.set_by) == (words, 1, "olga@harbor.example")
    wording.reset(olga, "harbor", "reminder", 1)
    assert wording.written(olga, "harbor", "reminder").words == usual("reminder")
    with pytest.raises(UsageError, match="There are no letters “alert”"):
        wording.preview(olga, "harbor", "alert", words)
