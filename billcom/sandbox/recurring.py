"""Recurring invoices: templates, and the invoices that time writes from them."""

from datetime import timedelta
from decimal import Decimal

from billcom.sandbox import invoices
from billcom.sandbox.arithmetic import line_amount
from billcom.sandbox.errors import BusinessRuleError
from billcom.sandbox.fields import Fields, without_gaps
from billcom.sandbox.lines import merged_lines, read_classifications, read_lines, with_ids
from billcom.sandbox.schedules import PERIODS, is_running, moved_on, written_at, written_on
from billcom.sandbox.state import BookState, find, shelve, touched
from billcom.sandbox.values import day
from billcom.sandbox.wire import Record, rows

LINES = "recurringInvoiceLineItems"
_LINE_PREFIX = "ril"
# Further back there would be more invoices to catch up on than anybody can mean.
_FURTHEST_BACK = timedelta(days=2 * 366)


def create(state: BookState, body: object) -> Record:
    """Set up a template; invoices for dates gone by are written at once."""
    fields = Fields(body)
    given = _read(state, fields, required=True)
    lines = read_lines(fields, LINES, required=True)
    fields.check()
    template = {
        "id": state.ids.new("rin"),
        "archived": False,
        **given,
        LINES: with_ids(lines, state.ids, _LINE_PREFIX),
        "createdTime": state.now_text(),
    }
    return _store(state, template)


def replace(state: BookState, template_id: str, body: object) -> Record:
    """Replace a template's fields and lines; invoices written from it stay."""
    template = find(state.recurring_invoices, template_id)
    fields = Fields(body)
    given = _read(state, fields, required=True)
    lines = read_lines(fields, LINES, required=True)
    fields.check()
    kept = with_ids(merged_lines(rows(template, LINES), lines, adding=True), state.ids, "ril")
    return _store(state, {**template, **given, LINES: kept})


def change(state: BookState, template_id: str, body: object) -> Record:
    """Change the fields that are given, and lines by their id."""
    template = find(state.recurring_invoices, template_id)
    fields = Fields(body)
    given = _read(state, fields, required=False)
    lines = read_lines(fields, LINES, required=False)
    fields.check()
    schedule = {**template.get("schedule", {}), **given.get("schedule", {})}
    kept = merged_lines(rows(template, LINES), lines, adding=False)
    return _store(state, {**template, **given, "schedule": schedule, LINES: kept})


def set_archived(state: BookState, template_id: str, *, archived: bool) -> Record:
    """Archive or restore; what fell due while it was archived is caught up on."""
    template = shelve(state, state.recurring_invoices, template_id, archived=archived)
    plan(state, template_id)
    return template


def plan(state: BookState, template_id: str) -> None:
    """Put the template's next invoice on the agenda."""
    template = state.recurring_invoices[template_id]
    if template.get("archived") or not is_running(template["schedule"]):
        return
    at = max(written_at(template["schedule"]), state.now())
    state.agenda.add(at, lambda: _write_next(state, template_id))


def _write_next(state: BookState, template_id: str) -> None:
    # An older plan of a template that has been changed since finds nothing to do.
    template = state.recurring_invoices[template_id]
    schedule = template["schedule"]
    is_due = is_running(schedule) and written_at(schedule) <= state.now()
    if template.get("archived") or not is_due:
        return
    _write(state, template)
    anchor = state.anchor_days.get(template_id, day(schedule["nextDueDate"]).day)
    moved = {**template, "schedule": moved_on(schedule, anchor)}
    state.recurring_invoices.put(touched(state, moved))
    plan(state, template_id)


def _write(state: BookState, template: Record) -> None:
    customer_id, schedule = template["customerId"], template["schedule"]
    fields = without_gaps(
        invoiceNumber=schedule["nextDueDate"],
        invoiceDate=written_on(schedule).isoformat(),
        dueDate=schedule["nextDueDate"],
        classifications=template.get("classifications"),
    )
    names = ("description", "price", "quantity", "taxable", "classifications")
    lines = [{name: line[name] for name in names if name in line} for line in rows(template, LINES)]
    send = bool(template.get("sendEmail"))
    invoices.write(state, customer_id, fields, lines, send=send)


def _store(state: BookState, template: Record) -> Record:
    unit = state.unit(template["customerId"])
    lines = [{**line, "amount": line_amount(line, unit)} for line in template[LINES]]
    if sum((line["amount"] for line in lines), Decimal(0)) < 0:
        raise BusinessRuleError("An invoice cannot be negative; write a credit memo.")
    before = state.recurring_invoices.get(template["id"], {}).get("schedule", {})
    schedule = template["schedule"]
    if schedule.get("nextDueDate") != before.get("nextDueDate"):
        state.anchor_days[template["id"]] = day(schedule["nextDueDate"]).day
    stored = state.recurring_invoices.put(touched(state, {**template, LINES: lines}))
    plan(state, template["id"])
    return stored


def _read(state: BookState, fields: Fields, *, required: bool) -> Record:
    customer_id = fields.text("customerId", required=required)
    if customer_id is not None and customer_id not in state.customers:
        raise BusinessRuleError(f"There is no customer {customer_id} to invoice.")
    schedule = fields.child("schedule")
    if schedule is None and required:
        fields.problem("schedule", "must not be null")
    return without_gaps(
        customerId=customer_id,
        description=fields.text("description"),
        schedule=schedule and _read_schedule(state, schedule, required=required),
        classifications=read_classifications(fields),
        sendEmail=fields.flag("sendEmail"),
    )


def _read_schedule(state: BookState, fields: Fields, *, required: bool) -> Record:
    due = fields.date("nextDueDate", required=required)
    end = fields.date("endDate")
    if due is not None and day(due) < state.today() - _FURTHEST_BACK:
        fields.problem("nextDueDate", "must be at most two years ago")
    if due is not None and end is not None and end < due:
        fields.problem("endDate", "must not be before nextDueDate")
    return without_gaps(
        period=fields.choice("period", PERIODS, required=required),
        frequency=fields.whole("frequency", 1, 999, required=required),
        nextDueDate=due,
        endDate=end,
        daysInAdvance=fields.whole("daysInAdvance", 0, 365),
    )
