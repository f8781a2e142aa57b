"""The gate of everything in here: whoever does not administer the tenant gets nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from etl.settings import Settings
from etl.store.access import Grant, Permission, Who, authorize
from etl.store.engine import Store
from etl.store.secrets import SecretBox

__all__ = ["Gate"]


@dataclass(frozen=True, slots=True)
class Gate:
    """The store, the secrets and the clock, and the decision about who may come to them."""

    settings: Settings
    store: Store
    box: SecretBox
    clock: Callable[[], datetime]

    def admin(self, who: Who, slug: str) -> Grant:
        """The grant of an administrator; NotAllowedError or UnknownTenantError for others."""
        with self.store.read() as session:
            return authorize(session, who, slug, Permission.ADMINISTER, at=self.clock())
