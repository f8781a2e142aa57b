"""A tenant's own words: kept as text, looked at before they are kept, and made HTML of."""

import re
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from etl.actions.facts import Customer
from etl.errors import UsageError
from etl.notices.allowed import refuse_more
from etl.notices.facts import facts_of
from etl.notices.line import Line, Planned
from etl.notices.words import LONGEST_SUBJECT, OURS, Words, one_line, ours_rendered
from etl.store.access import Grant

__all__ = ["OwnWords", "checked", "own_worded", "shown", "split", "usual"]

LONGEST = {"subject": 500, "text": 20_000}  # signs of a template
LONGEST_LETTER = 200_000
FOOT = '{% include "foot.txt" %}'
LINK = "https://pay.example/invoice"
OUT = "https://desk.example/unsubscribe"
URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
WORLD = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Templates of a kind of letter: its subject, and its text without the foot."""

    subject: str
    text: str


def usual(kind: str) -> OwnWords:
    """Tieout's own, to begin with."""
    return split((OURS / f"{kind}.txt").read_text("utf-8").replace(FOOT, ""))


def split(source: str) -> OwnWords:
    """Words from a file: its first line is the subject."""
    subject, _, text = source.strip().partition("\n")
    return OwnWords(subject, f"{text.strip()}\n")


def checked(grant: Grant, kind: str, words: OwnWords, today: date) -> OwnWords:
    """Words that can be kept; UsageError with the line and reason of what is wrong with them."""
    clean = OwnWords(one_line(words.subject), _clean(words.text))
    for where, source in (("subject", clean.subject), ("text", clean.text)):
        if not source.strip():
            raise UsageError(f"The {where} is empty: write one, or reset it to Tieout's own.")
        if len(source) > LONGEST[where]:
            raise UsageError(f"The {where} has more than {LONGEST[where]:,} signs: shorten it.")
        refuse_more(WORLD, source, where)
    for facts in _samples(grant, kind, today):
        own_worded(clean, facts)
    return clean


def shown(grant: Grant, kind: str, words: OwnWords, today: date) -> Words:
    """How a letter to an invented customer would read; UsageError as `checked`."""
    return own_worded(checked(grant, kind, words, today), _samples(grant, kind, today)[0])


def _clean(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(c for c in line if c.isprintable()) for line in lines)


def own_worded(words: OwnWords, facts: Mapping[str, Any]) -> Words:
    """A letter in words that were checked; its foot is Tieout's own, so that nobody forgets it.

    UsageError where it comes to nothing, or to more than a letter.
    """
    subject = one_line(_rendered(words.subject, facts, "subject"))[:LONGEST_SUBJECT]
    body = _rendered(words.text, facts, "text").strip()
    if not subject or not body:
        raise UsageError("The letter comes to nothing: write what is said in every case.")
    foot = ours_rendered("foot.txt", facts)
    links = {facts["unsubscribe"], *(line["link"] for line in facts["lines"])}
    links |= set(URL.findall(words.text))
    html = ours_rendered("own.html", {**facts, "paragraphs": _paragraphs(body, links)})
    return Words(subject, f"{body}\n\n{foot.strip()}\n", html)


def _rendered(source: str, facts: Mapping[str, Any], where: str) -> str:
    refuse_more(WORLD, source, where)
    try:
        said = _first_signs(WORLD.from_string(source).generate(**facts))
    except Exception as error:  # noqa: BLE001 - a template may fail in any way
        raise UsageError(
            f"Line {_line_of(error)} of the {where} cannot be used: {one_line(str(error))[:200]}. "
            "Nothing was changed."
        ) from None
    if len(said) > LONGEST_LETTER:
        raise UsageError(f"The {where} comes to more than a letter: shorten it.")
    return said


def _first_signs(parts: Iterator[str]) -> str:
    """No more than shows that there are too many."""
    said, size = list[str](), 0
    for part in parts:
        said.append(part)
        size += len(part)
        if size > LONGEST_LETTER:
            break
    return "".join(said)


def _line_of(error: Exception) -> int:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == "<template>"]
    return (lines and lines[-1]) or 1


def _paragraphs(body: str, links: set[str]) -> list[list[list[tuple[str, bool]]]]:
    """Paragraphs of lines of pieces: a text, and whether it is an address that may be opened.

    Only those we were given, or the tenant wrote, may be: not one in the name of a customer.
    """
    blocks = re.split(r"\n\s*\n", body)
    return [[_pieces(line, links) for line in block.split("\n")] for block in blocks]


def _pieces(line: str, links: set[str]) -> list[tuple[str, bool]]:
    pieces, at = list[tuple[str, bool]](), 0
    for found in URL.finditer(line):
        if found[0] in links:
            pieces += [(line[at : found.start()], False), (found[0], True)]
            at = found.end()
    return [*pieces, (line[at:], False)]


def _samples(grant: Grant, kind: str, today: date) -> Sequence[dict[str, Any]]:
    """What letters of a kind are given: of one document, and of several without this and that."""
    person = Customer("sample", "Sample & Sons", grant.currency, email="books@sample.example")
    one = _line(grant, today, "1001", LINK, "Invoice 1001")
    more = (one, _line(grant, today, "", "", ""))
    rich = facts_of(grant, Planned(kind, person, (one,)), {"1001": LINK}, today)
    poor = facts_of(grant, Planned(kind, person, more), {}, today)
    return (rich | {"unsubscribe": OUT}, poor | {"unsubscribe": "", "reply_to": ""})


def _line(grant: Grant, today: date, number: str, link: str, note: str) -> Line:
    amount, invoice_id = Decimal("1234.50"), number if link else ""
    return Line("d", 1, "sample", number, grant.currency, amount, today, invoice_id, note)
