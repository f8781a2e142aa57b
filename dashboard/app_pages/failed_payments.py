"""Failed payments: what is at stake, why and whose, and the cases one works through."""

from dashboard import navigation, reads
from dashboard.components import (
    currency,
    empty,
    failed_cases,
    failure_charts,
    failure_tiles,
    page,
    reason_dialog,
    return_meters,
)
from dashboard.reads import View


def body(view: View) -> None:
    """Tiles, two charts, the cases, and the return rates."""
    if not reads.figures(view, "failed_payments").rows:
        empty.show(
            "No payment failed",
            "Online payments that are returned, voided or canceled would be listed here.",
            icon=":material/check_circle:",
        )
        return
    code = currency.choose(view)
    if code:
        failure_tiles.show(view, code)
        failure_charts.show(view, code)
        currency.note(view, "failed_payments")
    failed_cases.show(view)
    return_meters.show(view)
    reason_dialog.show_open(view)


if __name__ == "__main__":
    page.show(navigation.FAILED_PAYMENTS, body)
