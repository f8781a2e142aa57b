"""Failed payments: how many a month, and each of them."""

import streamlit as st

from dashboard import charts, navigation, reads
from dashboard.components import chart, currency, empty, page, table
from dashboard.periods import first_of_months, months_up_to
from dashboard.reads import View

COLUMNS = (
    "failed_on",
    "customer",
    "amount",
    "payment_type",
    "reference_number",
    "status",
    "reason",
    "basis",
)
WHY = (
    "BILL says that a payment failed, never why: a reason stays “Not known yet” until somebody "
    "enters it. “Seen” means that Tieout watched it happen; “Inferred”, that it was so when first "
    "read, and its day is that of BILL's last change."
)


def body(view: View) -> None:
    """One chart, one table."""
    if not reads.figures(view, "failed_payments").rows:
        empty.show(
            "No payment failed",
            "Online payments that are returned, voided or canceled would be listed here.",
            icon=":material/check_circle:",
        )
        return
    code = currency.choose(view)
    if code:
        _chart(view, code)
    _table(view)


def _chart(view: View, code: str) -> None:
    since = first_of_months(view.as_of, 24)
    found = reads.figures(view, "failed_payments_by_month", currency=code, from_on=since).records()
    counts = {row["month"]: row["count"] for row in found}
    amounts = {row["month"]: row["amount"] for row in found}
    months = months_up_to(view.as_of, 24)
    chart.show(
        view,
        "Failed payments by month",
        "failures",
        (code,),
        lambda colours: charts.failures(counts, amounts, months, code, colours),
    )


def _table(view: View) -> None:
    with st.container(border=True):
        st.subheader("Every failed payment", anchor=False)
        st.caption(WHY)
        opened = table.show(view, "failed_payments", COLUMNS, opens="customer_id")
    if opened:
        navigation.to(navigation.CUSTOMERS, customer=opened)


if __name__ == "__main__":
    page.show(navigation.FAILED_PAYMENTS, body)
