"""What became of one record: its versions, and what each changed."""

from etl.metrics.figures import Column, Figures, Metric, Question, ask
from etl.warehouse.snapshot import Snapshot

__all__ = ["RECORD_HISTORY", "record_history"]

RECORD_HISTORY = Metric(
    name="record_history",
    title="History of a record",
    unit="count",
    grain="version, field",
    owner="finance",
    definition=(
        "Every version of a record that was seen in BILL up to a day, oldest first, with the "
        "fields it changed and what they were before."
    ),
    page="Invoices",
    columns=(
        Column("resource", "text", "Kind"),
        Column("record_id", "id", "Record id"),
        Column("version", "count", "Version", adds_up=False),
        Column("observed_at", "text", "Seen"),
        Column("updated_at", "text", "Changed at BILL"),
        Column("run_id", "count", "Run", adds_up=False),
        Column("field", "text", "Field"),
        Column("before", "text", "Before"),
        Column("after", "text", "After"),
    ),
    parameters=("as_of", "record"),
    needs_record=True,
)


def record_history(snapshot: Snapshot, question: Question) -> Figures:
    """One record's versions: see RECORD_HISTORY."""
    return ask(RECORD_HISTORY, snapshot, question)
