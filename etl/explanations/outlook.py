"""Where recurring revenue and the cash forecast come from."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from etl.explanations.declared import Explained, Source
from etl.explanations.formulas import Cell, Formula
from etl.explanations.receivables import without_balance
from etl.explanations.workspace import Found, Workspace
from etl.metrics import cash, recurring, templates
from etl.metrics.figures import Question
from etl.metrics.outlook import LEARNED, origins
from etl.metrics.recurring import MOVES, Stretch, is_asked, month_ends, monthly, movement

__all__ = ["EXPECTED", "EXPLAINED"]

Named = tuple[Stretch, str]


def _recurring(workspace: Workspace, question: Question) -> None:
    """Schedules running at months' ends, and what each customer's change is called."""
    asked = {"as_of": question.as_of, "currency": question.currency}
    by_customer: dict[tuple[str, str], list[Named]] = defaultdict(list)
    for *facts, bill_id, description in workspace.rows("found/stretches", asked):
        stretch = Stretch(*facts)
        key = (stretch.currency, stretch.customer_id)
        by_customer[key].append((stretch, description or bill_id))
    if not by_customer:
        return
    first = min(s.from_on for named in by_customer.values() for s, _ in named)
    ends = month_ends(first, question.as_of)
    found = [one for named in by_customer.values() for one in _history(named, ends, question)]
    workspace.add(found)


def _history(named: Sequence[Named], ends: Sequence[date], question: Question) -> Iterator[Found]:
    before: list[Found] = []
    before_sum, ever = Decimal(0), False
    for end in ends:
        after = [_running(one, end) for one in named if one[0].holds(end)]
        after_sum = sum((found.amount or Decimal(0) for found in after), Decimal(0))
        if is_asked(end, question):
            yield from _of_month(named[0][0], end, before, after)
            yield from _moved(named[0][0], end, movement(before_sum, after_sum, was_ever=ever))
        before, before_sum = after, after_sum
        ever = ever or after_sum > 0


def _running(one: Named, end: date) -> Found:
    stretch, name = one
    what = f"recurring invoice, every {stretch.frequency} × {stretch.period.lower()}"
    return Found(
        what,
        end,
        stretch.currency,
        [],
        monthly(stretch),
        document=name,
        customer_id=stretch.customer_id,
    )


def _of_month(
    of: Stretch, end: date, before: Sequence[Found], after: Sequence[Found]
) -> Iterator[Found]:
    for column, running in (("start_amount", before), ("end_amount", after)):
        for found in running:
            yield Found(
                found.what,
                found.happened_on,
                of.currency,
                [column],
                found.amount,
                month=f"{end:%Y-%m}",
                document=found.document,
                customer_id=of.customer_id,
            )


def _moved(of: Stretch, end: date, moves: Mapping[str, Decimal]) -> Iterator[Found]:
    for name in MOVES:
        if moves[name]:
            yield Found(
                "change since the month before",
                end,
                of.currency,
                [name],
                moves[name],
                month=f"{end:%Y-%m}",
                customer_id=of.customer_id,
            )


def _none(_question: Question) -> list[Source]:
    return []


def _templates(question: Question) -> list[Source]:
    asked = {"currency": question.currency, "customer": question.customer}
    return [Source("inputs/recurring_invoices", asked)]


def _not_running(question: Question) -> list[Source]:
    asked = {"as_of": question.as_of, "currency": question.currency}
    return [Source("exclusions/recurring", asked)]


def _naive(question: Question, origin_on: date, weeks: int) -> Source:
    asked = {"origin_on": origin_on, "weeks": weeks, "currency": question.currency}
    return Source("inputs/forecast", asked)


def _forecast(question: Question) -> list[Source]:
    return [_naive(question, question.as_of, cash.WEEKS)]


def _backtest(question: Question) -> list[Source]:
    days = list(origins(question.as_of, cash.WEEKS))
    came = Source("inputs/came", {"origins": days, "currency": question.currency})
    return [*(_naive(question, day, 1) for day in days), came]


def _not_open(question: Question) -> list[Source]:
    return [without_balance(question)]


def _accuracy(cell: Cell) -> Sequence[str]:
    return (f"wape = the sum of |came − p50| ÷ the sum of |came|, of {cell.row['weeks']} weeks",)


MOVEMENTS = (
    Formula(
        "end_amount",
        "start_amount + new + expansion + reactivation − contraction − churn",
    ),
)
NORMALISED = (
    "a schedule's amount a month: daily × 365 ÷ 12, weekly × 52 ÷ 12, monthly × 1, yearly ÷ 12, "
    "each ÷ how many periods lie between two, rounded to the currency's digits"
)
EXPECTED = (
    "expected: every open part × the share of invoices as late that its customer paid by the end "
    "of the week, or the tenant's where few are known; what is under way on its date, as often as "
    "its method works. p10, p50 and p90: that × what came ÷ what was expected of the last "
    f"{LEARNED} weeks, at the 10th, 50th and 90th percentile"
)
BANDS = frozenset({"p10", "p50", "p90"})

EXPLAINED = (
    Explained(
        recurring.RECURRING_REVENUE_MOVEMENTS,
        _none,
        _not_running,
        keys=("month", "currency"),
        worked_out=_recurring,
        formulas=MOVEMENTS,
        both=frozenset({"end_amount"}),
        notes=(NORMALISED,),
    ),
    Explained(
        recurring.RECURRING_REVENUE_BY_CUSTOMER,
        _none,
        _not_running,
        keys=("month", "customer_id", "currency"),
        worked_out=_recurring,
        formulas=MOVEMENTS,
        both=frozenset({"end_amount"}),
        notes=(NORMALISED,),
    ),
    Explained(
        templates.RECURRING_INVOICES, _templates, _none, keys=(), part=("recurring_invoice_id",)
    ),
    Explained(
        cash.CASH_FORECAST,
        _forecast,
        _not_open,
        part=("week_from_on",),
        modelled=BANDS,
        notes=(
            EXPECTED,
            "naive: open parts by the week they are due in; overdue ones in the first",
        ),
    ),
    Explained(
        cash.CASH_FORECAST_BACKTEST,
        _backtest,
        _not_open,
        part=("week_from_on",),
        modelled=BANDS,
        notes=(EXPECTED, "actual: cash on invoices open when the week began, less what went back"),
    ),
    Explained(
        cash.CASH_FORECAST_ACCURACY,
        _backtest,
        _not_open,
        modelled=frozenset({"weeks", "wape", "naive_wape", "inside_share"}),
        notes=(
            EXPECTED,
            "naive_wape: the sum of |came − naive| ÷ the sum of |came|",
            "inside_share: weeks in which what came lay between p10 and p90 ÷ weeks",
        ),
        steps=_accuracy,
    ),
)
