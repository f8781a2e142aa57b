"""Every metric there is, by name, with the function that answers it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from etl.errors import UsageError
from etl.metrics import (
    aging,
    behaviour,
    bridge,
    cash,
    cohorts,
    collected,
    collection,
    collectors,
    concentration,
    customer_aging,
    customers,
    differences,
    dimensions,
    dso_trend,
    expected_cash,
    failing_customers,
    failure_cases,
    failure_rates,
    failure_reasons,
    failures,
    history,
    invoice_parts,
    outstanding,
    punctuality,
    receivables,
    recurring,
    retries,
    return_rates,
    revenue,
    revenue_to_date,
    standing,
    statement,
    tax,
    templates,
    unapplied,
    unconverted,
    worklist,
)
from etl.metrics.conversion import convert
from etl.metrics.figures import Figures, Metric, Question
from etl.warehouse.snapshot import Snapshot

__all__ = ["CATALOGUE", "Entry", "answer", "find_metric"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A metric and its function."""

    metric: Metric
    function: Callable[[Snapshot, Question], Figures]


CATALOGUE = {
    entry.metric.name: entry
    for entry in (
        Entry(receivables.SUMMARY, receivables.summary),
        Entry(collected.COLLECTED_SO_FAR, collected.collected_so_far),
        Entry(worklist.WORKLIST, worklist.worklist),
        Entry(worklist.WORKLIST_TOTALS, worklist.worklist_totals),
        Entry(aging.AR_AGING, aging.ar_aging),
        Entry(customer_aging.AR_AGING_BY_CUSTOMER, customer_aging.ar_aging_by_customer),
        Entry(collectors.COLLECTORS_WORKLIST, collectors.collectors_worklist),
        Entry(unapplied.UNAPPLIED_MONEY, unapplied.unapplied_money),
        Entry(receivables.AR_BY_MONTH, receivables.ar_by_month),
        Entry(receivables.OPEN_ITEMS, receivables.open_items),
        Entry(receivables.INVOICES, receivables.invoices),
        Entry(invoice_parts.INVOICE_LINES, invoice_parts.invoice_lines),
        Entry(invoice_parts.INVOICE_SETTLEMENTS, invoice_parts.invoice_settlements),
        Entry(revenue.INVOICED_BY_MONTH, revenue.invoiced_by_month),
        Entry(revenue.COLLECTED_BY_MONTH, revenue.collected_by_month),
        Entry(revenue.REVENUE_BY_MONTH, revenue.revenue_by_month),
        Entry(revenue_to_date.REVENUE_TO_DATE, revenue_to_date.revenue_to_date),
        Entry(revenue.REVENUE_BY_CUSTOMER, revenue.revenue_by_customer),
        *(Entry(metric, function) for metric, function in dimensions.REVENUE_BY_DIMENSION),
        Entry(bridge.REVENUE_BRIDGE, bridge.revenue_bridge),
        Entry(unconverted.UNCONVERTED, unconverted.unconverted),
        Entry(tax.TAX_COLLECTED, tax.tax_collected),
        Entry(differences.TAX_DIFFERENCES, differences.tax_differences),
        Entry(differences.TERMS_DIFFERENCES, differences.terms_differences),
        Entry(outstanding.DSO, outstanding.dso),
        Entry(dso_trend.DSO_BY_MONTH, dso_trend.dso_by_month),
        Entry(collection.AVERAGE_DAYS_DELINQUENT, collection.average_days_delinquent),
        Entry(collection.CEI, collection.cei),
        Entry(collection.AR_TURNOVER, collection.ar_turnover),
        Entry(punctuality.DAYS_TO_PAY, punctuality.days_to_pay),
        Entry(punctuality.DAYS_LATE, punctuality.days_late),
        Entry(punctuality.ON_TIME_RATE, punctuality.on_time_rate),
        Entry(cohorts.COLLECTION_RATE, cohorts.collection_rate),
        Entry(cohorts.AT_RISK_RATE, cohorts.at_risk_rate),
        Entry(standing.PERCENT_CURRENT, standing.percent_current),
        Entry(standing.PERCENT_OVER_91, standing.percent_over_91),
        Entry(standing.WEIGHTED_AVERAGE_AGE, standing.weighted_average_age),
        Entry(concentration.CONCENTRATION, concentration.concentration),
        Entry(concentration.CUSTOMER_SHARES, concentration.customer_shares),
        Entry(behaviour.PAYMENT_BEHAVIOUR, behaviour.payment_behaviour),
        Entry(failures.FAILED_PAYMENTS_BY_MONTH, failures.failed_payments_by_month),
        Entry(failures.FAILED_PAYMENTS, failures.failed_payments),
        Entry(failure_cases.FAILURE_CASES, failure_cases.failure_cases),
        Entry(failure_cases.FAILURE_CASE_TOTALS, failure_cases.failure_case_totals),
        Entry(failing_customers.FAILURES_BY_CUSTOMER, failing_customers.failures_by_customer),
        Entry(failure_rates.FAILURE_RATES, failure_rates.failure_rates),
        Entry(failure_rates.FAILURE_RATES_BY_MONTH, failure_rates.failure_rates_by_month),
        Entry(failure_rates.RECOVERY_RATES, failure_rates.recovery_rates),
        Entry(failure_rates.FAILURE_RECOVERY, failure_rates.failure_recovery),
        Entry(failure_reasons.FAILURE_REASONS, failure_reasons.failure_reasons),
        Entry(failure_reasons.UNKNOWN_CODE_SHARE, failure_reasons.unknown_code_share),
        Entry(retries.RETRY_YIELD, retries.retry_yield),
        Entry(retries.WASTED_RETRIES, retries.wasted_retries),
        Entry(return_rates.RETURN_RATES, return_rates.return_rates),
        Entry(recurring.RECURRING_REVENUE_MOVEMENTS, recurring.recurring_revenue_movements),
        Entry(recurring.RECURRING_REVENUE_BY_CUSTOMER, recurring.recurring_revenue_by_customer),
        Entry(templates.RECURRING_INVOICES, templates.recurring_invoices),
        Entry(cash.CASH_FORECAST, cash.cash_forecast),
        Entry(cash.CASH_FORECAST_BACKTEST, cash.cash_forecast_backtest),
        Entry(cash.CASH_FORECAST_ACCURACY, cash.cash_forecast_accuracy),
        Entry(expected_cash.EXPECTED_CASH, expected_cash.expected_cash),
        Entry(customers.CUSTOMERS, customers.customers),
        Entry(customers.CUSTOMER_CONTACTS, customers.customer_contacts),
        Entry(customers.CUSTOMER_HISTORY, customers.customer_history),
        Entry(statement.CUSTOMER_STATEMENT, statement.customer_statement),
        Entry(customers.PAYMENTS, customers.payments),
        Entry(history.RECORD_HISTORY, history.record_history),
    )
}


def find_metric(name: str) -> Entry:
    """The entry of a name; UsageError naming those there are where it is unknown."""
    try:
        return CATALOGUE[name]
    except KeyError:
        raise UsageError(
            f"There is no metric “{name}”: choose one of {', '.join(CATALOGUE)}."
        ) from None


def answer(name: str, snapshot: Snapshot, question: Question) -> Figures:
    """A metric's figures; UsageError where it is unknown, needs a customer or record, or has no
    total in the reporting currency that is asked for."""
    entry = find_metric(name)
    if entry.metric.needs_customer and not question.customer:
        raise UsageError(f"{name} is asked of one customer: name it with --customer ID.")
    if entry.metric.needs_record and not question.record:
        raise UsageError(f"{name} is asked of one record: name it with --record ID.")
    figures = entry.function(snapshot, question)
    if question.reporting is None or entry.metric.needs_reporting:
        return figures
    return replace(figures, converted=convert(entry.metric, entry.function, snapshot, question))
