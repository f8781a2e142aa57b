"""What people typed, on its way into a page: as text, and nothing else."""

import re

__all__ = ["called", "plain"]

LONGEST, LONGEST_NAME = 2_000, 160  # signs
MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$&@^=/\"'])")
# Line ends and controls, which Markdown reads, and marks that turn what comes after them round.
UNSEEN = re.compile("[\\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
FROM_THE_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
# Streamlit looks for these in what Markdown leaves, escaped or not: https://, www., a@b.c, an
# icon's :name:, and arrows. An empty piece in the middle keeps each a text.
FOUND_ANYWAY = re.compile(
    r"(?=://)|(?<=www)(?=\.)|(?<=[-.+\w])(?=@)|(?<=:[\w+-])(?=[\w+-]*:)|(?<=[-<>~])(?=[->=])",
    re.IGNORECASE,
)
NOTHING = ":small[]"


def plain(text: str) -> str:
    """Text of BILL's users where Streamlit reads Markdown: every sign stands for itself.

    So a name can bring neither a link nor a picture from elsewhere into the page, nor turn the
    words after it round. It is one line, cut where nobody would read on; tables and files have all.
    """
    seen = UNSEEN.sub(" ", text[:LONGEST])
    shown = NOTHING.join(MARKDOWN.sub(r"\\\1", part) for part in FOUND_ANYWAY.split(seen))
    shown += "…" if len(text) > LONGEST else ""
    return f"{ISOLATE}{shown}{END_ISOLATE}" if FROM_THE_RIGHT.search(seen) else shown


def called(text: str) -> str:
    """`plain`, of what somebody called something: a heading of it stays one."""
    text = text.strip()
    return plain(text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…")
