"""What a run saw that was not expected of BILL."""

from dataclasses import asdict, dataclass

__all__ = ["Notice"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing seen: of which resource, what kind, of what in it, and a sentence for a person."""

    resource: str
    kind: str
    subject: str
    sentence: str

    def as_json(self) -> dict[str, str]:
        """As kept on the run and printed."""
        return asdict(self)
