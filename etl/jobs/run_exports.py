"""Carries out the scheduled exports that are due: each once, under a name of its own.

A process that is killed half way leaves its claim behind; the next makes the same file under the
same name, so that what arrived already is replaced and not doubled.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from etl.back_office import BackOffice
from etl.errors import DeliveryError, TieoutError
from etl.exports.folder import into_folder
from etl.exports.formats import FORMATS, Export, make_export
from etl.exports.mail import by_mail
from etl.exports.parcel import Parcel
from etl.exports.rhythm import Rhythm, told_day
from etl.exports.schedule import question_of
from etl.exports.signature import StorageKeys
from etl.exports.storage import into_storage
from etl.reading import Published, Reader
from etl.store import export_schedules, users
from etl.store import exports as history
from etl.store.access import Grant, command_line_grant
from etl.store.models import ExportSchedule, Tenant

__all__ = ["run_export", "run_exports"]

LOG = logging.getLogger(__name__)


def run_exports(office: BackOffice) -> int:
    """Carries out what is due; gives how many arrived."""
    with office.store.read() as session:
        waiting = export_schedules.due(session, office.clock())
    return sum(run_export(office, schedule_id) is None for schedule_id in waiting)


def run_export(office: BackOffice, schedule_id: int) -> str | None:
    """Carries one out now; None where it arrived, else the sentence that says why not."""
    with office.store.begin() as session:
        row = export_schedules.claim(session, schedule_id, office.clock())
        tenant = session.get_one(Tenant, row.tenant_id) if row else None
    if row is None or tenant is None:
        return "It is being carried out already."
    return _Run(office, row, command_line_grant(tenant)).carry_out()


@dataclass(slots=True)
class _Run:
    office: BackOffice
    row: ExportSchedule
    grant: Grant
    facts: dict[str, Any] | None = None

    def carry_out(self) -> str | None:
        try:
            published = Reader(self.office.settings, self.office.store).published(self.grant)
            made = self._made(published)
            self._end(self._deliver(made), published.seq)
        except TieoutError as error:
            return self._fail(str(error))
        except Exception as error:  # other exports go on; this one is tried again
            LOG.exception("the export %s of %s broke", self.row.name, self.grant.tenant)
            return self._fail(f"A fault of Tieout's own ({type(error).__name__}).")
        return None

    def _moment(self, published: Published) -> datetime:
        """When it was due: the same moment, and so the same file, however often it is tried."""
        if self.row.rhythm == "after_sync":
            return published.published_at
        latest = self._rhythm().latest_at(self.office.clock(), self.grant.time_zone)
        return latest or self.office.clock()

    def _rhythm(self) -> Rhythm:
        return Rhythm.of(self.row.rhythm, self.row.at_time, self.row.on_day)

    def _made(self, published: Published) -> Export:
        reader = Reader(self.office.settings, self.office.store)
        on = told_day(self.row.day_told, self._moment(published), self.grant.time_zone)
        self.facts = self._unmade(on.isoformat())
        question = question_of(self.grant, self.row.view, on, self.row.narrowing)
        figures = reader.figures(self.grant, self.row.view, question, published.seq)
        made = make_export(self.grant, figures, published, format_=self.row.format)
        self.facts = made.facts
        return made

    def _unmade(self, on: str) -> dict[str, Any]:
        return {
            "metric": self.row.view,
            "filters": self.row.narrowing,
            "as_of": on,
            "format": self.row.format,
        }

    def _deliver(self, made: Export) -> str:
        parcel = Parcel(
            name=f"{self.grant.tenant}-{self.row.name}-{made.facts['as_of']}.{self.row.format}",
            content=made.content,
            mime=FORMATS[self.row.format],
            facts_json=made.facts_json,
            title=f"{self.grant.tenant_name}: {made.facts['title']} as of {made.facts['as_of']}",
        )
        if self.row.kind == "folder":
            return into_folder(parcel, self.row.target["path"])
        if self.row.kind == "s3":
            return into_storage(parcel, self.row.target, self._keys(), self.office.clock())
        recipients = self.row.target["recipients"]
        self._refuse_strangers(recipients)
        return by_mail(parcel, recipients, self.office.settings, self.office.clock())

    def _keys(self) -> StorageKeys:
        return StorageKeys(*json.loads(self.office.box.open(self.row.secret or "")))

    def _refuse_strangers(self, recipients: list[str]) -> None:
        """Somebody may have left since it was arranged."""
        with self.office.store.read() as session:
            strangers = users.not_members(session, self.grant.tenant_id, recipients)
        if strangers:
            raise DeliveryError(
                f"{', '.join(strangers)} may not read {self.grant.tenant} any more: remove this "
                "export and add it anew without them."
            )

    def _end(self, went_to: str, seq: int) -> None:
        at = self.office.clock()
        next_due = self._rhythm().next_after(at, self.grant.time_zone)
        with self.office.store.begin() as session:
            if export_schedules.succeed(session, self.row, next_due=next_due, seq=seq, at=at):
                history.record_delivered(
                    session, self.grant, self.row.name, self.facts or {}, went_to=went_to, at=at
                )

    def _fail(self, sentence: str) -> str:
        at = self.office.clock()
        LOG.warning("the export %s of %s failed: %s", self.row.name, self.grant.tenant, sentence)
        facts = self.facts or self._unmade(told_day("today", at, self.grant.time_zone).isoformat())
        with self.office.store.begin() as session:
            if export_schedules.fail(session, self.row, sentence, at=at):
                history.record_delivered(
                    session,
                    self.grant,
                    self.row.name,
                    facts,
                    went_to=self.row.kind,
                    at=at,
                    failed=sentence,
                )
        return sentence
