"""What people typed becomes text: no Markdown, no link, nothing that turns or hides the rest."""

import re

import pytest

from dashboard.safe_text import LONGEST, LONGEST_NAME, NOTHING, called, plain

# What Streamlit looks for in a text after Markdown's escapes are gone.
LINKS = re.compile(r"(https?://|www(?=\.))([-.\w]+)|[-.\w+]+@([-\w]+(?:\.[-\w]+)+)", re.IGNORECASE)
ICONS = re.compile(r":[\w+-]+:")
ARROWS = re.compile(r"<->|->|<-|--|>=|<=|~=")


def pieces(text: str) -> list[str]:
    """The texts that Markdown leaves of a text."""
    return [re.sub(r"\\(.)", r"\1", piece) for piece in plain(text).split(NOTHING)]


@pytest.mark.parametrize(
    "hostile",
    [
        "![x](https://evil.example/p.png)",
        "[pay here](https://evil.example)",
        "<img src=x onerror=alert(1)>",
        ":red[urgent] :material/warning:",
        "$\\text{x}$ `code` **bold** ~~gone~~",
        "HTTPS://evil.example www.evil.example a.b+c@evil.example",
        ":streamlit: :material_check: :smile: ::a::",
        "Boise -> Tacoma <- <-> -- >= <= ~=",
    ],
)
def test_what_people_typed_is_never_markdown(hostile: str) -> None:
    assert "".join(pieces(hostile)) == hostile
    for sign in "![]<>:$`*~":
        assert plain(hostile).replace(NOTHING, "").count(f"\\{sign}") == hostile.count(sign)
    for piece in pieces(hostile):
        assert [found for at in (LINKS, ICONS, ARROWS) if (found := at.findall(piece))] == []


def test_lines_tabs_and_controls_are_spaces_so_that_nothing_becomes_a_block() -> None:
    assert plain("two\r\n\r\n    lines\there\x1b[31m\0") == r"two lines here \[31m "


def test_marks_that_turn_the_direction_are_left_out_and_what_is_written_so_stands_apart() -> None:
    assert plain("a\u202eb") == "a b"
    assert plain("שלום 5") == "\u2068שלום 5\u2069"


def test_what_is_endless_is_cut() -> None:
    assert (len(plain("W" * 10_000)), plain("W" * 10_000)[-1]) == (LONGEST + 1, "…")
    assert (len(called("W" * 10_000)), called("W" * 10_000)[-1]) == (LONGEST_NAME, "…")
    assert called("W" * LONGEST_NAME) == "W" * LONGEST_NAME
    assert called(" Harlow ") == "Harlow"
