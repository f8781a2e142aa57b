"""Colours that carry a meaning, for light and dark: what .streamlit/config.toml cannot say.

A figure does not follow the page into the dark by itself, so it is drawn in a palette.
"""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

__all__ = ["DARK", "LIGHT", "MARK", "Palette", "logo", "palette", "style"]

STATIC = Path(__file__).parent / "static"
MARK = str(STATIC / "tieout-mark.svg")


@dataclass(frozen=True, slots=True)
class Palette:
    """`aging` goes from not yet due to 91 days and more; `context` is the quiet second bar."""

    name: str
    text: str
    muted: str
    grid: str
    surface: str
    accent: str
    context: str
    failed: str
    aging: tuple[str, str, str, str, str]


LIGHT = Palette(
    name="light",
    text="#121816",
    muted="#5d6763",
    grid="#e8eae6",
    surface="#ffffff",
    accent="#0f5e5c",
    context="#c9d3cf",
    failed="#a8321f",
    aging=("#c9d3cf", "#e6cf9c", "#d8a748", "#c2683a", "#a8321f"),
)
DARK = Palette(
    name="dark",
    text="#e6ebe8",
    muted="#9aa8a2",
    grid="#2b3531",
    surface="#1a211e",
    accent="#5fb8ad",
    context="#46534e",
    failed="#d9674f",
    aging=("#46534e", "#e6cf9c", "#dda94a", "#cf7340", "#d2503a"),
)


def palette() -> Palette:
    """The palette of the page as its user sees it."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def logo() -> str:
    """The wordmark's file for the page as its user sees it."""
    return str(STATIC / f"tieout-{palette().name}.svg")


def style() -> str:
    """What .streamlit/config.toml cannot say of the page, as HTML.

    A chosen option is written in the primary colour, on which white text has to stand too: in the
    dark no colour does both, so it is written in the accent. Where nothing hovers, a grid's tools
    are always there: they get a place of their own above it.
    """
    chosen = "button[data-variant='segmented_control'][data-selected='true']"
    colour = f"color: {palette().accent} !important;"
    grid = "[data-testid='stElementContainer']:has([data-testid='stDataFrame'])"
    room = f"@media (hover: none), (max-width: 640px) {{ {grid} {{ margin-top: 1.5rem; }} }}"
    return f"<style>{chosen}, {chosen} p {{ {colour} }} {room}</style>"
