"""The customers of a seeded book, each with its habits."""

import random
from datetime import datetime, timedelta

from billcom.sandbox.arithmetic import quantum
from billcom.sandbox.bank_accounts import INVENTED, VERIFIED
from billcom.sandbox.book import Book
from billcom.sandbox.businesses import Business
from billcom.sandbox.clock import timestamp
from billcom.sandbox.freight import Tariff
from billcom.sandbox.habits import Payer, draw_habit, draw_method
from billcom.sandbox.names import SHARED_CARRIERS, Names, mailbox
from billcom.sandbox.receipts import CLOSES, OPENS, office_hours
from billcom.sandbox.wire import Record

HISTORY = timedelta(days=730)
_ARCHIVED_SHARE = 0.04
_EDITED_SHARE = 0.2


class PayerMaker:
    """Invents the customers of one business and puts them into its book."""

    def __init__(self, rng: random.Random, business: Business, book: Book, now: datetime) -> None:
        """Customers are as they stand at `now`."""
        self._rng = rng
        self._business = business
        self._book = book
        self._now = now
        self._names = Names(rng, taken=SHARED_CARRIERS)
        self._terms = {days: book.ids.new("00p") for days in sorted({*business.terms_days})}
        set_up = timestamp(now - HISTORY - timedelta(days=200))
        for days, term_id in self._terms.items():
            term = {"id": term_id, "name": f"Net {days}", "daysDue": days}
            book.payment_terms.put({**term, "createdTime": set_up, "updatedTime": set_up})

    def payers(self) -> list[Payer]:
        """All customers, in the book and as payers."""
        return [self._payer(position) for position in range(self._business.customers)]

    def _payer(self, position: int) -> Payer:
        rng = self._rng
        currency = self._currency(position)
        first = max(0.0, rng.uniform(-1.2, 0.9))
        days = rng.choice(self._business.terms_days)
        method = draw_method(rng)
        customer = self._customer(position, currency, first)
        has_account = method.online and method.receivables_type == "ACH"
        account = self._add_account(customer) if has_account else None
        customer["paymentTermId"] = self._terms[days]
        payer = Payer(
            customer=customer,
            terms_days=days,
            term_id=self._terms[days],
            habit=draw_habit(rng),
            method=method,
            tariff=Tariff(rng, currency, quantum(currency)),
            bank_account_id=account,
            first=first,
            last=1.0 if rng.random() < 0.85 else min(1.0, first + rng.uniform(0.1, 0.6)),
            weight=rng.lognormvariate(0, 0.7),
            friday_second=rng.randrange(OPENS, CLOSES),
        )
        self._book.customers.put(customer)
        return payer

    def _currency(self, position: int) -> str:
        # In turn, so that even a small book has every currency.
        shares = self._business.currencies
        cycle = [currency for currency, share in shares.items() for _ in range(share)]
        return cycle[position % len(cycle)]

    def _customer(self, position: int, currency: str, first: float) -> Record:
        rng, names = self._rng, self._names
        name = self._business.customer_name(names, position, currency)
        city = names.city(currency)
        address = names.address(city)
        created = office_hours(rng, self._joined(first))
        return {
            "id": self._book.ids.new("0cu"),
            "archived": False,
            "name": name,
            "companyName": name,
            "contact": names.person(),
            "email": mailbox(name),
            "phone": names.phone(city),
            "invoiceCurrency": currency,
            "accountType": "BUSINESS" if rng.random() < 0.93 else "PERSON",
            "paymentTermId": "",
            "accountNumber": f"{self._business.key[:2].upper()}-{1000 + position}",
            "billingAddress": address,
            **({"shippingAddress": address} if rng.random() < 0.6 else {}),
            "balance": {"amount": quantum(currency) * 0},
            "hasBankAccount": False,
            "authorizedToCharge": False,
            "createdTime": timestamp(created),
            "updatedTime": timestamp(self._edited(created)),
        }

    def _joined(self, first: float) -> datetime:
        begun = self._now - HISTORY * (1 - first)
        return begun - timedelta(days=self._rng.randrange(3, 120))

    def _edited(self, created: datetime) -> datetime:
        if self._rng.random() >= _EDITED_SHARE:
            return created
        return created + (self._now - timedelta(days=1) - created) * self._rng.random()

    def _add_account(self, customer: Record) -> str:
        account_id = self._book.ids.new("cba")
        added = {"createdTime": customer["createdTime"], "updatedTime": customer["createdTime"]}
        holder = {**INVENTED, "nameOnAccount": customer["name"]}
        account = {"id": account_id, "archived": False, "status": VERIFIED, **holder, **added}
        self._book.bank_accounts.put(customer["id"], account)
        customer["hasBankAccount"] = True
        customer["authorizedToCharge"] = self._rng.random() < 0.8
        return account_id
