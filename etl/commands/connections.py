"""The connection that a command is given: from the BILLCOM_ variables, or asked for."""

import sys

import click

from billcom.session import Credentials
from etl.errors import UsageError
from etl.settings import bill_environment

__all__ = ["confirm", "given_credentials", "given_environment"]

PROMPTS = {
    "BILLCOM_API_KEY": "Developer key",
    "BILLCOM_USERNAME": "User name (or sync token name)",
    "BILLCOM_PASSWORD": "Password (or sync token value)",
    "BILLCOM_ORG_ID": "Organization id",
}


def given_credentials() -> Credentials:
    """The credentials; UsageError where one is not set and nobody is there to be asked."""
    given = bill_environment()
    facts = {name: given.get(name) or _ask(name) for name in PROMPTS}
    return Credentials(
        organization_id=facts["BILLCOM_ORG_ID"].strip(),
        username=facts["BILLCOM_USERNAME"].strip(),
        developer_key=facts["BILLCOM_API_KEY"].strip(),
        password=facts["BILLCOM_PASSWORD"],
    )


def _ask(name: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError(f"{name} is not set, and there is no terminal to ask for it.")
    is_secret = name in {"BILLCOM_API_KEY", "BILLCOM_PASSWORD"}
    return str(click.prompt(PROMPTS[name], hide_input=is_secret))


def given_environment(option: str | None) -> str:
    """The name of BILL's world that was chosen; UsageError where none was."""
    chosen = option or bill_environment().get("BILLCOM_ENVIRONMENT")
    if not chosen:
        raise UsageError("Say --environment sandbox or --environment production.")
    return chosen


def confirm(question: str, *, yes: bool, otherwise: str) -> None:
    """Asks a person and stops where they say no; `otherwise` is the UsageError without one."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(otherwise)
    click.confirm(question, abort=True)
