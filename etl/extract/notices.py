"""What a run saw that was not expected of BILL."""

from dataclasses import asdict, dataclass

__all__ = ["Notice"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing seen of a resource: its `kind`, what it is of (`subject`), and the `sentence` for
    people."""

    resource: str
    kind: str
    subject: str
    sentence: str

    def as_json(self) -> dict[str, str]:
        """As kept with the run."""
        return asdict(self)
