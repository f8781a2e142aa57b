"""The form BILL's records are expected to have, and what of it a look at them finds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal

import msgspec

__all__ = ["CONTRACTS", "Contract", "Form", "Names", "look"]

SAMPLE = 200  # records of a batch whose field names are looked at, more where it is smaller
FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
Names = tuple[str, str, str]  # the fields that hold a record's id, its creation, its last change


@dataclass(frozen=True, slots=True)
class Contract:
    """What is known of a resource: its fields, those that figures need, and words by field."""

    fields: frozenset[str]
    amounts: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """What records were like: how often each field came in those looked at, words that are not
    known (field, word), and fields without which a record does not count (id, field)."""

    fields: Counter[str] = field(default_factory=Counter)
    strange: frozenset[tuple[str, str]] = frozenset()
    broken: tuple[tuple[str, str], ...] = ()


def _names(text: str) -> frozenset[str]:
    return frozenset(f"id createdTime updatedTime {text}".split())


# https://developer.bill.com/reference: the objects of the lists.
CONTRACTS = {
    "customers": Contract(
        _names(
            "archived name email companyName contact phone fax description invoiceCurrency "
            "accountType paymentTermId accountNumber billingAddress shippingAddress balance "
            "hasBankAccount authorizedToCharge"
        ),
        words={"accountType": frozenset({"BUSINESS", "PERSON", "NONE", "UNDEFINED"})},
    ),
    "invoices": Contract(
        _names(
            "archived recordStatus invoiceNumber invoiceDate dueDate paymentTermId customerId "
            "totalAmount dueAmount scheduledAmount creditAmount status exchangeRate createdBy "
            "invoiceLineItems payToChartOfAccountId payToBankAccountId payments classifications "
            "salesTaxItemId salesTaxTotal salesTaxPercentage enableCardPayment convenienceFee "
            "invoicePdfId processingOptions customer"
        ),
        amounts=("totalAmount", "dueAmount"),
        days=("invoiceDate",),
        ids=("customerId",),
        words={
            "status": frozenset({"OPEN", "SCHEDULED", "PARTIAL_PAYMENT", "PAID_IN_FULL"})
            | {"UNDEFINED"},
            "recordStatus": frozenset({"ACTIVE", "INACTIVE", "DRAFT", "UNDEFINED"}),
        },
    ),
    "receivable_payments": Contract(
        _names(
            "customerId invoicePayments amount unappliedAmount convenienceFeeAmount paymentDate "
            "receivablesType status fundingAccount receivablesAccount referenceNumber "
            "onlinePayment description exchangeRate createdBy"
        ),
        amounts=("amount",),
        days=("paymentDate",),
        ids=("customerId",),
        words={
            "status": frozenset({"PAID", "VOID", "SCHEDULED", "CANCELED", "ESCHEATED"})
            | {"UNDEFINED"},
            "receivablesType": frozenset({"CASH", "CHECK", "CREDIT_CARD", "ACH", "PAYPAL"})
            | {"OTHER", "VIRTUAL_CARD", "WALLET", "UNDEFINED"},
        },
    ),
    "credit_memos": Contract(
        _names(
            "customerId referenceNumber creditDate description archived salesTaxItemId "
            "payToChartOfAccountId payToBankAccountId amount appliedAmount salesTaxTotal "
            "salesTaxPercentage status creditMemoLineItems classifications usage exchangeRate "
            "createdBy"
        ),
        amounts=("amount",),
        days=("creditDate",),
        ids=("customerId",),
        words={
            "status": frozenset({"NOT_APPLIED", "PARTIALLY_APPLIED", "FULLY_APPLIED"})
            | {"IN_PROCESS", "UNDEFINED"}
        },
    ),
    "recurring_invoices": Contract(
        _names(
            "customerId description archived schedule recurringInvoiceLineItems classifications "
            "sendEmail paymentTermId salesTaxItemId salesTaxTotal salesTaxPercentage amount "
            "totalAmount payToChartOfAccountId payToBankAccountId enableCardPayment createdBy "
            "processingOptions convenienceFee"
        ),
        ids=("customerId",),
    ),
    "payment_terms": Contract(_names("name daysDue archived")),
}
NOTHING = Contract(frozenset())


def look(resource: str, names: Names, texts: Sequence[bytes]) -> tuple[list[Any], Form]:
    """Of each record of a batch its `bill_id`, `created` and `updated`, and what they are like.

    Every one is held against what figures need and the words known; of many, the names of fields
    are taken from a sample. Nothing else of them is read.
    """
    contract = CONTRACTS.get(resource, NOTHING)
    form = Form(_sample(texts) if resource in CONTRACTS else Counter())
    strange: set[tuple[str, str]] = set()
    broken: list[tuple[str, str]] = []
    strict, plain = _decoder(names, resource), _decoder(names, None)
    heads = []
    for text in texts:
        try:
            heads.append(strict.decode(text))
        except msgspec.ValidationError:  # rare: now what is wrong with it is worth the time
            heads.append(plain.decode(text))
            _judge(contract, text, strange, broken)
    return heads, replace(form, strange=frozenset(strange), broken=tuple(broken))


def _sample(texts: Sequence[bytes]) -> Counter[str]:
    step = max(1, len(texts) // SAMPLE)
    return Counter(name for text in texts[::step] for name in FIELDS.decode(text))


def _judge(
    contract: Contract,
    text: bytes,
    strange: set[tuple[str, str]],
    broken: list[tuple[str, str]],
) -> None:
    record = msgspec.json.decode(text)
    for name, known in contract.words.items():
        word = record.get(name)
        if word is not None and word not in known:
            strange.add((name, str(word)[:60]))
    needs = ((contract.amounts, _is_amount), (contract.days, _is_day), (contract.ids, _is_id))
    for names, is_readable in needs:
        broken += [(record["id"], name) for name in names if not is_readable(record.get(name))]


def _is_amount(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value[:10]))
    except ValueError:
        return False


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(value)


@cache
def _decoder(names: Names, resource: str | None) -> msgspec.json.Decoder[Any]:
    """Reads of a record what landing needs; given a resource, only where it keeps its contract,
    which is faster than looking what others do not keep."""
    contract = CONTRACTS.get(resource or "", NOTHING)
    needed: list[Any] = [("bill_id", str), *((name, int | float) for name in contract.amounts)]
    needed += [(name, date) for name in contract.days]
    needed += [(name, str) for name in contract.ids]
    words = [
        (name, Literal[tuple(sorted(known))] | None, None) for name, known in contract.words.items()
    ]
    instants = [("created", Any, None), ("updated", Any, None)]
    renamed = dict(zip(("bill_id", "created", "updated"), names, strict=True))
    return msgspec.json.Decoder(
        msgspec.defstruct("Head", [*needed, *instants, *words], rename=renamed)
    )
