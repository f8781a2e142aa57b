"""All that administrators see and change of a tenant's running, in one place."""

from etl.operations.gate import Gate
from etl.operations.health import Health
from etl.operations.ledger import Ledger
from etl.operations.people import People
from etl.operations.tenancy import Tenancy
from etl.operations.trail import Trail
from etl.operations.webhooks import Webhooks

__all__ = ["Operations"]


class Operations:
    """Every part passes the gate at every question."""

    def __init__(self, gate: Gate) -> None:
        self.ledger = Ledger(gate)
        self.health = Health(gate)
        self.webhooks = Webhooks(gate)
        self.trail = Trail(gate)
        self.people = People(gate)
        self.tenancy = Tenancy(gate)
