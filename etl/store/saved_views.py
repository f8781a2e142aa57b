"""Views that people keep of a list: one's own, and those that a member shares with the tenant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from etl.errors import NotAllowedError, UsageError
from etl.store import audit
from etl.store.access import Grant, Permission, Visitor, Who
from etl.store.databases import insert
from etl.store.models import SavedViewRow, User

__all__ = ["SavedView", "forget", "save", "saved_views"]

LONGEST_NAME, LONGEST_FILTER, MOST_FILTERS, MOST_OF_ONE = 60, 200, 20, 50
NO_SUCH = "There is no such view among yours: it may have been removed a moment ago."


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view as its page lists it; `filters` are parameters of the page's address."""

    view_id: int
    name: str
    filters: Mapping[str, str]
    is_shared: bool
    is_own: bool
    owner: str


def saved_views(session: Session, grant: Grant, who: Who, page: str) -> list[SavedView]:
    """A person's own views of a page and those shared at the tenant, by name."""
    user_id = _user_id(who)
    rows = session.execute(
        select(SavedViewRow, User.email)
        .join(User, SavedViewRow.user_id == User.id)
        .where(
            SavedViewRow.tenant_id == grant.tenant_id,
            SavedViewRow.page == page,
            or_(SavedViewRow.user_id == user_id, SavedViewRow.is_shared),
        )
    )
    found = [
        SavedView(row.id, row.name, row.filters, row.is_shared, row.user_id == user_id, email)
        for row, email in rows
    ]
    return sorted(found, key=lambda view: (view.name.casefold(), view.view_id))


def save(
    session: Session,
    grant: Grant,
    who: Who,
    page: str,
    name: str,
    filters: Mapping[str, str],
    *,
    is_shared: bool,
    at: datetime,
) -> None:
    """Keeps a view under a name; the same name of the same person again replaces it."""
    user_id, name = _user_id(who), _checked_name(name)
    key = {"tenant_id": grant.tenant_id, "user_id": user_id, "page": page, "name": name}
    kept = {"filters": _checked_filters(filters), "is_shared": is_shared, "saved_at": at}
    new = insert(session, SavedViewRow).values(**key, **kept)
    session.execute(new.on_conflict_do_update(index_elements=[*key], set_=kept))
    _refuse_too_many(session, grant, user_id)
    if is_shared:
        _audit(session, grant, "view.shared", name, at)


def _checked_name(name: str) -> str:
    name = " ".join(name.replace("\0", " ").split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise UsageError(f"A view's name has 1 to {LONGEST_NAME} characters: nothing was saved.")
    return name


def _checked_filters(filters: Mapping[str, str]) -> dict[str, str]:
    if len(filters) > MOST_FILTERS or any(len(text) > LONGEST_FILTER for text in filters.values()):
        raise UsageError("The filters are too long to be kept: shorten what is searched for.")
    return dict(filters)


def _refuse_too_many(session: Session, grant: Grant, user_id: int) -> None:
    of_one = select(func.count(SavedViewRow.id)).where(
        SavedViewRow.tenant_id == grant.tenant_id, SavedViewRow.user_id == user_id
    )
    if (session.scalar(of_one) or 0) > MOST_OF_ONE:
        raise UsageError(f"You have {MOST_OF_ONE} views already: remove one first.")


def forget(session: Session, grant: Grant, who: Who, view_id: int, *, at: datetime) -> None:
    """Removes one's own view, or as an administrator one that is shared."""
    row = session.get(SavedViewRow, view_id)
    is_own = row is not None and row.user_id == _user_id(who)
    if row is None or row.tenant_id != grant.tenant_id or not (is_own or row.is_shared):
        raise UsageError(NO_SUCH)
    if not is_own and not grant.allows(Permission.ADMINISTER):
        raise NotAllowedError(
            "This view is somebody else's: they remove it, or an administrator does."
        )
    session.delete(row)
    if row.is_shared:
        _audit(session, grant, "view.removed", row.name, at)


def _user_id(who: Who) -> int:
    return who.user_id if isinstance(who, Visitor) else who


def _audit(session: Session, grant: Grant, what: str, name: str, at: datetime) -> None:
    detail = {"name": name}
    audit.append(session, at=at, actor=grant.user, what=what, tenant=grant.tenant, detail=detail)
