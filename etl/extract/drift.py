"""Records whose form is another than expected: what is new of that is told once, and remembered
in the writer's file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from etl.errors import ContractError
from etl.extract.contract import CONTRACTS, Form
from etl.extract.incoming import Incoming
from etl.extract.notices import Notice
from etl.extract.plan import Step
from etl.warehouse.snapshot import Connection
from etl.warehouse.sqlfile import read_sql

__all__ = ["BROKEN_FIELD", "Watch", "any_broken"]

BROKEN_FIELD = "broken_field"
# BILL leaves out what is not set, so one record without a field says nothing.
ENOUGH_BEFORE, ENOUGH_NOW = 10, 3


@dataclass(frozen=True, slots=True)
class Watch:
    """Compares what comes with what came before. `stops` says of a resource whether the run is to
    end where its records change their form."""

    connection: Connection
    tenant: str
    notice: Callable[[Notice], None]
    stops: Callable[[str], bool]

    def heed(self, step: Step, incoming: Incoming, at: datetime) -> None:
        """Tells what is new of these records' form; ContractError where the run is to stop.

        A form that stopped a run is not remembered: the next run stops at it again.
        """
        resource = step.resource.name
        if resource not in CONTRACTS:
            return
        notices = list(self._notices(resource, incoming.form))
        for notice in notices:
            self.notice(notice)
        if notices and self.stops(resource):
            raise ContractError(self.tenant, resource, notices[0].sentence)
        self._remember(resource, incoming, notices, at)

    def _notices(self, resource: str, form: Form) -> Iterator[Notice]:
        times = dict(self._rows("fields_held", {"resource": resource}))
        told = {(kind, subject) for kind, subject in self._rows("told", {"resource": resource})}
        found = [*_new_fields(resource, form, times), *_vanished_fields(resource, form, times)]
        found += _strange_words(resource, form)
        yield from (n for n in found if (n.kind, n.subject) not in told)
        held = {tuple(row) for row in self._rows("broken_held", {"resource": resource})}
        yield from _broken_fields(resource, [pair for pair in form.broken if pair not in held])

    def _remember(
        self, resource: str, incoming: Incoming, notices: list[Notice], at: datetime
    ) -> None:
        form, of_resource = incoming.form, {"resource": resource}
        names = {"names": list(form.fields), "times": list(form.fields.values())}
        self._rows("remember_fields", of_resource | names)
        told = [n for n in notices if n.kind != BROKEN_FIELD]
        if told:
            kinds = {"kinds": [n.kind for n in told], "subjects": [n.subject for n in told]}
            self._rows("remember_told", of_resource | kinds | {"told_at": at})
        if form.broken or any_broken(self.connection):
            came = incoming.table.column("bill_id").to_pylist()
            self._rows("mended", of_resource | {"came": came})
        if form.broken:
            ids, fields = zip(*dict.fromkeys(form.broken), strict=True)
            broken = {"ids": list(ids), "fields": list(fields), "seen_at": at}
            self._rows("remember_broken", of_resource | broken)

    def _rows(self, name: str, facts: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self.connection.execute(read_sql(f"extract/sql/{name}.sql"), facts).fetchall()


def any_broken(connection: Connection) -> bool:
    """Whether any record held lacks a field that figures need."""
    return bool(connection.execute(read_sql("extract/sql/any_broken.sql")).fetchall())


def _new_fields(resource: str, form: Form, times: dict[str, int]) -> Iterator[Notice]:
    for name in sorted(form.fields.keys() - CONTRACTS[resource].fields - times.keys()):
        sentence = f"{_spelled(resource)} have a field that is new: {name}. It is kept as it comes."
        yield Notice(resource, "new_field", name, sentence)


def _vanished_fields(resource: str, form: Form, times: dict[str, int]) -> Iterator[Notice]:
    before = times.get("id", 0)
    if before < ENOUGH_BEFORE or form.fields["id"] < ENOUGH_NOW:
        return
    for name in sorted(name for name, count in times.items() if count == before):
        if not form.fields[name]:
            yield Notice(
                resource,
                "vanished_field",
                name,
                f"{_spelled(resource)} no longer have {name}, which every one had before; what "
                "came with it is kept as the version before.",
            )


def _strange_words(resource: str, form: Form) -> Iterator[Notice]:
    for name, word in sorted(form.strange):
        sentence = (
            f"{_spelled(resource)} have an unknown {name}: {word}. It is kept as it comes; "
            "figures that go by it may not count these records."
        )
        yield Notice(resource, "unknown_word", f"{name}={word}", sentence)


def _broken_fields(resource: str, pairs: list[tuple[str, str]]) -> Iterator[Notice]:
    by_field = sorted(pairs, key=lambda pair: pair[1])
    for name, group in groupby(by_field, key=lambda pair: pair[1]):
        ids = [bill_id for bill_id, _ in group]
        sentence = (
            f"{len(ids):,} {_spelled(resource).lower()} came without a readable {name}, such as "
            f"{ids[0]}: look at them in BILL; figures leave out what cannot be read."
        )
        yield Notice(resource, BROKEN_FIELD, name, sentence)


def _spelled(resource: str) -> str:
    return resource.replace("_", " ").capitalize()
