"""The way to BILL: address, sign-in, session, clock."""

from datetime import timedelta

from billcom.environment import World
from billcom.errors import ConfigurationError
from billcom.reach import Reach, goes_through_proxy, reach
from billcom.resources import SESSIONS
from etl.doctor.finding import Finding, failed, ok, skipped, warning
from etl.doctor.visit import Visit

__all__ = ["address", "clock", "found", "login", "session"]

CERTIFICATE_SOON = timedelta(days=14)
CLOCKS_AGREE = timedelta(seconds=5)


def address(visit: Visit) -> Finding:
    """Whether the host is found and proves that it is BILL."""
    try:
        environment = visit.environment
    except ConfigurationError as error:
        return failed(str(error), f"tieout tenant environment {visit.tenant.slug}")
    if environment.is_loopback and environment.base_url.startswith("http:"):
        return skipped(f"{environment.base_url} is this machine, and plain HTTP")
    if goes_through_proxy(environment):
        return skipped("reached through a proxy, whose way to BILL is not seen from here")
    return found(reach(environment), visit)


def found(way: Reach, visit: Visit) -> Finding:
    """What is said of a host that was reached."""
    said = f"{way.addresses[0]}, name {way.named_s * 1000:.0f} ms"
    if way.certificate_until is None:
        return ok(said)
    left = way.certificate_until - visit.now
    said += f", connected in {way.connected_s * 1000:.0f} ms, certificate for {left.days} days"
    if left < CERTIFICATE_SOON:
        return warning(
            said, "it is BILL's to renew: if something here inspects traffic, renew that one's"
        )
    return ok(said)


def login(visit: Visit) -> Finding:
    """Whether BILL takes the credentials; a session that is still good saves the sign-in."""
    try:
        signed_in = visit.client.sign_in()
    except ConfigurationError as error:
        return failed(str(error), _right_credentials(visit))
    is_new = any(call.endpoint.endswith("/login") for call in visit.calls)
    how = "signed in anew" if is_new else "with the session of an earlier sign-in"
    return ok(f"user {signed_in.user_id}, {how}")


def _right_credentials(visit: Visit) -> str:
    slug, world = visit.tenant.slug, visit.tenant.environment
    other = next(one for one in World if one != world)
    return (
        f"give those of BILL's {world} with tieout tenant credentials {slug}; if they were made in "
        f"BILL's {other}: tieout tenant environment {slug} --environment {other}"
    )


def session(visit: Visit) -> Finding:
    """Whether the session is good, and of the organization that is meant."""
    said = visit.client.do(SESSIONS, "show")
    organization_id = said.get("organizationId")
    if organization_id != visit.tenant.organization_id:
        return failed(
            f"of organization {organization_id}, not {visit.tenant.organization_id}",
            f"give the credentials of {visit.tenant.organization_id} with tieout tenant "
            f"credentials {visit.tenant.slug}",
        )
    return ok(f"of organization {organization_id}")


def clock(visit: Visit) -> Finding:
    """Whether our clock agrees with BILL's, whose limits go by the clock hour."""
    offset = visit.client.clock_offset
    if offset is None:
        return skipped("no answer of BILL bore a date")
    seconds = abs(offset.total_seconds())
    said = f"BILL's is {seconds:.0f} s {'ahead' if offset > timedelta(0) else 'behind'}"
    if abs(offset) > CLOCKS_AGREE:
        return warning(
            f"{said}: its hourly limits lift at another time than we think",
            "let a time service set this machine's clock (timedatectl set-ntp true)",
        )
    return ok(f"within {CLOCKS_AGREE.seconds} s of BILL's")
