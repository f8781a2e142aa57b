"""What goes wrong, told as one sentence; a traceback belongs in the log."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.display import plain
from etl.errors import TieoutError

__all__ = ["calm", "say"]

LOG = logging.getLogger(__name__)
OURS = (
    "This part of the page could not be made: a fault of Tieout's own, and it is in the log. "
    "Nothing was changed or sent. Load the page again; if it comes back, tell whoever runs Tieout."
)


@contextmanager
def calm() -> Iterator[None]:
    """What is inside may fail: its reader then sees why, and the rest of the page stands."""
    try:
        yield
    except TieoutError as error:
        say(str(error))
    except Exception:
        LOG.exception("a page broke")
        say(OURS)


def say(sentence: str) -> None:
    """A sentence about what went wrong."""
    st.error(plain(sentence), icon=":material/error:")
