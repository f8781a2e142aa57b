"""The words of letters: templates, ours or a tenant's own, and what is put into them.

A tenant's own lie in `templates/SLUG` of the data folder under the names ours have. They are
rendered in a sandbox that reaches nothing but what is handed in; in HTML all of it is escaped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from etl.errors import UsageError

__all__ = ["LONGEST_SUBJECT", "OURS", "Words", "one_line", "ours_rendered", "texted", "worded"]

OURS = Path(__file__).parent / "templates"
LONGEST_SUBJECT = 150
LONGEST_SMS = 640  # four parts of a message; a fifth is more than anybody reads


@dataclass(frozen=True, slots=True)
class Words:
    """A letter in words: the same as plain text and as HTML."""

    subject: str
    text: str
    html: str


def worded(kind: str, facts: Mapping[str, Any], own: Path) -> Words:
    """A letter of a kind; UsageError where a template of the tenant's own fails.

    The first line of the text is the subject; `own` is where the tenant's templates are.
    """
    text, html = (_rendered(f"{kind}.{form}", facts, own) for form in ("txt", "html"))
    subject, _, body = text.strip().partition("\n")
    return Words(one_line(subject)[:LONGEST_SUBJECT], f"{body.strip()}\n", html)


def texted(kind: str, facts: Mapping[str, Any], own: Path) -> Words:
    """A text message of a kind, on one line; UsageError where a template of the tenant's own fails
    or says too much for one."""
    text = one_line(_rendered(f"{kind}.sms", facts, own))
    if len(text) > LONGEST_SMS:
        raise UsageError(f"The template {kind}.sms says more than {LONGEST_SMS} signs: shorten it.")
    return Words("", text, "")


def ours_rendered(name: str, facts: Mapping[str, Any]) -> str:
    """One of Tieout's own templates, with what a letter is given."""
    return _rendered(name, facts, OURS)


def one_line(text: str) -> str:
    """Text of BILL's users on one line, without signs that steer what shows it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _rendered(name: str, facts: Mapping[str, Any], own: Path) -> str:
    world = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([own, OURS]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    try:
        return world.get_template(name).render(**facts)
    except Exception as error:  # noqa: BLE001 - a tenant's template may fail in any way
        raise UsageError(
            f"The template {name} in {own} cannot be used ({one_line(str(error))}): correct it, or "
            "remove it to use Tieout's own."
        ) from None
