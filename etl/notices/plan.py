"""Who is written to now, and who would be but is not: grouped by customer, kind and day."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy.orm import Session

from etl.actions.facts import Customer
from etl.mail.address import bare, is_address
from etl.notices.line import Line, Planned, Withheld
from etl.notices.lines import Finder, campaigns_of
from etl.store import letters
from etl.store.access import Grant
from etl.store.letters import KINDS, Draft
from etl.store.payers import paying, promised
from etl.store.suppressions import SUPPRESSED, suppressed
from etl.warehouse.snapshot import Snapshot

__all__ = ["Plan", "Planner", "draft_of"]


@dataclass(frozen=True, slots=True)
class Plan:
    """The letters to write, and the customers who get none of theirs."""

    letters: tuple[Planned, ...]
    withheld: tuple[Withheld, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """Why customers are not written to: suppressed, or not asked for money that is to come."""

    addresses: Mapping[str, str]
    phones: Mapping[str, str]
    customers: Mapping[str, str]
    invoices: Mapping[str, str]
    promises: Mapping[str, date]
    paying: Mapping[str, int]

    def reason(self, kind: str, customer: Customer, phone: str | None = None) -> str | None:
        """Why a customer gets no letter of a kind now, or no text message to that `phone`, which is
        empty where there is none; None where they may have it."""
        return next(self._reasons(kind, customer, phone), None)

    def _reasons(self, kind: str, customer: Customer, phone: str | None) -> Iterator[str]:
        if customer.id in self.customers:
            yield f"The customer is suppressed: {self.customers[customer.id]}"
        if customer.is_archived:
            yield "The customer is archived in BILL."
        if kind == "reminder" and customer.id in self.promises:
            yield f"The customer promised to pay on {self.promises[customer.id]}."
        if kind != "receipt" and customer.id in self.paying:
            yield f"A payment is on its way: receipt {self.paying[customer.id]} of the outbox."
        if phone is None:
            yield from self._of_address(bare(customer.email or ""))
        elif not phone:
            yield "BILL has no telephone number of the customer with a sure country."
        elif phone in self.phones:
            yield f"The telephone is suppressed: {self.phones[phone]}"

    def _of_address(self, address: str) -> Iterator[str]:
        if not is_address(address):
            yield "BILL has no e-mail address of the customer."
        if address in self.addresses:
            yield f"The address is suppressed: {self.addresses[address]}"


class Planner:
    """Plans one tenant's letters of one day, from one snapshot and what the store knows.

    `read_at` is when BILL was last read to the end; `channel` that of text messages, none for mail.
    """

    def __init__(
        self,
        session: Session,
        grant: Grant,
        snapshot: Snapshot,
        today: date,
        read_at: datetime,
        *,
        channel: str = "",
    ) -> None:
        self._channel = channel
        self._campaigns = campaigns_of(grant.preferences, by_sms=bool(channel))
        self._session = session
        self._grant = grant
        self._today = today
        self._silence = _silence(session, grant.tenant_id, today, read_at)
        self._finder = Finder(snapshot, today, frozenset(self._silence.invoices))

    def plan(self) -> Plan:
        """Every letter that is due now of the kinds that are on; at most one of a kind a day."""
        planned: list[Planned] = []
        withheld: list[Withheld] = []
        day, tenant_id = self._today.isoformat(), self._grant.tenant_id
        written = letters.written_on(self._session, tenant_id, day, self._channel)
        for kind, lines in self._untold():
            busy = written.get(kind, set()).union(*_of_the_day(kind, written, planned))
            found = self._letters(kind, [line for line in lines if line.customer_id not in busy])
            planned += (one for one in found if isinstance(one, Planned))
            withheld += (one for one in found if isinstance(one, Withheld))
        return Plan(tuple(planned), tuple(withheld))

    def standing(self, kind: str, customer_id: str) -> tuple[Planned | None, str]:
        """What a letter of a kind may still tell a customer; None, with the reason, for nothing."""
        campaign = self._campaigns.get(kind)
        if campaign is None:
            return None, "Letters of this kind were switched off."
        lines = self._finder.standing(kind, campaign, customer_id)
        customer = self._finder.customers([customer_id]).get(customer_id)
        if customer is None or not lines:
            return None, "What it was to tell is over."
        letter = self._letter(kind, customer, tuple(lines.values()))
        return (letter, "") if isinstance(letter, Planned) else (None, letter.reason)

    def _untold(self) -> Iterable[tuple[str, list[Line]]]:
        for kind in (kind for kind in KINDS if kind in self._campaigns):
            yield kind, self._finder.untold(kind, self._campaigns[kind], self._told)

    def _told(self, kind: str, ids: Sequence[str]) -> Collection[tuple[str, int]]:
        told_as = _told_as(kind, self._channel)
        return letters.told(self._session, self._grant.tenant_id, told_as, ids)

    def _letters(self, kind: str, lines: list[Line]) -> list[Planned | Withheld]:
        lines.sort(key=lambda line: line.customer_id)
        customers = self._finder.customers(sorted({line.customer_id for line in lines}))
        return [
            self._letter(kind, customers.get(customer_id) or _unknown(customer_id), tuple(group))
            for customer_id, group in groupby(lines, lambda line: line.customer_id)
        ]

    def _letter(self, kind: str, customer: Customer, lines: tuple[Line, ...]) -> Planned | Withheld:
        phone = self._finder.phones([customer.id]).get(customer.id, "") if self._channel else None
        reason = self._silence.reason(kind, customer, phone)
        if reason:
            return Withheld(kind, customer.id, customer.name, reason, lines)
        zone = self._finder.zones([customer.id]).get(customer.id, "")
        return Planned(kind, customer, lines, self._channel, phone or "", zone)


def _told_as(kind: str, channel: str) -> str:
    """A text message tells nothing away from a mail, and the other way round."""
    return f"{kind}:sms" if channel else kind


def _unknown(customer_id: str) -> Customer:
    """A customer that BILL does not list."""
    return Customer(customer_id, customer_id, "")


def _of_the_day(
    kind: str, written: Mapping[str, set[str]], planned: Sequence[Planned]
) -> Iterable[set[str]]:
    """Those who hear of something else that day: they are reminded of the rest the next."""
    if kind != "reminder":
        return ()
    return (*written.values(), {one.customer.id for one in planned})


def _silence(session: Session, tenant_id: int, today: date, read_at: datetime) -> Silence:
    found: dict[str, dict[str, str]] = {kind: {} for kind in SUPPRESSED}
    for row in suppressed(session, tenant_id):
        found[row.kind][row.value] = row.reason
    return Silence(
        found["address"],
        found["phone"],
        found["customer"],
        found["invoice"],
        promised(session, tenant_id, today),
        paying(session, tenant_id, read_at),
    )


def draft_of(planned: Planned, today: date) -> Draft:
    """The row of a letter: one of a kind a customer and day, and one by text message."""
    once = f"{today}:{planned.kind}:{planned.customer.id}"
    return Draft(
        kind=planned.kind,
        once=f"{once}:sms" if planned.channel else once,
        recipients=(planned.address,),
        tells=tuple((line.document_id, line.step) for line in planned.lines),
        customer_id=planned.customer.id,
        about=planned.customer.name,
        channel=planned.channel,
        told_as=_told_as(planned.kind, planned.channel),
    )
