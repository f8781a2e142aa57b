"""Which records of a resource to ask BILL for, and in which order."""

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from billcom.client import Client
from billcom.paging import Page
from billcom.protocol import clause
from etl.extract.plan import Step
from etl.extract.progress import Progress

__all__ = ["ONE_PAGE", "find_archived", "pull", "pull_whole"]

ONE_PAGE = 100


def pull(
    client: Client, step: Step, progress: Progress, lookback: timedelta, *, full: bool
) -> Iterator[Page]:
    """Pages of the records changed since the watermark, or of all where there is none.

    BILL does not say whether a list holds archived records by itself: where they were seen to be
    left out, they are asked for as well.
    """
    filters = _on_from(step, progress) if full else _since(step, progress, lookback)
    by_change = step.sorts_by_change and not full
    sort = f"{step.watermark if by_change else step.created}:asc"
    yield from client.pages(step.resource, filters=filters, sort=sort)
    if progress.lists_archived_apart:
        apart = [*filters, clause("archived", "eq", True)]
        yield from client.pages(step.resource, filters=apart, sort=sort)


def pull_whole(
    client: Client, step: Step, progress: Progress, organization_id: str
) -> Iterator[Page]:
    """Pages of all records of a short list, or of the one record where there is no list."""
    if "list" not in step.resource.verbs:
        record = client.get(step.resource, organization_id)
        yield Page((json.dumps(record, default=str).encode(),), None)
        return
    sort = f"{step.created}:asc" if step.is_sorted else None
    find = partial(client.pages, step.resource, sort=sort)
    if "{organization_id}" in step.resource.path:
        find = partial(find, organization_id=organization_id)
    yield from find()
    if progress.lists_archived_apart:
        yield from find(filters=[clause("archived", "eq", True)])


def _on_from(step: Step, progress: Progress) -> list[str]:
    """A full read that met a limit goes on: it may be larger than an hour's budget."""
    if progress.enumerated_to is None:
        return []
    return [clause(step.created, "gte", progress.enumerated_to)]


def _since(step: Step, progress: Progress, lookback: timedelta) -> list[str]:
    """The look-back reads a stretch again, for records that BILL dated before our last read but
    showed only after it; land drops what is unchanged.

    A long stretch, as a bulk import leaves one, is not read over and over once BILL has been
    quiet since: what was dated before it must have been shown by the last read.
    """
    if progress.updated_to is None:
        return []
    was_quiet = bool(progress.read_at and progress.updated_to < progress.read_at - lookback)
    if was_quiet and progress.overlap > ONE_PAGE:
        return [clause(step.watermark, "gt", progress.updated_to)]
    return [clause(step.watermark, "gte", progress.updated_to - lookback)]


def find_archived(client: Client, step: Step) -> str | None:
    """The id of any archived record, or None where there is none."""
    pages = client.pages(step.resource, filters=[clause("archived", "eq", True)], page_size=1)
    page: Page = next(pages)
    return str(page.records[0][step.key]) if page.records else None
