"""What is handed to a destination."""

from dataclasses import dataclass

__all__ = ["Parcel"]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file under the name that is its own: delivered twice, it replaces itself."""

    name: str
    content: bytes
    mime: str
    facts_json: str
    title: str
