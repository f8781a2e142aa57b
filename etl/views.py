"""The views that people keep of a page's list, each of them let in first."""

from collections.abc import Callable, Mapping
from datetime import datetime

from etl.store import saved_views
from etl.store.access import Permission, Who, authorize
from etl.store.engine import Store
from etl.store.saved_views import SavedView

__all__ = ["Views"]


class Views:
    """What `Desk.views` is: a person's own views, and those shared at a tenant of theirs."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def of_page(self, user_id: Who, slug: str, page: str) -> list[SavedView]:
        """The views of a page, by name; `page` is its file's name."""
        with self._store.read() as session:
            grant = authorize(session, user_id, slug, Permission.READ, at=self._clock())
            return saved_views.saved_views(session, grant, user_id, page)

    def save(
        self,
        user_id: Who,
        slug: str,
        page: str,
        name: str,
        filters: Mapping[str, str],
        *,
        is_shared: bool,
    ) -> None:
        """Keeps a view. Whoever reads keeps their own; NotAllowedError to share without the right
        to act."""
        at = self._clock()
        needed = Permission.ACT if is_shared else Permission.READ
        with self._store.begin() as session:
            grant = authorize(session, user_id, slug, needed, at=at)
            saved_views.save(
                session, grant, user_id, page, name, filters, is_shared=is_shared, at=at
            )

    def forget(self, user_id: Who, slug: str, view_id: int) -> None:
        """Removes a view: one's own, or as an administrator a shared one."""
        at = self._clock()
        with self._store.begin() as session:
            grant = authorize(session, user_id, slug, Permission.READ, at=at)
            saved_views.forget(session, grant, user_id, view_id, at=at)
