"""Actions on BILL's recurring invoices: create, update, pause (archive), resume (restore)."""

from collections.abc import Iterable
from decimal import Decimal

from billcom.resources import RECURRING_INVOICES
from billcom.traces import Effect
from etl.actions.action import Action, Preview, body_of, money
from etl.actions.facts import Book, Customer, Recurring, known_customer, known_recurring
from etl.actions.payments import marked
from etl.actions.recurring_shapes import NewRecurring, RecurringChange, Rhythm
from etl.actions.shapes import Line, Named
from etl.errors import UsageError
from etl.money import rounded

__all__ = ["RECURRING_ACTIONS"]

PERIODS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
AT_ONCE = "BILL bills dates that are over at once, one invoice each"


def _create(given: NewRecurring, book: Book) -> Preview:
    customer = _active(book, given.customer_id)
    lines = given.recurring_invoice_line_items
    if any(line.quantity is None or line.price is None for line in lines):
        raise UsageError("Every line of a recurring invoice needs a quantity and a price.")
    schedule = given.schedule
    if schedule.end_date and schedule.end_date < schedule.next_due_date:
        raise UsageError("The schedule ends before its first invoice is due: give a later end.")
    amount = _sum([(line.quantity, line.price) for line in lines], customer.currency)
    _demand_more_than_nothing(amount)
    mailed = " and send each by e-mail" if given.send_email else ""
    return Preview(
        f"BILL will bill {customer.name} {money(amount, customer.currency)} every "
        f"{_every(schedule)}{mailed}, first due {schedule.next_due_date}.",
        "",
        given.description or f"recurring invoice of {customer.name}",
        amount,
        customer.currency,
        (f"{AT_ONCE}.",),
    )


def _every(schedule: Rhythm) -> str:
    period = PERIODS[schedule.period]
    return period if schedule.frequency == 1 else f"{schedule.frequency} {period}s"


def _created(given: NewRecurring, mark: str) -> Effect:
    body = body_of(given) | {"description": marked(given.description, mark)}
    return Effect(RECURRING_INVOICES, "create", {}, body)


def _update(given: RecurringChange, book: Book) -> Preview:
    known = known_recurring(book, given.id)
    changes = body_of(given, "id")
    if not changes or changes.get("schedule") == {}:
        raise UsageError(f"Nothing is to change of {known.name}: give at least one field.")
    customer = known_customer(book, known.customer_id)
    amount = _amount_after(known, given.recurring_invoice_line_items or (), customer.currency)
    if given.recurring_invoice_line_items:
        _demand_more_than_nothing(amount)
    named = ", ".join(sorted(changes))
    return Preview(
        f"BILL will change {named} of {known.name}; it bills {customer.name} "
        f"{money(amount, customer.currency)} a time from then on. Invoices it wrote stay.",
        known.id,
        known.name,
        amount,
        customer.currency,
        _billed_again(known, given),
    )


def _amount_after(known: Recurring, changed: Iterable[Line], currency: str) -> Decimal:
    lines = {line.id: (line.quantity, line.price) for line in known.lines}
    for line in changed:
        if line.id not in lines:
            raise UsageError(f"A line of {known.name} is changed by its id: it has no such line.")
        quantity, price = lines[line.id]
        lines[line.id] = (
            quantity if line.quantity is None else line.quantity,
            price if line.price is None else line.price,
        )
    return _sum(lines.values(), currency)


def _billed_again(known: Recurring, given: RecurringChange) -> tuple[str, ...]:
    due = given.schedule.next_due_date if given.schedule else None
    if due is None or (known.next_due and due >= known.next_due):
        return ()
    return (f"{AT_ONCE}, even where it billed them before: the next is due {known.next_due} now.",)


def _pause(given: Named, book: Book) -> Preview:
    known = known_recurring(book, given.id)
    if known.is_archived:
        raise UsageError(f"{known.name} is paused already.")
    customer = known_customer(book, known.customer_id)
    return _about(
        known, customer, f"BILL will write no invoice of {known.name} until it is resumed."
    )


def _resume(given: Named, book: Book) -> Preview:
    known = known_recurring(book, given.id)
    if not known.is_archived:
        raise UsageError(f"{known.name} is not paused.")
    customer = _active(book, known.customer_id)
    following = f", next due {known.next_due}" if known.next_due else ""
    sentence = f"BILL will bill {customer.name} by {known.name} again{following}."
    return _about(known, customer, sentence, f"{AT_ONCE}, those of the pause among them.")


def _about(known: Recurring, customer: Customer, sentence: str, *warnings: str) -> Preview:
    amount = _sum([(line.quantity, line.price) for line in known.lines], customer.currency)
    return Preview(sentence, known.id, known.name, amount, customer.currency, warnings)


def _active(book: Book, customer_id: str) -> Customer:
    customer = known_customer(book, customer_id)
    if customer.is_archived:
        raise UsageError(f"{customer.name} is archived: restore the customer first.")
    return customer


def _sum(lines: Iterable[tuple[Decimal | None, Decimal | None]], currency: str) -> Decimal:
    """Before tax, every line rounded."""
    return sum(
        (rounded((q or Decimal(0)) * (p or Decimal(0)), currency) for q, p in lines), Decimal(0)
    )


def _demand_more_than_nothing(amount: Decimal) -> None:
    if amount <= 0:
        raise UsageError("A recurring invoice comes to more than 0.")


RECURRING_ACTIONS = (
    Action(
        "recurring.create", NewRecurring, _create, _created, "The recurring invoice is in BILL."
    ),
    Action(
        "recurring.update",
        RecurringChange,
        _update,
        lambda given, _mark: Effect(
            RECURRING_INVOICES, "update", {"id": given.id}, body_of(given, "id")
        ),
        "The recurring invoice is changed in BILL.",
    ),
    Action(
        "recurring.pause",
        Named,
        _pause,
        lambda given, _mark: Effect(RECURRING_INVOICES, "archive", {"id": given.id}),
        "The recurring invoice is paused in BILL.",
    ),
    Action(
        "recurring.resume",
        Named,
        _resume,
        lambda given, _mark: Effect(RECURRING_INVOICES, "restore", {"id": given.id}),
        "The recurring invoice is resumed in BILL.",
    ),
)
