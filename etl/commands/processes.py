"""`tieout serve`, `dashboard`, `sandbox`: the long-running processes."""

import logging
import os
import sys

import click

from etl.balancer.serve import serve as serve_crew
from etl.commands.shared import back_office
from etl.scheduler import serve as serve_back_office
from etl.settings import ROOT, load_settings
from etl.store.engine import open_store

__all__ = ["dashboard", "dashboard_command", "processes_option", "sandbox", "serve"]

processes_option = click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many serve the pages; each browser stays with one of them.",
)


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8702,
    show_default=True,
    help="For /healthz, /readyz and /metrics, on this machine only; 0 takes a free one.",
)
def serve(port: int) -> None:
    """The back office: syncs every tenant on schedule and carries out what is proposed."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # Its lines would repeat ours for every call, with addresses and no use.
    for name in ("httpx", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)
    serve_back_office(back_office(), port)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@processes_option
def dashboard(port: int, no_browser: bool, processes: int) -> None:
    """The dashboard in a browser."""
    open_store(load_settings())  # a wrong setting is told here, not on a page
    if processes > 1:
        serve_crew(dashboard_command, processes, port, ROOT, opens=not no_browser)
        return
    os.chdir(ROOT)  # Streamlit reads .streamlit/config.toml from where it is started
    command = dashboard_command(port, opens_browser=not no_browser)
    os.execv(command[0], command)  # noqa: S606 - our own interpreter with our own arguments


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def sandbox(arguments: tuple[str, ...]) -> None:
    """Run a pretend BILL on this machine until interrupted; --help tells its options."""
    from billcom.sandbox.__main__ import main  # noqa: PLC0415 - no other command has use for it

    main.main(args=arguments, prog_name="tieout sandbox", standalone_mode=False)


def dashboard_command(port: int, *, opens_browser: bool = False) -> list[str]:
    """The command line that serves the dashboard on a port."""
    return [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(ROOT / "dashboard" / "server.py"),
        f"--server.port={port}",
        "--server.address=127.0.0.1",
        f"--server.headless={'false' if opens_browser else 'true'}",
        "--browser.gatherUsageStats=false",
    ]
