"""Random tokens that a browser or a link carries; we keep their hashes alone."""

import hashlib
import secrets

__all__ = ["hashed", "new_token"]


def new_token() -> str:
    """256 random bits, safe in a cookie and in a URL."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is kept of a token. It is random enough that a quick hash is no weakness."""
    return hashlib.sha256(token.encode()).hexdigest()
