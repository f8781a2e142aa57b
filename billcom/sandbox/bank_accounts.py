"""Customers' bank accounts: added, changed, archived, and whether they may be drawn on."""

from datetime import timedelta

from billcom.sandbox.errors import BusinessRuleError
from billcom.sandbox.fields import Fields, without_gaps
from billcom.sandbox.state import BookState, find, touched
from billcom.sandbox.wire import Record

VERIFIED = "VERIFIED"
_TYPES = ("CHECKING", "SAVINGS")
_OWNERS = ("BUSINESS", "PERSONAL")
_CHECK_WEIGHTS = (3, 7, 1) * 3

# An account for books that are made and not entered.
INVENTED = {
    "nameOnAccount": "Operating account",
    "routingNumber": "021000021",
    "accountNumber": "******4417",
    "type": "CHECKING",
    "ownerType": "BUSINESS",
}


def create(state: BookState, customer_id: str, body: object) -> Record:
    """Add an account to a customer that has a billing address; its number is never shown whole."""
    customer = find(state.customers, customer_id)
    fields = Fields(body)
    given = _read(fields, required=True)
    given["routingNumber"] = _routing_number(fields)
    given["accountNumber"] = _masked_number(fields)
    fields.check()
    if "billingAddress" not in customer:
        raise BusinessRuleError("A customer with a bank account needs a billing address.")
    return add(state, customer_id, given)


def add(state: BookState, customer_id: str, given: Record) -> Record:
    """Put an account with these fields, which have been checked, into the book."""
    now = state.now_text()
    waits = state.verification_delay > timedelta(0)
    account = {
        "id": state.ids.new("cba"),
        "archived": False,
        "status": "PENDING" if waits else VERIFIED,
        **given,
        "createdTime": now,
        "updatedTime": now,
    }
    if waits:
        happening = state.now() + state.verification_delay
        state.agenda.add(happening, lambda: _verify(state, account["id"]))
    state.bank_accounts.put(customer_id, account)
    _tell_customer(state, customer_id)
    return account


def change(state: BookState, customer_id: str, account_id: str, body: object) -> Record:
    """Change what is given; the numbers of an account stay."""
    account = of_customer(state, customer_id, account_id)
    fields = Fields(body)
    given = _read(fields, required=False)
    for name in ("routingNumber", "accountNumber"):
        if fields.has(name):
            fields.problem(name, "cannot be changed")
    fields.check()
    return state.bank_accounts.put(customer_id, touched(state, {**account, **given}))


def archive(state: BookState, customer_id: str, account_id: str) -> Record:
    """Archive an account; repeating it changes nothing."""
    account = of_customer(state, customer_id, account_id)
    if account["archived"]:
        return account
    archived = state.bank_accounts.put(customer_id, touched(state, {**account, "archived": True}))
    _tell_customer(state, customer_id)
    return archived


def of_customer(state: BookState, customer_id: str, account_id: str) -> Record:
    """The customer's account; raises UnknownRecordError."""
    find(state.customers, customer_id)
    return find(state.bank_accounts.of(customer_id), account_id)


def is_chargeable(account: Record) -> bool:
    """Whether money may be drawn from it."""
    return not account["archived"] and account["status"] == VERIFIED


def _verify(state: BookState, account_id: str) -> None:
    owner = state.bank_accounts.owner(account_id) or ""
    account = {**state.bank_accounts.find(account_id), "status": VERIFIED}
    state.bank_accounts.put(owner, touched(state, account))


def _tell_customer(state: BookState, customer_id: str) -> None:
    customer = find(state.customers, customer_id)
    has_any = any(not a["archived"] for a in state.bank_accounts.of(customer_id).values())
    if customer.get("hasBankAccount", False) != has_any:
        state.customers.put(touched(state, {**customer, "hasBankAccount": has_any}))


def _read(fields: Fields, *, required: bool) -> Record:
    return without_gaps(
        nameOnAccount=fields.text(
            "nameOnAccount", required=required or fields.has("nameOnAccount"), longest=100
        ),
        nickname=fields.text("nickname", longest=100),
        type=fields.choice("type", _TYPES, required=required),
        ownerType=fields.choice("ownerType", _OWNERS, required=required),
    )


def _routing_number(fields: Fields) -> str | None:
    number = fields.text("routingNumber", required=True)
    if number is None:
        return None
    digits = [int(c) for c in number] if number.isascii() and number.isdecimal() else []
    # The ninth digit of a routing number makes this weighted sum a multiple of ten.
    total = sum(w * d for w, d in zip(_CHECK_WEIGHTS, digits, strict=False))
    if len(digits) != 9 or total == 0 or total % 10:
        fields.problem("routingNumber", "must be a valid routing number of 9 digits")
    return number


def _masked_number(fields: Fields) -> str | None:
    number = fields.text("accountNumber", required=True, longest=17)
    if number is None:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) >= 4):
        fields.problem("accountNumber", "must be 4 to 17 digits")
    return "*" * (len(number) - 4) + number[-4:]
