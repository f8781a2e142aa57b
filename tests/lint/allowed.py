"""The floats there may be, each with the reason why no money passes through it."""

from dataclasses import dataclass

from tests.lint.finding import Finding

__all__ = ["ALLOWED", "NO_MONEY", "Allowed"]

# Folders and modules that never hold an amount: what they begin with, and what is in them.
NO_MONEY = {
    "billcom/sandbox/": "the pretend BILL, on the other side of the wire",
    "billcom/admission.py": "seconds and shares of an hour's calls",
    "billcom/client.py": "seconds",
    "billcom/effects.py": "seconds",
    "billcom/reach.py": "seconds",
    "billcom/retry.py": "seconds",
    "billcom/telemetry.py": "seconds",
    "billcom/throttle.py": "seconds",
    "billcom/transport.py": "seconds",
    "etl/doctor/": "seconds, and gigabytes that are free",
    "etl/service/exposition.py": "counts and seconds as Prometheus takes them",
    "etl/store/": "how the product is doing, and settings: amounts are in the warehouse alone",
    "etl/scheduler.py": "seconds",
    "etl/commands/demo.py": "seconds, and the line in which its own sandbox says where it is",
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may stand in a file: findings of a rule, all or only those with this text."""

    path: str
    rule: str
    reason: str
    text: str = ""

    def covers(self, path: str, found: Finding) -> bool:
        """Whether it lets this finding stand."""
        return (path, found.rule) == (self.path, self.rule) and self.text in found.text


INTEGERS = "whole numbers of 64 bits: amounts in ten thousandths, days, counts"
PIXELS = "the length of a bar or line; the text on it is made from the Decimal"
MILLIMETRES = "where something is on paper; amounts on it are texts"

ALLOWED = (
    Allowed("billcom/classify.py", "reader", "BILL's errors bear no amounts"),
    Allowed("billcom/paging.py", "reader", "tells records apart by their ids, unparsed"),
    Allowed("etl/acting/proposing.py", "reader", "amounts are texts there"),
    Allowed("etl/back_office.py", "type", "seconds"),
    Allowed("etl/commands/act.py", "literal", "seconds", "0.2"),
    Allowed("etl/environments.py", "type", "seconds"),
    Allowed("etl/environments.py", "literal", "seconds"),
    Allowed("etl/jobs/sync_tenant.py", "type", "seconds"),
    Allowed("etl/jobs/webhook_subscriptions.py", "reader", "an address and a key of our own"),
    Allowed("etl/jobs/sync_tenant.py", "literal", "seconds"),
    Allowed("etl/jobs/sync_tenant.py", "rounding", "seconds", "perf_counter"),
    Allowed(
        "etl/extract/incoming.py", "reader", "keeps values as the texts they are", "msgspec.Raw"
    ),
    Allowed("etl/entrance.py", "type", "seconds"),
    Allowed("etl/exchange/provider.py", "type", "seconds"),
    Allowed("etl/exchange/provider.py", "literal", "seconds"),
    Allowed("etl/exports/paper.py", "literal", MILLIMETRES),
    Allowed("etl/exports/paper.py", "type", MILLIMETRES),
    Allowed("etl/exports/paper.py", "division", MILLIMETRES),
    Allowed(
        "etl/exports/workbook.py",
        "type",
        "Excel has no other numbers; an amount that a double does not give back is text there",
    ),
    Allowed("etl/fleetflow/tables.py", "type", "refuses columns of that type", "Float"),
    Allowed("etl/jobs/fleet_work.py", "reader", "an address and a key", "office.box.open"),
    Allowed("etl/jobs/run_exports.py", "reader", "a storage's keys", "self.office.box.open"),
    Allowed("etl/notices/unsubscribing.py", "reader", "a tenant's number and an e-mail address"),
    Allowed("etl/extract/contract.py", "reader", "looks at fields' names and kinds, keeps none"),
    Allowed("etl/extract/contract.py", "type", "asks whether BILL sent a number, keeps none"),
    Allowed("etl/metrics/lateness.py", "module", INTEGERS),
    Allowed("etl/metrics/lateness.py", "frame", INTEGERS),
    Allowed("etl/metrics/projection.py", "module", INTEGERS),
    Allowed("etl/metrics/outlook.py", "module", INTEGERS),
    Allowed("etl/metrics/outlook.py", "frame", INTEGERS),
    Allowed("etl/balancer/crew.py", "literal", "seconds"),
    Allowed("etl/balancer/crew.py", "division", "how often something is looked at"),
    Allowed("etl/balancer/passing.py", "literal", "seconds"),
    Allowed("etl/warehouse/past.py", "type", "when a file was used last"),
    Allowed("etl/warehouse/snapshot.py", "literal", "seconds"),
    Allowed("etl/warehouse/snapshot.py", "type", "seconds"),
    Allowed("etl/billing/billing_terms.py", "division", "a Decimal's share of days, then rounded"),
    Allowed("etl/metrics/shares.py", "division", "Decimals made in the lines above"),
    Allowed("dashboard/charts.py", "type", PIXELS),
    Allowed("dashboard/charts.py", "literal", PIXELS),
    Allowed("dashboard/components/tiles.py", "type", PIXELS),
    Allowed("dashboard/components/cash_tiles.py", "type", PIXELS),
    Allowed("dashboard/components/standing_tiles.py", "type", PIXELS),
)
