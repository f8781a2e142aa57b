"""Telephone numbers, as far as it is sure whom they ring."""

import re

__all__ = ["dialled"]


def dialled(text: str) -> str | None:
    """A telephone number as BILL has it, as +12085550100; None where its country is not sure.

    Ten digits are a number of North America, as BILL's customers write theirs.
    """
    digits = "".join(c for c in text if c.isascii() and c.isdecimal())
    if re.search(r"[^\d\s().+/-]", text):  # an extension, or two numbers
        return None
    if text.strip().startswith("+"):
        return f"+{digits}" if 8 <= len(digits) <= 15 else None
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    is_sure = len(digits) == 10 and digits[0] in "23456789" and digits[3] in "23456789"
    return f"+1{digits}" if is_sure else None
