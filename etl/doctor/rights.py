"""What the user may do at BILL: read each list, and write."""

from collections.abc import Callable

from billcom.errors import (
    BusinessError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ValidationError,
)
from billcom.resources import CUSTOMERS
from etl.doctor.finding import Finding, failed, ok, skipped, warning
from etl.doctor.visit import Visit
from etl.extract.plan import Step
from etl.store.tenants import may_be_written

__all__ = ["NOBODY", "list_of", "write_permission"]

# BILL's ids name their world in the fourth and fifth place, 01 or 02: no customer has this one.
NOBODY = "0cu00000000000000000"
DECLINED = (NotFoundError, ValidationError, BusinessError)


def list_of(step: Step) -> Callable[[Visit], Finding]:
    """The check that a list is readable, asked as a sync asks."""

    def look(visit: Visit) -> Finding:
        sort = f"{step.watermark}:asc"
        page = next(visit.client.pages(step.resource, sort=sort, page_size=1))
        return ok("readable" if page.records else "readable, and empty")

    return look


def write_permission(visit: Visit) -> Finding:
    """Whether the user may write, found out by a change that BILL can only decline.

    It changes nothing, of a customer that cannot exist: an empty body would neither alter one
    that did nor be enough to make one.
    """
    slug = visit.tenant.slug
    if not may_be_written(visit.tenant):
        return skipped(
            "nothing is written to this production tenant yet",
            f"if it is to be: tieout tenant allow-writes {slug}",
        )
    try:
        visit.client.do(CUSTOMERS, "update", id=NOBODY, body={})
    except DECLINED:
        return ok("BILL declined a change only for the customer, whom it does not have")
    except PermissionDeniedError as error:
        return failed(
            f"reading works, writing does not: {error}",
            "have an administrator of the organization give the user a role that may change "
            "customers and invoices in BILL",
        )
    except OutcomeUnknownError as error:
        return warning(f"BILL did not say: {error}", "look again later")
    return warning(
        "BILL took an empty change of a customer it cannot have", "look again later; report it"
    )
