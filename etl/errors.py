"""What a person did, or left undone, that keeps a command or page from going on.

    TieoutError
     +-- SettingsError      an environment variable is wrong
     +-- UsageError         an argument makes no sense; the command exits with 2
     +-- NotAllowedError    this user may not see or do that
     +-- SignedOutError     this user's visit is over
     +-- UnknownTenantError there is no such tenant
     +-- RunRefusedError    another run of the tenant is under way
     +-- NoSnapshotError    nothing has been published for the tenant yet
     +-- StoreError         the operational store or a secret in it cannot be read
     +-- ContractError      BILL's records changed their form, and the run is to stop there
     +-- RatesError         a file or a provider of exchange rates gives none that can be used
     +-- DeliveryError      an export or a mail did not reach its destination
     |    +-- MailRefusedError  the mail server will never take it
     |    +-- MailLostError     the mail server may have taken it, and did not say so
     +-- FleetFlowError     FleetFlow's database or webhook cannot be used
     +-- StoppingError      this process was asked to end

The text of each is one sentence that says what to do.
"""

__all__ = [
    "ContractError",
    "DeliveryError",
    "FleetFlowError",
    "MailLostError",
    "MailRefusedError",
    "NoSnapshotError",
    "NotAllowedError",
    "RatesError",
    "RunRefusedError",
    "SettingsError",
    "SignedOutError",
    "StoppingError",
    "StoreError",
    "TieoutError",
    "UnknownTenantError",
    "UsageError",
]


class TieoutError(Exception):
    """Any failure with a sentence for a person."""


class SettingsError(TieoutError):
    """A setting is wrong; the sentence names its variable."""


class UsageError(TieoutError):
    """An argument is wrong."""


class NotAllowedError(TieoutError):
    """The role does not reach that far."""


class SignedOutError(TieoutError):
    """The visit is over: it ended, or its time did."""

    def __init__(self) -> None:
        super().__init__("You are signed out: load the page again to sign in.")


class UnknownTenantError(TieoutError):
    """No such tenant, or none that this user may know of."""


class RunRefusedError(TieoutError):
    """A run of the tenant is under way already."""


class NoSnapshotError(TieoutError):
    """The tenant has nothing published yet."""


class StoreError(TieoutError):
    """The operational store cannot serve."""


class ContractError(TieoutError):
    """BILL's records of a resource changed their form, where the tenant's runs stop at that."""

    def __init__(self, tenant: str, resource: str, seen: str) -> None:
        super().__init__(
            f"{seen} The run stopped before these records; accept them with tieout tenant set "
            f"{tenant} --contract {resource}=accept."
        )


class RatesError(TieoutError):
    """A file or a provider of exchange rates gives none that can be used."""


class DeliveryError(TieoutError):
    """A file or mail did not get to where it should; it is tried again."""


class MailRefusedError(DeliveryError):
    """The mail server will not take this mail, ever; it is not tried again."""


class MailLostError(DeliveryError):
    """The mail server may have taken this mail; it is not tried again."""


class FleetFlowError(TieoutError):
    """FleetFlow's side cannot be used; what was done stays, and the rest is tried again."""


class StoppingError(TieoutError):
    """This process was asked to end, and goes on with nothing."""

    def __init__(self) -> None:
        super().__init__("The back office was stopped; the next run continues here.")
