import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from billcom.sandbox.__main__ import main
from etl.__main__ import cli

RECORD = '{"id":"0cu02KTRWPLMVQZX7d3f","name":"Granite Peak"}'


@contextmanager
def started(*options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "billcom.sandbox", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "customers.ndjson").write_text(RECORD, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_it_says_once_that_it_is_ready_and_stops_when_told(
    directory: Path, told: signal.Signals
) -> None:
    with started("--load", str(directory)) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        (tenant,) = ready["tenants"]
        password = {"username", "password", "sync_token_name", "sync_token_value"}
        assert set(tenant) == {"name", "organization_id", "developer_key", *password}
        with httpx.Client(base_url=ready["base_url"]) as client:
            assert client.get("/v3/health").status_code == 200
            # The connection stays open: it must not hold up the end.
            process.send_signal(told)
            out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "")


def test_the_seeded_world_has_three_tenants_and_lives() -> None:
    with started("--live", "--live-interval-s", "0.05", "--no-limits") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        ready = json.loads(process.stdout.readline())
        assert [tenant["name"] for tenant in ready["tenants"]] == [
            "Cascade Dispatch LLC",
            "Prairie Line Logistics",
            "Meridian Forwarding Inc",
        ]
        assert process.stderr.readline().startswith("Cascade Dispatch LLC: ")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=10)
        assert (process.returncode, out) == (0, "")


def test_a_bad_line_ends_it_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "customers.ndjson").write_text("{", encoding="utf-8")
    result = CliRunner().invoke(main, ["--load", str(tmp_path)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "Error: customers.ndjson, line 1 is not valid JSON.\n"


def test_a_port_in_use_ends_it_with_one_sentence(directory: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["--load", str(directory), "--port", str(port)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == (
        f"Error: Cannot listen on 127.0.0.1 port {port}: Address already in use.\n"
    )


def test_control_comes_with_a_clock_that_can_be_set(directory: Path) -> None:
    options = ("--control", "--clock-start", "2026-09-18T20:30:00Z", "--webhook-speed", "100")
    with started("--load", str(directory), *options) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["events_url"] == ready["base_url"] + "-events"
        clock = httpx.get(f"{ready['control_url']}/clock").json()
        assert clock["is_settable"]
        assert clock["now"].startswith("2026-09-18T20:3")


def test_knobs_are_turned_from_the_command_line(directory: Path) -> None:
    options = ("--knob", "unknown_path_status=403", "--knob", "time_zone=UTC")
    with started("--load", str(directory), *options) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert "control_url" not in ready
        assert httpx.get(f"{ready['base_url']}/v3/nothing").status_code == 403


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--knob", "volume=11"], "There is no knob 'volume'."),
        (["--knob", "volume"], "'volume' is not of the form NAME=VALUE."),
        (["--clock-start", "2026-09-18T20:30:00Z"], "--clock-start needs --control."),
    ],
)
def test_options_that_make_no_sense_end_it_with_one_sentence(
    directory: Path, options: list[str], sentence: str
) -> None:
    result = CliRunner().invoke(main, ["--load", str(directory), *options])
    assert result.exit_code in (1, 2)
    assert result.stdout == ""
    assert result.stderr.endswith(f"Error: {sentence}\n")


def test_the_products_own_command_passes_options_on(directory: Path) -> None:
    options = ["sandbox", "--load", str(directory), "--knob", "volume=11"]
    result = CliRunner().invoke(cli, options)
    assert result.exit_code == 1
    assert "There is no knob 'volume'." in result.stderr
