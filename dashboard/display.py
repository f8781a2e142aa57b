"""How values are written for people: money, moments, states, events.

Nothing here adds or compares money: it arrives rounded, as Decimal, and leaves as text.
"""

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from dashboard.safe_text import called, plain
from etl.metrics.events import event_told as event

__all__ = [
    "ago",
    "called",
    "day",
    "days",
    "event",
    "field",
    "instant",
    "label",
    "moment",
    "money",
    "month",
    "percent",
    "plain",
    "plural",
    "points",
    "rate",
    "rough_money",
    "short_money",
    "signed",
    "state",
]

# A symbol where it is plain which currency it means; every other currency goes by its code.
SYMBOLS = {
    "USD": "$",
    "CAD": "CA$",
    "AUD": "A$",
    "NZD": "NZ$",
    "MXN": "MX$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
}
WORD_START = re.compile(r"(?<=[a-z0-9])([A-Z])")


def money(amount: Decimal | None, currency: str) -> str:
    """An amount with its currency and every digit it has: “$1,234.56”, “¥1,200”, “−CHF 9.50”."""
    if amount is None:
        return "–"
    symbol = SYMBOLS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    sign = "−" if amount < 0 else ""
    return f"{sign}{symbol}{abs(amount):,f}"


def short_money(amount: Decimal, currency: str) -> str:
    """An amount for a tile: whole from 10,000 on, where cents are noise; then “$1.28M”."""
    if abs(amount) < 10_000:
        return money(amount, currency)
    if abs(amount) < 1_000_000:
        return money(_rounded(amount, 0), currency)
    return f"{money(_rounded(amount.scaleb(-6), 2), currency)}M"


def signed(number: Decimal) -> str:
    """How a number moved, to a tenth: “+1.4”, “-0.3”.

    The minus is ASCII's: Streamlit reads no other.
    """
    return f"{_rounded(number, 1):+,f}"


def percent(share: Decimal | None) -> str:
    """A share of one: “12.5 %”."""
    return "–" if share is None else f"{_rounded(share.scaleb(2), 1):,f} %"


def rate(percentage: Decimal | None) -> str:
    """A rate that is in per cent already, with every digit it has: “8.25 %”."""
    return "–" if percentage is None else f"{percentage.normalize():f} %"


def days(count: Decimal | None) -> str:
    """A number of days, to a tenth: “34.1”."""
    return "–" if count is None else f"{_rounded(count, 1):,f}"


def rough_money(amount: Decimal, currency: str) -> str:
    """An amount where only its size matters: “$850”, “$12.5k”, “$1.7M”."""
    for digits, unit in ((6, "M"), (3, "k")):
        if abs(amount).adjusted() >= digits:
            return f"{money(_rounded(amount.scaleb(-digits), 1), currency)}{unit}"
    return money(_rounded(amount, 0), currency)


def points(score: Decimal | None) -> str:
    """A score in whole points."""
    return "–" if score is None else f"{_rounded(score, 0):,f}"


def _rounded(amount: Decimal, digits: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def label(name: str) -> str:
    """A name of the code's as words: invoice_issued is “Invoice issued”, PAID is “Paid”."""
    return name.replace("_", " ").replace(".", " ").capitalize()


def field(name: str) -> str:
    """A field of BILL's as words: dueAmount is “Due amount”."""
    return label(WORD_START.sub(r"_\1", name))


def instant(text: str) -> str:
    """An instant that is a text (2026-11-25T18:30:00Z), to the minute."""
    return f"{text[:10]} {text[11:16]} UTC" if text.endswith("Z") else text


def state(name: str) -> str:
    """An invoice's state, a payment's status, a failure's basis."""
    return {"observed": "Seen", "reconstructed": "Inferred", "unknown": "Not known yet"}.get(
        name, label(name)
    )


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun: “1 invoice”, “1,200 invoices”."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def day(on: date) -> str:
    """A date in a sentence; it says its year."""
    return f"{on.day} {on:%b %Y}"


def month(name: str) -> str:
    """“2026-11” as “Nov 2026”."""
    return f"{date.fromisoformat(name + '-01'):%b %Y}"


def moment(at: datetime, now: datetime, time_zone: str) -> str:
    """An instant in a tenant's time zone; its day only where it is not today's."""
    there, today = at.astimezone(ZoneInfo(time_zone)), now.astimezone(ZoneInfo(time_zone)).date()
    return f"{there:%H:%M}" if there.date() == today else f"{day(there.date())}, {there:%H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """How long ago an instant was: “3 minutes ago”."""
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{plural(seconds // size, unit)} ago"
    return "just now"
