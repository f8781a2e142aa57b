"""BILL's worlds: proving a connection, and moving a tenant from one world to the other."""

import time

from billcom.client import Client, Surroundings
from billcom.environment import Environment
from billcom.session import Credentials
from billcom.throttle import LocalThrottle
from etl.back_office import BackOffice

__all__ = ["verify"]


def verify(office: BackOffice, environment: Environment, credentials: Credentials) -> None:
    """Signs in to BILL; raises the BillError that says why it cannot."""
    throttle = LocalThrottle(office.settings.hourly_budget, office.clock)
    with Client(environment, credentials, throttle, Surroundings(sleep=_short_sleep)) as client:
        client.sign_in()


def _short_sleep(seconds: float) -> None:
    # A person waits: an address that cannot be reached is told after seconds, not a minute.
    time.sleep(min(seconds, 0.5))
