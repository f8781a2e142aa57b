"""The same questions asked of pandas: money in whole ten thousandths, so that it is exact too."""

from collections.abc import Mapping

import pandas as pd

__all__ = ["FRAMES", "PANDAS"]

Frames = Mapping[str, pd.DataFrame]

FRAMES = {
    "balances": (
        "select currency, due_on::timestamp as due_on, from_on::timestamp as from_on, "
        "least(to_on, date '2200-01-01')::timestamp as to_on, "
        "(open_amount * 10000)::bigint as amount from invoice_balances where open_amount > 0"
    ),
    "ledger": (
        "select currency, customer_id, event, document, effective_on::timestamp as effective_on, "
        "(revenue * 10000)::bigint as revenue, (unapplied * 10000)::bigint as unapplied, "
        "((receivable + unapplied) * 10000)::bigint as moved from ledger order by event_id"
    ),
}


def _ar_aging(frames: Frames, day: pd.Timestamp, _customer: str) -> object:
    balances, ledger = frames["balances"], frames["ledger"]
    chosen = balances[(balances.from_on <= day) & (balances.to_on > day)]
    late = (day - chosen.due_on).dt.days
    bucket = pd.cut(late, [-100_000, 0, 30, 60, 90, 100_000], labels=False)
    aged = chosen.groupby(["currency", bucket]).amount.sum()
    unapplied = ledger[ledger.effective_on <= day].groupby("currency").unapplied.sum()
    return aged, unapplied


def _ar_by_month(frames: Frames, day: pd.Timestamp, _customer: str) -> object:
    balances, ledger = frames["balances"], frames["ledger"]
    loose = ledger[ledger.unapplied != 0]
    rows = []
    for back in range(24):
        end = min(day, (day - pd.DateOffset(months=back)) + pd.offsets.MonthEnd(0))
        chosen = balances[(balances.from_on <= end) & (balances.to_on > end)]
        rows.append(chosen.groupby("currency").amount.sum())
        rows.append(chosen[chosen.due_on < end].groupby("currency").amount.sum())
        rows.append(loose[loose.effective_on <= end].groupby("currency").unapplied.sum())
    return rows


def _invoiced_by_month(frames: Frames, day: pd.Timestamp, _customer: str) -> object:
    ledger = frames["ledger"]
    chosen = ledger[(ledger.effective_on <= day) & (ledger.revenue != 0)]
    return chosen.groupby([chosen.effective_on.dt.to_period("M"), "currency"]).revenue.sum()


def _customer_history(frames: Frames, day: pd.Timestamp, customer: str) -> object:
    ledger = frames["ledger"]
    chosen = ledger[(ledger.customer_id == customer) & (ledger.effective_on <= day)]
    chosen = chosen[chosen.moved != 0]
    return chosen.assign(balance=chosen.moved.cumsum())


PANDAS = {
    "ar_aging": _ar_aging,
    "ar_by_month": _ar_by_month,
    "invoiced_by_month": _invoiced_by_month,
    "customer_history": _customer_history,
}
