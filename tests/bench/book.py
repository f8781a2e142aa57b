"""A large invented book as BILL's pages and as newline-delimited records, written once a size."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

__all__ = ["BookFiles", "changed_pages", "pages_of", "written_book"]

CUSTOMERS = 2_000
CANADIANS = 200  # the first of them
PAID_SHARE, ONLINE_SHARE, RETURNED_SHARE = 0.97, 0.4, 0.02
FIRST_DAY = date(2024, 1, 1)
DAYS = 1_000
PAGE = 100
PAGES_A_FILE = 500

CUSTOMER = (
    '{{"id":"0cu02{n:015d}","archived":false,"name":"{called} {n:05d}","companyName":"{called} '
    '{n:05d} Inc","email":"books{n}@carrier.example","invoiceCurrency":"{currency}","accountType":'
    '"BUSINESS","createdTime":"2023-12-01T10:00:00.000+00:00",'
    '"updatedTime":"2023-12-01T10:00:00.000+00:00"}}'
)
LINE = (
    '{{"id":"00f02{n:012d}{k:03d}","description":"Dispatch of load {load}, Dallas to Denver",'
    '"price":{price},"quantity":1,"classifications":{{"departmentId":"0de02LTRQWKMPZVN7k2m",'
    '"itemId":"0ii02NWRTQKLPZMX{item:04d}"}}}}'
)
INVOICE = (
    '{{"id":"00e02{n:015d}","archived":false,"recordStatus":"ACTIVE","invoiceNumber":"INV-{n}",'
    '"invoiceDate":"{on}","dueDate":"{due_on}","paymentTermId":"00p02QLRTWKMPZNV6f1g",'
    '"customerId":"0cu02{customer:015d}","totalAmount":{total},"dueAmount":{due},'
    '"scheduledAmount":0.00,"creditAmount":0.00,"status":"{status}","createdBy":'
    '"00602NBGYTRWQPLM8k1c","createdTime":"{on}T08:00:00.000+00:00","updatedTime":'
    '"{changed_on}T{hour:02d}:{minute:02d}:00.000+00:00","invoiceLineItems":[{lines}],'
    '"payToChartOfAccountId":"0ca02WKRTQLMPZNX3j8h","payments":[{payments}],'
    '"salesTaxTotal":0.00,"enableCardPayment":true,"convenienceFee":{{"percentage":2.90}},'
    '"invoicePdfId":"att02RTQWKLMPZNV7j4k"}}'
)
PART = '{{"id":"0ip02{n:015d}","amount":{total},"status":"PAID","date":"{paid_on}"}}'
PAYMENT = (
    '{{"id":"0rp02{n:015d}","customerId":"0cu02{customer:015d}","invoicePayments":[{{"invoiceId":'
    '"00e02{n:015d}","amount":{total},"paymentDate":"{paid_on}"}}],"paymentDate":"{paid_on}",'
    '"amount":{total},"unappliedAmount":0.00,"receivablesType":"{kind}","status":"{state}",'
    '"onlinePayment":{online},"createdTime":"{paid_on}T10:00:00.000+00:00",'
    '"updatedTime":"{settled_on}T10:00:00.000+00:00"}}'
)


@dataclass(frozen=True, slots=True)
class BookFiles:
    """Where a book of so many invoices was written: folders of pages, one page a line, and of
    records, one a line, each with a folder a resource."""

    folder: Path
    invoices: int

    def pages(self, resource: str) -> list[Path]:
        """The files of pages of a resource, in order."""
        return sorted((self.folder / "pages" / resource).iterdir())

    def records(self, resource: str) -> list[Path]:
        """The files of records of a resource, in order."""
        return sorted((self.folder / "records" / resource).iterdir())


def written_book(folder: Path, invoices: int, called: str = "Carrier") -> BookFiles:
    """A book on disk: 2,000 customers of this name and a number, the invoices with two lines or so,
    and what was paid."""
    book = BookFiles(folder, invoices)
    _write(folder, "customers", (_customer(n, called) for n in range(CUSTOMERS)))
    _write(folder, "invoices", (invoice for invoice, _ in _documents(invoices)))
    _write(folder, "receivable_payments", (paid for _, paid in _documents(invoices) if paid))
    return book


def _customer(n: int, called: str) -> str:
    return CUSTOMER.format(n=n, called=called, currency="CAD" if n < CANADIANS else "USD")


def _documents(count: int) -> Iterator[tuple[str, str]]:
    chance = random.Random(20261124)
    for n in range(count):
        yield _document(n, FIRST_DAY + timedelta(days=n * DAYS // count), chance)


def _document(n: int, on: date, chance: random.Random, *, extra_cents: int = 0) -> tuple[str, str]:
    cents = [chance.randrange(1_000, 90_000) for _ in range(chance.choice((1, 2, 2, 3, 4)))]
    cents[0] += extra_cents
    total = f"{sum(cents) // 100}.{sum(cents) % 100:02d}"
    is_sent = chance.random() < PAID_SHARE
    is_online = chance.random() < ONLINE_SHARE
    is_returned = is_online and chance.random() < RETURNED_SHARE
    is_paid = is_sent and not is_returned
    paid_on = on + timedelta(days=chance.randrange(5, 70))
    facts = {
        "n": n,
        "customer": chance.randrange(CUSTOMERS),
        "total": total,
        "paid_on": paid_on,
        "kind": "ACH" if is_online else "CHECK",
        "online": "true" if is_online else "false",
        "state": "VOID" if is_returned else "PAID",
        "settled_on": paid_on + timedelta(days=2 if is_returned else 0),
    }
    lines = ",".join(
        LINE.format(n=n, k=k, load=n * 7 + k, price=f"{c // 100}.{c % 100:02d}", item=c % 20)
        for k, c in enumerate(cents)
    )
    invoice = INVOICE.format(
        **facts,
        on=on,
        due_on=on + timedelta(days=30),
        due="0.00" if is_paid else total,
        status="PAID_IN_FULL" if is_paid else "OPEN",
        changed_on=on + timedelta(days=100 if extra_cents else 71),
        hour=chance.randrange(24),
        minute=chance.randrange(60),
        lines=lines,
        payments=PART.format(**facts) if is_paid else "",
    )
    return invoice, PAYMENT.format(**facts) if is_sent else ""


def changed_pages(count: int, of: int, extra_cents: int) -> Iterator[str]:
    """Pages of `count` invoices spread over a book of `of`, each so much dearer than at first."""
    chance = random.Random(7)
    numbers = range(0, of, of // count)
    texts = [
        _document(n, FIRST_DAY + timedelta(days=n * DAYS // of), chance, extra_cents=extra_cents)[0]
        for n in numbers
    ]
    yield from (_page(texts[at : at + PAGE]).decode() for at in range(0, len(texts), PAGE))


def _page(records: list[str]) -> bytes:
    return f'{{"nextPage":"more","results":[{",".join(records)}]}}'.encode()


def _write(folder: Path, resource: str, records: Iterator[str]) -> None:
    for kind in ("pages", "records"):
        (folder / kind / resource).mkdir(parents=True)
    batch: list[str] = []
    number = 0
    for record in records:
        batch.append(record)
        if len(batch) == PAGE * PAGES_A_FILE:
            _write_file(folder, resource, number, batch)
            batch, number = [], number + 1
    if batch:
        _write_file(folder, resource, number, batch)


def _write_file(folder: Path, resource: str, number: int, records: list[str]) -> None:
    name = f"{number:04d}.ndjson"
    (folder / "records" / resource / name).write_text("\n".join(records) + "\n")
    pages = [_page(records[at : at + PAGE]) for at in range(0, len(records), PAGE)]
    (folder / "pages" / resource / name).write_bytes(b"\n".join(pages) + b"\n")


def pages_of(files: list[Path]) -> Iterator[str]:
    """The bodies of pages, as a server would answer them."""
    for file in files:
        with file.open(encoding="utf-8") as lines:
            yield from lines
