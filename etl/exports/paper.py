"""Pages of paper: the sender at the top, the page's number at the foot, text that cannot break it.

Letters that Inter does not have stand as question marks.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from etl.store.access import Grant

__all__ = ["INK", "LONGEST_CELL", "QUIET", "RULE", "Colour", "Paper", "drawn"]

Colour = tuple[int, int, int]

FONTS = Path(__file__).parent / "fonts"
INK, QUIET, RULE, ACCENT = (24, 28, 36), (98, 106, 120), (222, 226, 232), (15, 118, 110)
LONGEST_NAME, LONGEST_CELL = 200, 60
MARGIN, FOOT = 18, 20
LETTER_IN = frozenset({"USD", "CAD", "MXN"})  # where the tenant's money is, so is its paper
UNKNOWN = "?"


class Paper(FPDF):
    """A document of a tenant's, named at the top of each page."""

    def __init__(self, grant: Grant, title: str) -> None:
        super().__init__(format="Letter" if grant.currency in LETTER_IN else "A4")
        self._grant = grant
        self._title = title
        self.add_font("Inter", "", FONTS / "inter-regular.ttf")
        self.add_font("Inter", "B", FONTS / "inter-semibold.ttf")
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=FOOT)
        self.set_draw_color(*RULE)

    def header(self) -> None:
        """Who sends it, and what it is."""
        half = self.epw / 2
        self.write_cell(self._grant.tenant_name, 12, "B", width=half)
        self.write_cell(self._title, 12, colour=ACCENT, width=half, align="R")
        self.ln(9)
        with self.local_context(draw_color=ACCENT, line_width=0.5):
            self.line(self.l_margin, self.get_y(), self.l_margin + self.epw, self.get_y())
        self.ln(8)

    def footer(self) -> None:
        """Whose days are meant, and which page it is."""
        self.set_y(-14)
        half = self.epw / 2
        days = f"Days are those of {self._grant.time_zone}."
        self.write_cell(days, 8, colour=QUIET, width=half)
        self.write_cell(f"Page {self.page_no()} of {{nb}}", 8, colour=QUIET, width=half, align="R")

    def paragraph(
        self, text: str, size: int, style: str = "", colour: Colour = INK, width: float = 0
    ) -> None:
        """Text on as many lines as it takes."""
        self.ink(size, style, colour)
        height = size * 0.5
        text = drawn(text, LONGEST_NAME)
        self.multi_cell(width, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def write_cell(
        self,
        text: str,
        size: int,
        style: str = "",
        *,
        colour: Colour = INK,
        width: float = 0,
        align: str = "L",
    ) -> None:
        """Text on one line, and the place after it."""
        self.ink(size, style, colour)
        self.cell(width, size * 0.5, drawn(text, LONGEST_CELL), align=align)

    def ink(self, size: int, style: str, colour: Colour) -> None:
        """What is written next."""
        self.set_font("Inter", style, size)
        self.set_text_color(*colour)


def drawn(text: str, most: int) -> str:
    """What can be drawn of a text, on one line: no control and no direction marks, not endless."""
    plain = "".join(_drawable(text[: most + 1]))
    return plain if len(text) <= most else plain[: most - 1] + "…"


def _drawable(text: str) -> Iterator[str]:
    for letter in text:
        if letter.isspace():
            yield " "
        elif letter.isprintable():
            yield letter if ord(letter) in _letters() else UNKNOWN


@cache
def _letters() -> frozenset[int]:
    """What Inter, in the parts that are kept here, can write."""
    with TTFont(FONTS / "inter-regular.ttf") as font:
        return frozenset(font.getBestCmap())
