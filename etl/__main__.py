"""The `tieout` command.

Exit codes: 0 success, 1 failure with one sentence on stderr, 2 wrong usage. `--json` prints one
JSON document on stdout and nothing else there; progress goes to stderr, and only to a terminal.
"""

import os
import sys
import traceback
from collections.abc import Sequence

import click
from sqlalchemy.exc import SQLAlchemyError

from billcom.errors import BillError
from etl.commands import (
    act,
    close,
    data,
    demo,
    doctor,
    explain,
    export_schedules,
    exports,
    failures,
    fleetflow,
    notices,
    outbox,
    processes,
    rates,
    schedules,
    tenants,
    tie_out,
    users,
    webhooks,
)
from etl.errors import TieoutError, UsageError

__all__ = ["cli", "main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tieout")
def cli() -> None:
    """Tieout: the receivables desk for businesses that bill through BILL."""


for command in (
    demo.demo,
    doctor.doctor,
    tenants.tenant,
    users.user,
    data.sync,
    data.runs,
    data.metric,
    data.export,
    exports.export_history,
    export_schedules.export_schedule,
    tie_out.tie_out,
    close.close,
    close.restatements,
    rates.rates,
    explain.explain,
    failures.failures,
    act.act,
    outbox.outbox,
    fleetflow.fleetflow,
    schedules.schedules,
    notices.notices,
    webhooks.webhooks,
    processes.serve,
    processes.dashboard,
    processes.sandbox,
):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code; a fault never shows a traceback."""
    try:
        result = cli.main(args=arguments, prog_name="tieout", standalone_mode=False)
    except BrokenPipeError:
        # The reader of our output has gone; nothing is left to say to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - no traceback, whatever it was
        return _fail(error)
    return result if isinstance(result, int) else 0


def _fail(error: BaseException) -> int:
    sentence, code = _told(error)
    click.echo(" ".join(sentence.split()), err=True)
    if os.environ.get("TIEOUT_DEBUG"):
        traceback.print_exception(error)
    return code


def _told(error: BaseException) -> tuple[str, int]:
    """One sentence and the exit code of any failure."""
    match error:
        case click.UsageError():
            return error.format_message(), 2
        case click.ClickException():
            return error.format_message(), 1
        case TieoutError() | BillError():
            return str(error), 2 if isinstance(error, UsageError) else 1
        case SQLAlchemyError():
            reason = str(getattr(error, "orig", None) or type(error).__name__)
            return f"The operational store failed ({reason}): nothing was changed.", 1
        case KeyboardInterrupt() | click.Abort():
            return "Stopped.", 130
    kind = f"{type(error).__name__}: {error}"
    return f"A fault of Tieout's own ({kind}); TIEOUT_DEBUG=1 shows where.", 1


if __name__ == "__main__":
    sys.exit(main())
