"""The scheduled exports of a tenant as a page arranges them, whoever asks let in first."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from etl.errors import UsageError
from etl.exports.schedule import Destination, Wanted, arranged, told
from etl.mail.smtp import can_mail
from etl.settings import Settings
from etl.store import export_schedules, users
from etl.store.access import Permission, Who, authorize
from etl.store.engine import Store

__all__ = ["Schedules"]


class Schedules:
    """What `Desk.schedules` is. Pages arrange mail to members; folders of this machine and storage
    are for the command line alone, as a tenant's operator has no business with either."""

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock

    @property
    def can_mail(self) -> bool:
        """Whether there is a server and a sender for mail."""
        return can_mail(self._settings)

    def of_tenant(self, user_id: Who, slug: str) -> list[dict[str, Any]]:
        """The schedules by name, as etl.exports.schedule.told tells them."""
        with self._store.read() as session:
            grant = authorize(session, user_id, slug, Permission.READ, at=self._clock())
            return [told(row) for row in export_schedules.schedules(session, grant)]

    def members(self, user_id: Who, slug: str) -> list[str]:
        """To whom an export may be sent; NotAllowedError for whoever may not arrange one."""
        with self._store.read() as session:
            grant = authorize(session, user_id, slug, Permission.ACT, at=self._clock())
            return users.members_of(session, grant.tenant_id)

    def add(self, user_id: Who, slug: str, wanted: Wanted, recipients: Sequence[str]) -> None:
        """Arranges an export by mail; UsageError where it makes no sense or goes to a stranger."""
        at = self._clock()
        if not recipients:
            raise UsageError("Say to whom: choose at least one member.")
        with self._store.begin() as session:
            grant = authorize(session, user_id, slug, Permission.ACT, at=at)
            members = users.checked_members(session, grant, recipients)
            to = Destination("email", {"recipients": members})
            new = arranged(grant, wanted, to, by=grant.user, at=at)
            export_schedules.add(session, grant, new, actor=grant.user)

    def remove(self, user_id: Who, slug: str, name: str) -> None:
        """Arranges it no longer; what it delivered stays in the history."""
        at = self._clock()
        with self._store.begin() as session:
            grant = authorize(session, user_id, slug, Permission.ACT, at=at)
            export_schedules.remove(session, grant, name, at=at, actor=grant.user)

    def hasten(self, user_id: Who, slug: str, name: str) -> None:
        """Has it delivered within half a minute, by `tieout serve`."""
        at = self._clock()
        with self._store.begin() as session:
            grant = authorize(session, user_id, slug, Permission.ACT, at=at)
            export_schedules.hasten(session, grant, name, at=at, actor=grant.user)
