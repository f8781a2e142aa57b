"""Failure rates the plain way, from BILL's records alone: slow, short, and easy to believe."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Record = Mapping[str, Any]
Counts = dict[tuple[str, str], dict[str, int]]
CARDS = {"CREDIT_CARD", "VIRTUAL_CARD"}


def rail(payment: Record) -> str:
    kind = payment["receivablesType"]
    if kind == "ACH":
        return "ach"
    return "card" if kind in CARDS else "other"


def day_of(instant: str, zone: str) -> date:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).date()


def two_banking_days_after(day: date) -> date:
    left = 2
    while left:
        day += timedelta(days=1)
        if day.weekday() < 5:
            left -= 1
    return day


def outcome(payment: Record, on: date, zone: str) -> str | None:
    """What had become of a payment by the end of a day; None where it was not there yet."""
    dated = date.fromisoformat(payment["paymentDate"])
    changed, created = (day_of(payment[name], zone) for name in ("updatedTime", "createdTime"))
    status = payment["status"]
    if status in {"VOID", "CANCELED"} and on >= changed:
        return "failed" if status == "VOID" else "canceled"
    was_paid = status == "PAID" or (status == "VOID" and changed >= dated)
    if was_paid and on >= dated:
        is_open = rail(payment) == "ach" and on <= two_banking_days_after(dated)
        return "pending" if is_open else "paid"
    return "pending" if on >= min(created, changed) else None


def failure_counts(
    customers: Iterable[Record], payments: Iterable[Record], on: date, zone: str = "UTC"
) -> Counts:
    """Counts by (currency, rail) and by (currency, "all")."""
    currencies = {c["id"]: c.get("invoiceCurrency") or "USD" for c in customers}
    online = [p for p in payments if p["onlinePayment"]]
    counts: Counts = defaultdict(lambda: defaultdict(int))
    tries: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for payment in online:
        found = outcome(payment, on, zone)
        if found is None:
            continue
        currency = currencies[payment["customerId"]]
        if payment["paymentDate"] <= on.isoformat():
            for key in ((currency, rail(payment)), (currency, "all")):
                counts[key][found] += 1
        if found != "canceled":
            order = (payment["paymentDate"], payment["createdTime"], payment["id"])
            for part in payment["invoicePayments"]:
                tries[part["invoiceId"]].append((order, currency, rail(payment), found))
    for made in tries.values():
        _count_invoice(counts, sorted(made), on)
    return counts


def _count_invoice(counts: Counts, made: list[tuple[Any, ...]], on: date) -> None:
    settled = [
        (place, currency, kind, found)
        for place, (order, currency, kind, found) in enumerate(made)
        if found in {"paid", "failed"} and order[0] <= on.isoformat()
    ]
    keys = {(currency, k) for _, currency, kind, _ in settled for k in (kind, "all")}
    for key in keys:
        mine = [
            (place, found)
            for place, currency, kind, found in settled
            if key in {(currency, kind), (currency, "all")}
        ]
        counts[key]["invoices"] += 1
        counts[key]["failed_invoices"] += any(found == "failed" for _, found in mine)
        counts[key]["firsts"] += any(place == 0 for place, _ in mine)
        counts[key]["failed_firsts"] += (0, "failed") in mine
