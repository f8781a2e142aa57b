"""A book in which every text a person can type is hostile; its amounts are those of any other."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any

from billcom.sandbox.book import Book
from billcom.sandbox.businesses import CASCADE
from billcom.sandbox.wire import Record

# Nobody's: what asks for anything there was made to by a text.
ELSEWHERE = "evil.example"
SCRIPT = (
    f'<script>window.hacked = 1</script><img src="https://{ELSEWHERE}/a.png" '
    'onerror="window.hacked = 1">'
)
FORMULA = f'=HYPERLINK("https://{ELSEWHERE}/b","Pay here")'
SQL = "Robert'; DROP TABLE invoices; --"
MARKDOWN = (
    f"**$x^2$** [pay](javascript:window.hacked=1) ![p](https://{ELSEWHERE}/c.png) :red[paid] "
    ":material/check: `code` # | a |"
)
LINK = f"Pay at https://{ELSEWHERE}/d or www.{ELSEWHERE} now"
RIGHT_TO_LEFT = "\u202eLLC wolraH\u202c \u200fשלום\u200e"
EMOJI = "🚚 👩‍👩‍👧 🇺🇸 漢字 Zürich é \U000e0041"
LINES = "two\r\n\r\n# lines\n\n    code\t| a |\n---\n> quoted\x1b[31m"
ENTITIES = "&lt;b&gt; &#60;script&#62; &amp;"
BRACES = "{customer} %(name)s %s {{7*7}} ${7*7} \\n \\"
TEMPLATE = "-1+1|cmd' /C calc'!A0"
LONG = "W" * 10_000
TEXTS = (
    SCRIPT,
    FORMULA,
    SQL,
    MARKDOWN,
    LINK,
    RIGHT_TO_LEFT,
    EMOJI,
    LINES,
    ENTITIES,
    BRACES,
    TEMPLATE,
    LONG,
)
BUSINESS = replace(CASCADE, key="hostile", name=SCRIPT, customers=len(TEXTS), invoices=120)

PERSONS = frozenset({"firstName", "lastName", "name", "companyName", "shortName", "nickname"})
PLACES = frozenset({"line1", "line2", "city", "stateOrProvince", "zipOrPostalCode", "phone"})
DOCUMENTS = frozenset({"invoiceNumber", "referenceNumber", "description", "accountNumber", "email"})
TYPED = PERSONS | PLACES | DOCUMENTS
FILED = {
    "itemId": "items",
    "departmentId": "departments",
    "locationId": "locations",
    "jobId": "jobs",
    "accountingClassId": "accounting-classes",
}


def poison(book: Book) -> None:
    """Puts the texts in turn into every field of every record that somebody types."""
    texts: dict[str, Iterator[str]] = defaultdict(lambda: cycle(TEXTS))
    _file(book)
    for name, table in book.tables.items():
        said = {"receivable-payments": ("referenceNumber", "description")}.get(name, ())
        for record in list(table.values()):
            table.put(_poisoned({**dict.fromkeys(said, ""), **record}, texts))


def _file(book: Book) -> None:
    """Files every line of an invoice, so that dimensions have figures."""
    places = {field: _ids(book, f"classifications/{name}") for field, name in FILED.items()}
    for invoice in list(book.invoices.values()):
        lines = [
            line | {"classifications": {field: next(ids) for field, ids in places.items()}}
            for line in invoice["invoiceLineItems"]
        ]
        book.invoices.put({**invoice, "invoiceLineItems": lines})


def _ids(book: Book, register: str) -> Iterator[str]:
    table = book.registers[register]
    return cycle([key for key, record in table.items() if record.get("type") != "SALES_TAX"])


def _poisoned(record: Record, texts: dict[str, Iterator[str]]) -> Record:
    return {field: _value(field, value, texts) for field, value in record.items()}


def _value(field: str, value: Any, texts: dict[str, Iterator[str]]) -> Any:
    if isinstance(value, dict):
        return _poisoned(value, texts)
    if isinstance(value, list):
        return [_value(field, one, texts) for one in value]
    if field not in TYPED or not isinstance(value, str):
        return value
    return next(texts[field]) + ("@x.example" if field == "email" else "")
