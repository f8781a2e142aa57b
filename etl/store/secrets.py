"""Sealing what must not be readable at rest, with the key from the settings or a file."""

import hashlib
import hmac
import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from cryptography.fernet import Fernet, InvalidToken

from etl.errors import SettingsError, StoreError
from etl.settings import Settings

__all__ = ["SecretBox", "open_box"]


class SecretBox:
    """Seals and opens texts (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, key: str) -> None:
        try:
            self._fernet = Fernet(key)
        except ValueError:
            raise SettingsError(
                "TIEOUT_SECRET_KEY is not a key: it must be 32 bytes in URL-safe base64."
            ) from None
        self._key = key

    def derived(self, purpose: str) -> str:
        """Another key, for one purpose, which gives nothing of this one away."""
        return hmac.new(self._key.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    def seal(self, plain: str) -> str:
        """The sealed form of a text."""
        return self._fernet.encrypt(plain.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text again; raises StoreError where another key sealed it."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise StoreError(
                "The stored credentials were sealed with another key: give that key in "
                "TIEOUT_SECRET_KEY, or give them anew with tieout tenant credentials."
            ) from None


def open_box(settings: Settings) -> SecretBox:
    """The box of these settings; without a key in them one is made and kept, owner-only."""
    return SecretBox(settings.secret_key or _kept_key(settings.data_dir / "secret.key"))


def _kept_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written whole under a name of its own (mkstemp: owner-only) and linked into place, so
        # that those who start together never see half a key and agree on one.
        handle, fresh = mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key())
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
        Path(fresh).unlink()
    return path.read_text().strip()
