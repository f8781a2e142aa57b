"""What a rule found."""

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A place where money could become a float: the rule it breaks, and the text that does."""

    rule: str
    line: int
    text: str
